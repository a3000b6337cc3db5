"""A warning before training on items that the guide refuses."""

from __future__ import annotations

from typing import Any

import pytest

from seqgen import Corpus, Guide, length_guide
from seqgen.runs import dataset
from seqgen.runs.dataset import RunData, describe_coverage, prepare_data
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import text_domain

WORDS = ("ab", "abc", "bca", "cab", "cabbage", "ace", "bee", "gag", "cage", "baggage")


def prepared(**fields: Any) -> tuple[Any, RunData]:
    """A domain of words, and its data."""
    domain = text_domain(WORDS, **fields)
    return domain, prepare_data(domain, Corpus(WORDS), TrainConfig())


def up_to(longest: int) -> Any:
    """A guide function that limits the length of words."""

    def guide(encoder: Any, prompt: object, condition: object) -> Guide[Any]:
        return length_guide(encoder.vocabulary, 1, longest)

    return guide


def test_refused_items_are_counted() -> None:
    note = describe_coverage(*prepared(guide=up_to(4)))
    assert note.startswith("the guide of domain 'words' refuses 2 of 10 items: ")
    assert describe_coverage(*prepared(guide=up_to(7))) == describe_coverage(*prepared()) == ""


def test_some_items_of_a_large_corpus_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset, "GUIDE_TOKENS", 20)
    assert "refuses 4 of 4 items checked: " in describe_coverage(*prepared(guide=up_to(1)))
