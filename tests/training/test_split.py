"""The split: every item once, whole groups on one side, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Corpus, DataError
from seqgen.runs.dataset import prepare_data
from seqgen.training.config import TrainConfig
from seqgen.training.split import split_items, tell_shares

from ..helpers.fakes import text_domain

GROUPS = st.lists(st.integers(0, 30), min_size=3, max_size=80).filter(lambda g: len(set(g)) >= 3)
SHARES = st.floats(0.01, 0.4)


@given(GROUPS, SHARES, SHARES, st.integers(0, 99))
def test_every_item_stands_in_one_part(
    groups: list[int], validation: float, held_out: float, seed: int
) -> None:
    split = split_items(groups, validation, held_out, seed)
    parts = (split.train, split.validation, split.held_out)
    assert Counter(index for part in parts for index in part) == Counter(range(len(groups)))
    assert all(list(part) == sorted(part) and part for part in parts)


@given(GROUPS, SHARES, SHARES, st.integers(0, 99))
def test_no_group_stands_on_two_sides(
    groups: list[int], validation: float, held_out: float, seed: int
) -> None:
    split = split_items(groups, validation, held_out, seed)
    sides = [{groups[k] for k in part} for part in (split.train, split.validation, split.held_out)]
    assert sum(map(len, sides)) == len(set(groups))


@given(GROUPS, SHARES, SHARES)
def test_the_seed_decides(groups: list[int], validation: float, held_out: float) -> None:
    split = split_items(groups, validation, held_out, 5)
    assert split == split_items(groups, validation, held_out, 5)
    assert split == split_items([f"tune {g}" for g in groups], validation, held_out, 5)


def test_another_seed_splits_otherwise() -> None:
    splits = {tuple(split_items(range(100), 0.1, 0.1, seed).held_out) for seed in range(10)}
    assert len(splits) == 10


def test_single_items_are_shared_out_exactly() -> None:
    split = split_items(range(1000), 0.1, 0.05, 0)
    assert (len(split.train), len(split.validation), len(split.held_out)) == (850, 100, 50)


def test_groups_overshoot_by_less_than_a_group() -> None:
    split = split_items([k // 4 for k in range(1000)], 0.1, 0.05, 0)
    assert 100 <= len(split.validation) < 104 and 50 <= len(split.held_out) < 54


def test_three_groups_are_enough_and_two_are_not() -> None:
    split = split_items(["a", "b", "c", "a", "b", "c"], 0.4, 0.4, 0)
    assert [len(p) for p in (split.train, split.validation, split.held_out)] == [2, 2, 2]
    with pytest.raises(DataError, match=r"^2 different item.* at least 3 are needed"):
        split_items(["a", "b", "a", "b"], 0.1, 0.1, 0)


def test_equal_items_stay_together() -> None:
    words = ("ab", "ba", "aa", "bb", "abab") * 6
    data = prepare_data(text_domain(words), Corpus(words), TrainConfig())
    parts = (data.split.train, data.split.validation, data.split.held_out)
    sides = [{words[k] for k in part} for part in parts]
    assert sum(map(len, sides)) == 5
    assert data.card.duplicates == 25
    assert data.card.parts == {"train": 18, "validation": 6, "held_out": 6}


def test_the_groups_of_the_corpus_count() -> None:
    words = tuple(f"{take}{tune}" for tune in "vwxyz" for take in "abc")
    corpus = Corpus(words, groups=tuple(word[1] for word in words))
    data = prepare_data(text_domain(words), corpus, TrainConfig())
    for part in (data.split.validation, data.split.held_out):
        assert len(part) == 3 and len({words[k][1] for k in part}) == 1


def test_groups_must_be_as_many_as_items() -> None:
    with pytest.raises(DataError, match="3 items must have as many groups or none, was 2"):
        Corpus(("a", "b", "c"), groups=("x", "y"))


def test_a_large_corpus_sets_apart_no_more_than_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    words = tuple(
        f"{k:03b}"[::-1].translate(str.maketrans("01", "ab")) + "c" * k for k in range(90)
    )
    data = prepare_data(text_domain(words), Corpus(words), TrainConfig())
    assert (len(data.split.validation), len(data.split.held_out)) >= (9, 9)
    monkeypatch.setattr("seqgen.runs.dataset.MOST_SCORED", 3)
    fewer = prepare_data(text_domain(words), Corpus(words), TrainConfig())
    assert 3 <= len(fewer.split.held_out) < 9 and 3 <= len(fewer.split.validation) < 9


@pytest.mark.parametrize(
    ("groups", "told"),
    [
        (list(range(100)), False),
        (list(range(12)), False),  # rounded up to whole items
        ([n // 8 for n in range(100)], True),
        ([n // 2 for n in range(100)], False),
    ],
)
def test_shares_that_groups_spoil_are_explained(groups: list[int], told: bool) -> None:
    words = {
        tell_shares(groups, split_items(groups, 0.1, 0.1, seed), 0.1, 0.1) for seed in range(12)
    }
    wanted = (
        "not the shares of 10% and 10%: items of one group (one token apart, or the domain's own) "
        "stay on one side; the largest group has 8 of 100"
    )
    assert words <= {"", wanted} and (wanted in words) is told


def test_a_group_that_no_part_can_hold_is_trained_on() -> None:
    groups = [0] * 40 + list(range(1, 61))
    for seed in range(12):
        split = split_items(groups, 0.1, 0.1, seed)
        assert (len(split.validation), len(split.held_out)) == (10, 10)
        assert set(range(40)) <= set(split.train)
        told = tell_shares(groups, split, 0.1, 0.1)
        assert "40 of 100, is trained on" in told
    every = split_items([0] * 4 + [1] * 4 + [2] * 4, 0.1, 0.1, 0)  # all are so large
    assert len(every.train) == len(every.validation) == len(every.held_out) == 4


def test_the_card_tells_it_and_forgets_it_with_another_split() -> None:
    corpus = Corpus([f"{n:05b}" * 3 for n in range(20)], groups=[*"aabbccdd", *range(12)])
    cards = [prepare_data(text_domain([]), corpus, TrainConfig(seed=n)) for n in range(12)]
    told = [data for data in cards if "shares" in data.card.notes]
    assert told and len(told) < len(cards)
    assert "shares" not in told[0].with_split(cards[0].split).card.notes
