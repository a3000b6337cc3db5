"""The split: which items train, which decide when to stop, which are scored once at the end."""

from __future__ import annotations

import math
from array import array
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import DataError

#: The group of each item, in any form that can be told apart.
Groups = Sequence[Hashable] | NDArray[np.int64]
#: One group a part is the least that can be trained, stopped and scored.
FEWEST_GROUPS = 3
#: Parts that miss their share of the items by more than this are explained.
LARGEST_MISS = 0.03


@dataclass(frozen=True, slots=True)
class Split:
    """Indices of the items in each part, ascending.

    ``split_items`` and ``fold_items`` give arrays of eight bytes an index: a tuple of numbers
    takes five times that, hundreds of megabytes of a large corpus.
    """

    train: Sequence[int]
    validation: Sequence[int]
    held_out: Sequence[int]


def split_items(groups: Groups, validation: float, held_out: float, seed: int) -> Split:
    """Share out the items by whole groups, so that no group stands on two sides.

    A group that is larger than the part it would go to is trained on, where others can be taken.

    Args:
        groups: The group of each item; equal items must be given one group.
        validation: Share of the items, 0 to 1; at least one group.
        held_out: Likewise.
        seed: Seeds the order in which groups are drawn.

    Raises:
        DataError: There are fewer than three groups, or no training item would be left.
    """
    codes, order = _shuffled(groups, seed)
    left, scored = _take(codes, order, math.ceil(held_out * len(groups)), leave=2)
    return _with_validation(codes, left, scored, math.ceil(validation * len(groups)))


def tell_shares(groups: Groups, split: Split, validation: float, held_out: float) -> str:
    """Why the parts are not as was asked for: their sizes, or a group that is trained on since no
    part could hold it; empty where they are about right.

    Args:
        groups: As for ``split_items``.
        split: What came of it.
        validation: The share that was asked for.
        held_out: The share that was asked for.
    """
    count = len(groups)
    asked = (math.ceil(validation * count), math.ceil(held_out * count))
    off = max(abs(len(split.validation) - asked[0]), abs(len(split.held_out) - asked[1]))
    sizes = np.bincount(_codes(groups))
    largest = int(sizes.max())
    if largest > 1 and off <= LARGEST_MISS * count and largest > min(asked):
        return (
            f"the largest group of items (one token apart in chains, or the domain's own), "
            f"{largest:,} of {count:,}, is trained on, as it is larger than a part"
        )
    if off <= LARGEST_MISS * count or largest == 1:
        return ""
    return (
        f"not the shares of {validation:.0%} and {held_out:.0%}: items of one group (one token "
        f"apart, or the domain's own) stay on one side; the largest group has {largest:,} of "
        f"{count:,}"
    )


def fold_items(groups: Groups, folds: int, validation: float, seed: int) -> Iterator[Split]:
    """Splits whose held-out parts are all items once, by whole groups.

    Args:
        groups: As for ``split_items``.
        folds: How many splits, at least 2.
        validation: Share of the items that each split keeps to decide when to stop by.
        seed: Seeds the order in which groups are drawn.

    Raises:
        DataError: There are too few groups to train, stop and score.
    """
    codes, order = _shuffled(groups, seed)
    if len(order) < folds or len(order) - math.ceil(len(order) / folds) < FEWEST_GROUPS - 1:
        raise DataError(
            f"{len(order)} different item(s) or group(s) for {folds} folds: each fold needs one "
            "at least, and two are left to train on and to stop by; give more data, or fewer folds"
        )
    for fold in range(folds):
        rest = order[np.arange(len(order)) % folds != fold]
        yield _with_validation(codes, rest, order[fold::folds], math.ceil(validation * len(groups)))


def _shuffled(groups: Groups, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The number of each item's group, ``(N,)``, in order of appearance, and these numbers in an
    order that the seed gives."""
    codes = _codes(groups)
    count = int(codes.max()) + 1
    if count < FEWEST_GROUPS:
        raise DataError(
            f"{count} different item(s) or group(s) in the corpus: at least {FEWEST_GROUPS} "
            "are needed, one each to train on, to stop by and to score; give more data"
        )
    rng = np.random.Generator(np.random.Philox(key=[seed, 0]))
    return codes, rng.permutation(count)


def _codes(groups: Groups) -> NDArray[np.int64]:
    """Numbers for groups, from 0 in order of appearance."""
    if isinstance(groups, np.ndarray):
        _, first, sorted_codes = np.unique(groups, return_index=True, return_inverse=True)
        rank = np.empty(len(first), np.int64)
        rank[np.argsort(first)] = np.arange(len(first))
        codes: NDArray[np.int64] = rank[sorted_codes]
        return codes
    known: dict[Hashable, int] = {}
    return np.array([known.setdefault(group, len(known)) for group in groups], np.int64)


def _with_validation(
    codes: NDArray[np.int64], left: NDArray[np.int64], scored: NDArray[np.int64], count: int
) -> Split:
    rest, stopping = _take(codes, left, count, leave=1)
    part = np.empty(int(codes.max()) + 1, np.int8)
    for number, chosen in enumerate((rest, stopping, scored)):
        part[chosen] = number
    parts = part[codes]
    return Split(*(array("q", np.flatnonzero(parts == number).tobytes()) for number in range(3)))


def _take(
    codes: NDArray[np.int64], order: NDArray[np.int64], count: int, leave: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Whole groups off the end of the order until they have ``count`` items: what is left, and
    what was taken. So many groups as ``leave`` says stay.

    A group of more than ``count`` items stays too, unless all are so large: chains of short
    names a letter apart grow to a third of a list, and one that is drawn would be all that is
    scored, with little left to train on.
    """
    sizes = np.bincount(codes)[order]
    fitting = np.flatnonzero(sizes <= count) if (sizes <= count).any() else np.arange(len(order))
    fitting = fitting[::-1]
    enough = int(np.searchsorted(np.cumsum(sizes[fitting]), count)) + 1 if count else 0
    taken = np.sort(fitting[: min(enough, len(order) - leave)])
    return np.delete(order, taken), order[taken]
