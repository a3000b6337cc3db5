"""Novelty: exact matches, shared runs and the nearest training item."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.domains.encoder import hash_items, is_novel
from seqgen.evaluation.novelty import (
    NoveltyIndex,
    NoveltySummary,
    describe_known_items,
    summarize_novelty,
)

ITEM = st.lists(st.integers(0, 2), max_size=9)
ITEMS = st.lists(ITEM, min_size=1, max_size=6)


def edit_distance(one: Sequence[int], other: Sequence[int]) -> int:
    """The Levenshtein distance by its definition."""

    @functools.cache
    def distance(i: int, j: int) -> int:
        if not i or not j:
            return i + j
        substitution = distance(i - 1, j - 1) + (one[i - 1] != other[j - 1])
        return min(substitution, distance(i - 1, j) + 1, distance(i, j - 1) + 1)

    return distance(len(one), len(other))


def relative(item: Sequence[int], other: Sequence[int]) -> float:
    return edit_distance(item, other) / max(len(item), len(other), 1)


@given(ITEMS, ITEMS)
def test_the_nearest_is_the_first_of_the_smallest_distance(
    items: list[list[int]], training: list[list[int]]
) -> None:
    for item, novelty in zip(items, NoveltyIndex(training).compare(items), strict=True):
        distances = [relative(item, other) for other in training]
        assert novelty.distance == pytest.approx(min(distances))
        assert novelty.nearest == distances.index(min(distances))
        assert novelty.known is (item in training) is (novelty.distance == 0)
        assert novelty.tokens == len(item)


def test_items_longer_than_a_machine_word() -> None:
    rng = np.random.default_rng(0)
    training = [rng.integers(0, 3, n) for n in (60, 63, 64, 65, 127, 128, 129, 140)]
    items = [rng.integers(0, 3, n) for n in (1, 64, 65, 129)]
    for item, novelty in zip(items, NoveltyIndex(training).compare(items), strict=True):
        wanted = min(relative(item.tolist(), other.tolist()) for other in training)
        assert novelty.distance == pytest.approx(wanted)


@pytest.mark.parametrize("rows", [1, 3])
def test_items_compared_together_do_not_depend_on_each_other(
    monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    rng = np.random.default_rng(0)
    training, items = ([rng.integers(0, 5, n) for n in rng.integers(0, 7, 40)] for _ in range(2))
    wanted = NoveltyIndex(training).compare(items)
    monkeypatch.setattr("seqgen.evaluation.novelty._ROWS", rows)
    assert NoveltyIndex(training).compare(items) == wanted


@given(ITEMS, ITEM)
def test_the_hashes_and_the_index_agree(training: list[list[int]], item: list[int]) -> None:
    assert is_novel(item, hash_items(training)) is (item not in NoveltyIndex(training))
    assert len(hash_items(training)) == len({tuple(entry) for entry in training})


def test_copying_is_reported_only_outside_the_intervals() -> None:
    training = NoveltyIndex([[0, 1], [1, 2]])

    def summary(items: list[list[int]]) -> NoveltySummary:
        return summarize_novelty(items, training.compare(items))

    copies, new = [[0, 1]] * 50, [[2, 2]] * 50
    assert "copies more" in describe_known_items(summary(copies), summary(new))
    assert "fewer than" in describe_known_items(summary(new), summary(copies))
    some = summary([*copies[:3], *new])
    assert (some.items, some.distinct, some.longest_run) == (53, 2, 2)
    assert "no significant difference" in describe_known_items(some, summary(new))
