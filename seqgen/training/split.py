"""The split into training, validation and held-out items; near-duplicates stay together."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import DataError

#: The group of each item, ``(N,)``: numbers or strings.
Groups = Sequence[Any] | NDArray[np.int64]
#: Each part needs at least one group.
MIN_GROUPS = 3
#: A larger difference from the requested share of the items is explained.
MAX_DIFFERENCE = 0.03


@dataclass(frozen=True, slots=True)
class Split:
    """Indices of the items in each part, ascending.

    ``split_items`` and ``fold_items`` return arrays of 8 bytes per index: tuples of integers take
    five times the memory, hundreds of megabytes for a large corpus.

    Args:
        train: The items to train on.
        validation: The items for early stopping and the choice of the n-gram and its weight.
        held_out: The items that are scored once, at the end.
    """

    train: Sequence[int]
    validation: Sequence[int]
    held_out: Sequence[int]


def split_items(groups: Groups, validation: float, held_out: float, seed: int) -> Split:
    """Split items by groups, so that no group is in two parts.

    A group larger than validation or held-out part goes to the training items if possible.

    Args:
        groups: The group of each item; equal items must have the same group.
        validation: The share of the validation items, 0 to 1; at least one group.
        held_out: The share of the held-out items, likewise.
        seed: The seed of the order of groups.

    Raises:
        DataError: There are fewer than three groups.
    """
    codes, order = _shuffle_groups(groups, seed)
    rest, scored = _take(codes, order, math.ceil(held_out * len(groups)), leave=2)
    return _take_validation(codes, rest, scored, math.ceil(validation * len(groups)))


def fold_items(groups: Groups, folds: int, validation: float, seed: int) -> Iterator[Split]:
    """Split items by groups into folds; each item is held out in one of them.

    Args:
        groups: As for ``split_items``.
        folds: The number of folds, at least 2.
        validation: The share of the validation items in each fold.
        seed: The seed of the order of groups.

    Raises:
        DataError: There are too few groups.
    """
    codes, order = _shuffle_groups(groups, seed)
    if len(order) < folds or len(order) - math.ceil(len(order) / folds) < MIN_GROUPS - 1:
        raise DataError(
            f"{len(order)} different item(s) or group(s) for {folds} folds: each fold needs at "
            "least one, and two others for training and validation; add data, or use fewer folds"
        )
    for fold in range(folds):
        rest = order[np.arange(len(order)) % folds != fold]
        count = math.ceil(validation * len(groups))
        yield _take_validation(codes, rest, order[fold::folds], count)


def describe_shares(groups: Groups, split: Split, validation: float, held_out: float) -> str:
    """Why the parts do not have the requested shares, or a large group is in the training part.

    Args:
        groups: As for ``split_items``.
        split: Its result.
        validation: The requested share of the validation items.
        held_out: The requested share of the held-out items.

    Returns:
        Empty if the parts are as requested.
    """
    count = len(groups)
    wanted = (math.ceil(validation * count), math.ceil(held_out * count))
    off = max(abs(len(split.validation) - wanted[0]), abs(len(split.held_out) - wanted[1]))
    largest = int(np.bincount(_codes(groups)).max())
    if largest == 1:
        return ""
    if off > MAX_DIFFERENCE * count:
        return (
            f"not the shares of {validation:.0%} and {held_out:.0%}: items of one group "
            "(near-duplicates, or a group of the domain) are in one part; the largest group has "
            f"{largest:,} of {count:,} items"
        )
    if largest > min(wanted):
        return (
            "the largest group of items (chains of near-duplicates, or a group of the domain), "
            f"{largest:,} of {count:,}, is in the training part, as it is larger than another part"
        )
    return ""


def _shuffle_groups(groups: Groups, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The number of each item's group, ``(N,)``, and these numbers in random order."""
    codes = _codes(groups)
    count = int(codes.max()) + 1
    if count < MIN_GROUPS:
        raise DataError(
            f"{count} different item(s) or group(s) in the corpus: at least {MIN_GROUPS} are "
            "needed, one each for training, validation and scoring; add data"
        )
    rng = np.random.Generator(np.random.Philox(key=[seed, 0]))
    return codes, rng.permutation(count)


def _codes(groups: Groups) -> NDArray[np.int64]:
    """The numbers of groups, from 0 in order of appearance."""
    _, first, sorted_codes = np.unique(np.asarray(groups), return_index=True, return_inverse=True)
    codes: NDArray[np.int64] = np.argsort(np.argsort(first))[sorted_codes]
    return codes


def _take_validation(
    codes: NDArray[np.int64], order: NDArray[np.int64], scored: NDArray[np.int64], count: int
) -> Split:
    """The split with ``scored`` held out and ``count`` other items for validation."""
    rest, validation = _take(codes, order, count, leave=1)
    part = np.empty(int(codes.max()) + 1, np.int8)
    for number, chosen in enumerate((rest, validation, scored)):
        part[chosen] = number
    parts = part[codes]
    return Split(*(array("q", np.flatnonzero(parts == number).tobytes()) for number in range(3)))


