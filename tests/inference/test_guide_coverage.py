"""A list whose items the guide refuses is told of before it is learned."""

from __future__ import annotations

from typing import Any

import pytest

from seqgen import Corpus, Guide, length_guide
from seqgen.inference import guide_coverage as refused_items
from seqgen.inference.guide_coverage import tell_refused
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.training.config import TrainConfig

from ..helpers.fakes import text_domain

WORDS = ("ab", "abc", "bca", "cab", "cabbage", "ace", "bee", "gag", "cage", "baggage")


def prepared(**fields: Any) -> tuple[Any, RunData]:
    """A domain of words, and its data."""
    domain = text_domain(WORDS, **fields)
    return domain, prepare_data(domain, Corpus(WORDS), TrainConfig())


def up_to(longest: int) -> Any:
    """A guide function that lets no longer word be made."""

    def guide(encoder: Any, prompt: object, condition: object) -> Guide[Any]:
        return length_guide(encoder.vocabulary, 1, longest)

    return guide


def test_items_that_the_guide_refuses_are_counted() -> None:
    told = tell_refused(*prepared(guide=up_to(4)))
    assert told.startswith("2 of 10 items are not what the guide of domain ")
    assert tell_refused(*prepared(guide=up_to(7))) == tell_refused(*prepared()) == ""


def test_of_much_data_some_items_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refused_items, "TOKENS", 20)
    assert tell_refused(*prepared(guide=up_to(1))).startswith("4 of 4 items looked at are")
