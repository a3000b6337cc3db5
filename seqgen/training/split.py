"""The split into training, validation and held-out items, and the folds of cross-validation."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