def _take(
    codes: NDArray[np.int64], order: NDArray[np.int64], count: int, leave: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Take groups from the end of the order until they have ``count`` items.

    At least ``leave`` groups remain, and so do groups of more than ``count`` items, unless all
    are that large: chains of short near-duplicates can be a third of a list, which would be all
    that is scored, with few items to train on.

    Returns:
        The remaining groups and the taken ones, both in order.
    """
    sizes = np.bincount(codes)[order]
    fitting = np.flatnonzero(sizes <= count) if (sizes <= count).any() else np.arange(len(order))
    fitting = fitting[::-1]
    enough = int(np.searchsorted(np.cumsum(sizes[fitting]), count)) + 1 if count else 0
    taken = np.sort(fitting[: min(enough, len(order) - leave)])
    return np.delete(order, taken), order[taken]


Hashes = NDArray[np.uint64]
#: Larger corpora are grouped by equality only: near-duplicates take a hash per token.
MAX_ITEMS = 200_000
#: Longer items are compared for equality only; a domain groups their near-duplicates itself.
MAX_LENGTH = 64


def group_near_duplicates(
    groups: Sequence[Hashable], sequences: Sequence[NDArray[np.int32]]
) -> tuple[NDArray[np.int64], bool]:
    """Merge the groups of near-duplicates, or only those of equal items.

    If most items were in one group, as numbered names are, there would be nothing to split. Then
    only the groups of equal items are merged, if that avoids it.

    Args:
        groups: The group of each item, such as the domain's.
        sequences: The token ids of each item.

    Returns:
        The group of each item, ``(N,)``, and whether near-duplicates are in different groups.
    """
    merged = merge_groups(groups, sequences)
    if _has_majority(merged):
        equal = merge_groups(groups, sequences, near=False)
        if not _has_majority(equal):
            return equal, True
    return merged, False


def _has_majority(groups: NDArray[np.int64]) -> bool:
    """Whether one group has more than half of the items."""
    return bool(np.bincount(groups).max() > len(groups) / 2)


def merge_groups(
    groups: Sequence[Hashable], sequences: Sequence[NDArray[np.int32]], near: bool = True
) -> NDArray[np.int64]:
    """Merge the groups of items that are one substitution, insertion or deletion apart.

    By deletion neighborhoods (T. Bocek et al., "Fast similarity search in large dictionaries",
    2007): two items of one length differ in one token if they are equal without it, and two
    others by an insertion if the longer one equals the shorter one without one token. Items are
    compared by 64-bit hashes; the probability of any collision among a million items is about 1
    in 30 million. Items of more than ``MAX_LENGTH`` tokens are compared for equality only, and so
    are all items of a corpus of more than ``MAX_ITEMS``.

    Args:
        groups: The group of each item.
        sequences: The token ids of each item.
        near: False merges the groups of equal items only.

    Returns:
        For each item the index of the first one in its group, ``(N,)``.
    """
    count = len(sequences)
    edges = []
    if not isinstance(groups, range):  # in a range each item is its own group
        first: dict[Hashable, int] = {}
        same = [first.setdefault(group, item) for item, group in enumerate(groups)]
        edges.append(np.array([np.arange(count), same]))
    by_length, others, digests = defaultdict[int, list[int]](list), [], bytearray()
    for item, tokens in enumerate(sequences):
        if near and count <= MAX_ITEMS and len(tokens) <= MAX_LENGTH:
            by_length[len(tokens)].append(item)
        else:
            others.append(item)
            digests += blake2b(np.asarray(tokens).tobytes(), digest_size=8).digest()
    edges.append(_equal(np.frombuffer(digests, np.uint64), np.array(others, np.int64)))
    hashes, items = np.empty(0, np.uint64), np.empty(0, np.int64)
    for length in range(MAX_LENGTH + 1):
        shorter, shorter_items = hashes, items
        items = np.array(by_length[length], np.int64)
        tokens = np.array([sequences[item] for item in by_length[length]], np.int32)
        hashes, without = _hash_rows(tokens.reshape(len(items), length))
        edges.append(_equal(hashes, items))
        for column in without.T if len(items) else ():
            both = np.concatenate([shorter_items, items])
            edges.append(_equal(np.concatenate([shorter, column]), both))
    return _components(count, np.concatenate(edges, axis=1))


def _hash_rows(tokens: NDArray[np.int32]) -> tuple[Hashes, Hashes]:
    """Hash items of one length ``(N, T)``.

    The hash is the sum of one for each token at its position, so that the hash without a token
    is a sum of the hashes of the tokens before and after it.

    Returns:
        The hash of each item, ``(N,)``, and without each of its tokens, ``(N, T)``.
    """
    count = tokens.shape[1]
    ids = tokens.astype(np.uint64) << np.uint64(32)
    positions = np.arange(count, dtype=np.uint64)
    here, moved = _mix(ids + positions), _mix(ids + positions - np.uint64(1))
    before = np.cumsum(here, axis=1) - here
    after = moved.sum(axis=1, keepdims=True) - np.cumsum(moved, axis=1)
    sizes = _mix(np.array([count, max(count - 1, 0)], np.uint64) + np.uint64(1 << 63))
    return here.sum(axis=1) + sizes[0], before + after + sizes[1]


def _mix(values: Hashes) -> Hashes:
    """Pseudorandom 64-bit values.

    Source: the finalizer of SplitMix64, G. Steele, D. Lea and C. Flood, OOPSLA 2014.
    """
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _equal(hashes: Hashes, items: NDArray[np.int64]) -> NDArray[np.int64]:
    """Edges ``(2, E)`` from the first item of each hash to the others of that hash."""
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    edges = np.array([items[first[inverse]], items])
    return edges[:, edges[0] != edges[1]]


def _components(count: int, edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first item of each item's connected component, ``(N,)``.

    By repeatedly taking the smallest label of all neighbors, and the label's own label.
    """
    one, other = edges
    labels = np.arange(count)
    while True:
        smaller = labels.copy()
        for a, b in ((one, other), (other, one)):
            np.minimum.at(smaller, labels[a], labels[b])
        smaller = smaller[smaller]
        if np.array_equal(smaller, labels):
            return labels
        labels = smaller
