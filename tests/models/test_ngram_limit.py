"""The limit of what the n-gram counts: respected, spread over the corpus, and reported."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.cli.console_output import Output, print_data_card
from seqgen.domains.domain import Corpus
from seqgen.domains.encoder import Encoded
from seqgen.evaluation.baselines import (
    ORDERS,
    describe_ngram_items,
    fit_ngram,
    measure_baselines,
    select_ngram_items,
)
from seqgen.evaluation.likelihood import likelihood
from seqgen.models.ngram import NGram, count_ngrams
from seqgen.models.sequence_model import ModelShape
from seqgen.runs.dataset import prepare_data
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import dino_names, letters, text_domain

LENGTHS = st.lists(st.integers(0, 30), min_size=1, max_size=50)


@given(LENGTHS, st.integers(1, 500))
def test_the_limit_is_respected_and_reported(lengths: list[int], most: int) -> None:
    counted = select_ngram_items(lengths, most)
    tokens = sum(lengths[place] + 1 for place in counted)
    assert tokens <= most or len(counted) == 1
    assert counted and counted == sorted(set(counted)) and counted[-1] < len(lengths)
    everything = len(counted) == len(lengths)
    assert everything or sum(lengths) + len(lengths) > most, "nothing is left out without need"
    assert (describe_ngram_items(lengths, most) == "") == everything


def test_the_items_are_spread_over_the_corpus() -> None:
    assert select_ngram_items([9] * 100, 50) == [0, 20, 40, 60, 80]


def test_the_ngram_counts_no_more_than_its_bound() -> None:
    encoder = letters()
    names = [encoder.encode(name) for name in dino_names()]
    train, scored = names[:-40], names[-40:]
    vocabulary = encoder.vocabulary
    bound = fit_ngram(train, scored, vocabulary, max_tokens=200)
    free = fit_ngram(train, scored, vocabulary)
    found = [measure_baselines(model, scored, vocabulary).to_json() for model in (bound, free)]
    assert 150 < found[0]["ngram_tokens"] <= 200
    assert found[1]["ngram_tokens"] == sum(len(name.tokens) + 1 for name in train)
    assert found[1]["ngram"] < found[0]["ngram"] and np.isfinite(found[0]["ngram"])


def test_known_lengths_avoid_reading_uncounted_items() -> None:
    read = set()

    class Noted(list[Encoded]):
        def __getitem__(self, place: Any) -> Any:
            read.add(place)
            return super().__getitem__(place)

    encoder = letters()
    names = [encoder.encode(name) for name in dino_names()]
    train, scored = Noted(names[:-40]), names[-40:]
    lengths = np.array([len(name.tokens) for name in names[:-40]])
    known = fit_ngram(train, scored, encoder.vocabulary, 200, lengths)
    assert read == set(select_ngram_items(lengths, 200)) and len(read) < len(train)
    assert known.counts == fit_ngram(train, scored, encoder.vocabulary, 200).counts


def test_the_best_order_is_the_first_minimum() -> None:
    encoder = letters()
    names = [encoder.encode(name) for name in dino_names()]
    train, scored = names[:-40], names[-40:]
    sequences = [name.tokens.tolist() for name in train]
    shape = ModelShape(encoder.vocabulary.size)
    figures = [
        likelihood(
            NGram(order, shape, count_ngrams(order, shape, sequences)), scored, encoder.vocabulary
        ).per_token
        for order in ORDERS
    ]
    found = fit_ngram(train, scored, encoder.vocabulary)
    assert found.order == ORDERS[int(np.argmin(figures))]
    assert likelihood(found, scored, encoder.vocabulary).per_token == min(figures)


def test_the_data_card_reports_the_limit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = tuple(dino_names())
    domain = text_domain(names)
    whole = prepare_data(domain, Corpus(names), TrainConfig())
    assert "n-gram" not in whole.card.notes, "where all is counted nothing is said"

    monkeypatch.setattr("seqgen.runs.dataset.MAX_TOKENS", 200)
    data = whole.with_split(whole.split)
    print_data_card(Output(False), "names", data.card)
    train = len(data.split.train)
    assert f"of {train:,} training items" in capsys.readouterr().out
    assert data.card.to_json()["notes"]["n-gram"] == data.card.notes["n-gram"]
    monkeypatch.undo()
    assert data.with_split(data.split).card.notes == whole.card.notes
