"""Copied runs and nearest neighbours against references that try everything."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.evaluation.edit_distance import FIRST, Neighbours, edits
from seqgen.evaluation.suffix_automaton import CopiedRuns

ITEM = st.lists(st.integers(0, 2), max_size=9)


def slow_run(item: Sequence[int], others: Sequence[Sequence[int]]) -> int:
    """The longest of all stretches of the item that is one of all stretches of the others."""
    known = {tuple(o[a:b]) for o in others for a in range(len(o)) for b in range(a, len(o) + 1)}
    cuts = [(a, b) for a in range(len(item)) for b in range(a, len(item) + 1)]
    return max((b - a for a, b in cuts if tuple(item[a:b]) in known), default=0)


def slow_edits(one: Sequence[int], other: Sequence[int]) -> int:
    """The definition of the edit distance."""

    @functools.cache
    def fewest(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        same = fewest(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(same, fewest(i - 1, j) + 1, fewest(i, j - 1) + 1)

    return fewest(len(one), len(other))


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


@given(st.integers(0, 2**32 - 1), st.integers(0, 140), st.integers(0, 140), st.integers(1, 5))
def test_items_of_several_words_take_the_same_edits(
    seed: int, length: int, longest: int, symbols: int
) -> None:
    """A word of the table has 64 tokens: items around one, two and three of them."""
    rng = np.random.default_rng(seed)
    item = rng.integers(0, symbols, length)
    lengths = np.sort(rng.integers(0, longest + 1, 3))[::-1]
    others = rng.integers(0, symbols, (longest, 3))
    wanted = [slow_edits(item.tolist(), others[:n, k].tolist()) for k, n in enumerate(lengths)]
    assert edits(item, others, lengths, symbols).tolist() == wanted


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 4), max_size=6))
def test_what_is_passed_over_is_no_nearer(seed: int, item: list[int]) -> None:
    """Among many items most are never compared; still the first of the nearest is found."""
    rng = np.random.default_rng(seed)
    others = [rng.integers(0, 4, n).tolist() for n in rng.integers(0, 7, 2 * FIRST)]
    shares = [slow_edits(item, other) / max(len(item), len(other), 1) for other in others]
    found = Neighbours(others).nearest(item)
    assert (found.index, found.distance) == (shares.index(min(shares)), min(shares))


def test_parts_that_are_compared_one_behind_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    others = [rng.integers(0, 4, n).tolist() for n in rng.integers(0, 7, 60)]
    whole = Neighbours(others)
    items = [rng.integers(0, 5, n).tolist() for n in rng.integers(0, 7, 40)]
    wanted = [whole.nearest(item) for item in items]
    monkeypatch.setattr("seqgen.evaluation.edit_distance.FIRST", 3)
    monkeypatch.setattr("seqgen.evaluation.edit_distance.SIDE_BY_SIDE", 4)
    assert [whole.nearest(item) for item in items] == wanted


def test_a_run_does_not_go_on_into_the_next_item() -> None:
    assert CopiedRuns([[1, 2], [3, 4]]).longest([1, 2, 3, 4]) == 2
