"""The split: which items train, which decide when to stop, which are scored once at the end."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqgen.errors import DataError

#: One group a part is the least that can be trained, stopped and scored.
FEWEST_GROUPS = 3


@dataclass(frozen=True, slots=True)
class Split:
    """Indices of the items in each part, ascending."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    held_out: tuple[int, ...]


def split_items(groups: Sequence[Hashable], validation: float, held_out: float, seed: int) -> Split:
    """Share out the items by whole groups, so that no group stands on two sides.

    Args:
        groups: The group of each item; equal items must be given one group.
        validation: Share of the items, 0 to 1; at least one group.
        held_out: Likewise.
        seed: Seeds the order in which groups are drawn.

    Raises:
        DataError: There are fewer than three groups, or no training item would be left.
    """
    shuffled = _shuffled(groups, seed)
    scored = _take(shuffled, math.ceil(held_out * len(groups)), leave=2)
    return _with_validation(shuffled, scored, math.ceil(validation * len(groups)))


def fold_items(
    groups: Sequence[Hashable], folds: int, validation: float, seed: int
) -> Iterator[Split]:
    """Splits whose held-out parts are all items once, by whole groups.

    Args:
        groups: As for ``split_items``.
        folds: How many splits, at least 2.
        validation: Share of the items that each split keeps to decide when to stop by.
        seed: Seeds the order in which groups are drawn.

    Raises:
        DataError: There are too few groups to train, stop and score.
    """
    shuffled = _shuffled(groups, seed)
    if len(shuffled) - math.ceil(len(shuffled) / folds) < FEWEST_GROUPS - 1:
        raise DataError(
            f"{len(shuffled)} different item(s) or group(s) for {folds} folds: each fold needs one "
            "at least, and two are left to train on and to stop by; give more data"
        )
    for fold in range(min(folds, len(shuffled))):
        scored = [index for member in shuffled[fold::folds] for index in member]
        rest = [member for k, member in enumerate(shuffled) if k % folds != fold]
        yield _with_validation(rest, scored, math.ceil(validation * len(groups)))


def _shuffled(groups: Sequence[Hashable], seed: int) -> list[list[int]]:
    """The items of each group, the groups in an order that the seed gives."""
    order = list(dict.fromkeys(groups))
    if len(order) < FEWEST_GROUPS:
        raise DataError(
            f"{len(order)} different item(s) or group(s) in the corpus: at least {FEWEST_GROUPS} "
            "are needed, one each to train on, to stop by and to score; give more data"
        )
    members: dict[Hashable, list[int]] = {group: [] for group in order}
    for index, group in enumerate(groups):
        members[group].append(index)
    rng = np.random.Generator(np.random.Philox(key=[seed, 0]))
    return [members[order[k]] for k in rng.permutation(len(order))]


def _with_validation(left: list[list[int]], scored: list[int], count: int) -> Split:
    stopping = _take(left, count, leave=1)
    rest = [index for member in left for index in member]
    return Split(*(tuple(sorted(part)) for part in (rest, stopping, scored)))


def _take(shuffled: list[list[int]], count: int, leave: int) -> list[int]:
    """Whole groups off the end of the list until ``count`` items are taken."""
    taken: list[int] = []
    while len(taken) < count and len(shuffled) > leave:
        taken.extend(shuffled.pop())
    return taken
