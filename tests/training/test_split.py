"""The split: every item once, no group in two parts, the same for the same seed."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import Corpus, DataError
from seqgen.runs.dataset import prepare_data
from seqgen.training.split import describe_shares, split_items
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import text_domain

GROUPS = st.lists(st.integers(0, 30), min_size=3, max_size=80).filter(lambda g: len(set(g)) >= 3)
SHARES = st.floats(0.01, 0.4)


@given(GROUPS, SHARES, SHARES, st.integers(0, 99))
def test_every_item_is_in_one_part(
    groups: list[int], validation: float, held_out: float, seed: int
) -> None:
    split = split_items(groups, validation, held_out, seed)
    parts = (split.train, split.validation, split.held_out)
    assert Counter(index for part in parts for index in part) == Counter(range(len(groups)))
    assert all(list(part) == sorted(part) and part for part in parts)


@given(GROUPS, SHARES, SHARES, st.integers(0, 99))
def test_no_group_is_in_two_parts(
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


def test_another_seed_gives_another_split() -> None:
    splits = {tuple(split_items(range(100), 0.1, 0.1, seed).held_out) for seed in range(10)}
    assert len(splits) == 10


def test_single_items_are_split_exactly() -> None:
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


def test_the_groups_of_the_corpus_are_used() -> None:
    words = tuple(f"{take}{tune}" for tune in "vwxyz" for take in "abc")
    corpus = Corpus(words, groups=tuple(word[1] for word in words))
    data = prepare_data(text_domain(words), corpus, TrainConfig())
    for part in (data.split.validation, data.split.held_out):
        assert len(part) == 3 and len({words[k][1] for k in part}) == 1


def test_groups_must_be_as_many_as_items() -> None:
    with pytest.raises(DataError, match="3 items must have as many groups or none, was 2"):
        Corpus(("a", "b", "c"), groups=("x", "y"))


def test_a_large_corpus_has_a_limited_number_of_scored_items(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = tuple(
        f"{k:03b}"[::-1].translate(str.maketrans("01", "ab")) + "c" * k for k in range(90)
    )
    data = prepare_data(text_domain(words), Corpus(words), TrainConfig())
    assert (len(data.split.validation), len(data.split.held_out)) >= (9, 9)
    monkeypatch.setattr("seqgen.runs.dataset.MOST_SCORED", 3)
    fewer = prepare_data(text_domain(words), Corpus(words), TrainConfig())
    assert 3 <= len(fewer.split.held_out) < 9 and 3 <= len(fewer.split.validation) < 9


@pytest.mark.parametrize(
    ("groups", "explained"),
    [
        (list(range(100)), False),
        (list(range(12)), False),  # rounded up to whole items
        ([n // 8 for n in range(100)], True),
        ([n // 2 for n in range(100)], False),
    ],
)
def test_different_shares_are_explained(groups: list[int], explained: bool) -> None:
    words = {
        describe_shares(groups, split_items(groups, 0.1, 0.1, seed), 0.1, 0.1) for seed in range(12)
    }
    wanted = (
        "not the shares of 10% and 10%: items of one group (near-duplicates, or a group of the "
        "domain) are in one part; the largest group has 8 of 100 items"
    )
    assert words <= {"", wanted} and (wanted in words) is explained


def test_a_group_larger_than_a_part_is_trained_on() -> None:
    groups = [0] * 40 + list(range(1, 61))
    for seed in range(12):
        split = split_items(groups, 0.1, 0.1, seed)
        assert (len(split.validation), len(split.held_out)) == (10, 10)
        assert set(range(40)) <= set(split.train)
        note = describe_shares(groups, split, 0.1, 0.1)
        assert "40 of 100, is in the training part" in note
    every = split_items([0] * 4 + [1] * 4 + [2] * 4, 0.1, 0.1, 0)  # all are so large
    assert len(every.train) == len(every.validation) == len(every.held_out) == 4


def test_the_note_is_on_the_card_and_not_on_that_of_another_split() -> None:
    corpus = Corpus([f"{n:05b}" * 3 for n in range(20)], groups=[*"aabbccdd", *range(12)])
    cards = [prepare_data(text_domain([]), corpus, TrainConfig(seed=n)) for n in range(12)]
    noted = [data for data in cards if "shares" in data.card.notes]
    assert noted and len(noted) < len(cards)
    assert "shares" not in noted[0].with_split(cards[0].split).card.notes
