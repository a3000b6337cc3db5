"""Copied runs and nearest neighbours against references that try everything."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from seqgen.evaluation.copied_run import CopiedRuns
from seqgen.evaluation.nearest import Neighbours

ITEM = st.lists(st.integers(0, 2), max_size=9)


def slow_run(item: Sequence[int], others: Sequence[Sequence[int]]) -> int:
    """The longest of all stretches of the item that is one of all stretches of the others."""
    known = {tuple(o[a:b]) for o in others for a in range(len(o)) for b in range(a, len(o) + 1)}
    cuts = [(a, b) for a in range(len(item)) for b in range(a, len(item) + 1)]
    return max((b - a for a, b in cuts if tuple(item[a:b]) in known), default=0)


def slow_edits(one: Sequence[int], other: Sequence[int]) -> int:
    """The definition of the edit distance."""

    @functools.cache
    def edits(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        same = edits(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(same, edits(i - 1, j) + 1, edits(i, j - 1) + 1)

    return edits(len(one), len(other))


@given(ITEM, st.lists(ITEM, max_size=5))
def test_the_longest_copied_run_is_the_longest_shared_stretch(
    item: list[int], others: list[list[int]]
) -> None:
    assert CopiedRuns(others).longest(item) == slow_run(item, others)


@given(ITEM, st.lists(ITEM, min_size=1, max_size=5))
def test_the_nearest_takes_the_fewest_edits_a_token(
    item: list[int], others: list[list[int]]
) -> None:
    edits = [slow_edits(item, other) for other in others]
    shares = [e / max(len(item), len(o), 1) for e, o in zip(edits, others, strict=True)]
    found = Neighbours(others).nearest(item)
    assert (found.index, found.edits) == (shares.index(min(shares)), edits[found.index])
    assert found.distance == min(shares)


def test_a_run_does_not_go_on_into_the_next_item() -> None:
    assert CopiedRuns([[1, 2], [3, 4]]).longest([1, 2, 3, 4]) == 2
