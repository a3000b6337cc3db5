"""Near-duplicates: exactly the groups of items one token apart are merged."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seqgen import Corpus, DataError
from seqgen.runs.dataset import prepare_data
from seqgen.training.split import MAX_LENGTH, fold_items, merge_groups
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import text_domain

ITEMS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5), min_size=1, max_size=25)


def distance(one: list[int], other: list[int]) -> int:
    """The edit distance by its definition."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, start=1):
        row = _next_row(row, i, a, other)
    return row[-1]


def _next_row(above: list[int], i: int, a: int, other: list[int]) -> list[int]:
    row = [i]
    for j, b in enumerate(other, start=1):
        row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (a != b)))
    return row


def merge_by_distance(items: list[list[int]]) -> list[int]:
    """Connected components over all pairs."""
    groups = list(range(len(items)))
    for _ in items:
        for i, one in enumerate(items):
            for j, other in enumerate(items):
                if distance(one, other) <= 1:
                    groups[i] = groups[j] = min(groups[i], groups[j])
    return groups


@given(ITEMS)
def test_items_one_token_apart_are_merged_and_no_others(items: list[list[int]]) -> None:
    arrays = [np.array(item, np.int32) for item in items]
    assert merge_groups(range(len(items)), arrays).tolist() == merge_by_distance(items)


def test_the_groups_of_the_domain_are_kept() -> None:
    arrays = [np.array(item, np.int32) for item in ([1, 1, 1], [2, 2, 2], [3, 3, 3], [2, 2, 3])]
    assert merge_groups(["a", "b", "a", "c"], arrays).tolist() == [0, 1, 0, 1]


def test_long_items_are_merged_only_if_equal() -> None:
    long = np.zeros(MAX_LENGTH + 1, np.int32)
    other = long.copy()
    other[3] = 1
    assert merge_groups(range(3), [long, other, long.copy()]).tolist() == [0, 1, 0]


@given(st.lists(st.integers(0, 20), min_size=12, max_size=60), st.integers(2, 4), st.integers(0, 9))
def test_folds_hold_every_item_out_once_and_separate_no_group(
    groups: list[int], folds: int, seed: int
) -> None:
    assume(len(set(groups)) >= max(4, folds))
    splits = list(fold_items(groups, folds, 0.1, seed))
    scored = sorted(index for split in splits for index in split.held_out)
    assert scored == list(range(len(groups)))
    for split in splits:
        parts = (split.train, split.validation, split.held_out)
        sides = [{groups[k] for k in part} for part in parts]
        assert all(sides) and not any(one & other for one, other in pairwise([*sides, sides[0]]))


def test_more_folds_than_groups_are_refused() -> None:
    with pytest.raises(DataError, match=r"4 different item\(s\) or group\(s\) for 5 folds"):
        list(fold_items([0, 1, 2, 3, 3], 5, 0.1, seed=0))
    assert len(list(fold_items([0, 1, 2, 3, 3], 4, 0.1, seed=0))) == 4


def test_near_duplicates_are_split_if_most_items_are() -> None:
    items = [f"item{number}" for number in "0123456789"]
    data = prepare_data(text_domain(items), Corpus(tuple(items)), TrainConfig())
    assert len(data.split.held_out) == 1
    assert "differ from another in one token" in data.card.notes["alike"]
    different = Corpus(("abc", "cde", "efg", "ghi"))
    assert "alike" not in prepare_data(text_domain(items), different, TrainConfig()).card.notes


def test_the_hash_of_a_split_is_that_of_its_items() -> None:
    items = ("abc", "cde", "efg", "ghi", "klm", "mno", "opq", "xyz")
    domain = text_domain(items)
    one, same, other = (
        prepare_data(domain, Corpus(items), TrainConfig(seed=seed)) for seed in (1, 1, 5)
    )
    assert one.split == same.split != other.split
    assert one.card.split == same.card.split != other.card.split
