"""Near-duplicates: groups of items one token apart, which a split must not separate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

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
