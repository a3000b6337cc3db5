"""Mixtures: the mean of probabilities, by steps, steppers and files alike."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.errors import ModelFileError
from seqgen.evaluation.ngram_mixture_weight import choose_weight, fit_weight
from seqgen.models.model_file import load_model, save_model
from seqgen.models.ngram import NGram, count_ngrams
from seqgen.models.sequence_model import Mixture, ModelShape, log_softmax, mix

from ..helpers.fakes import dino_names, dinos, model_by_hand, random_model

SIZE = 5
VOCABULARY = Vocabulary(tuple("abcd"))
SEQUENCES = [[0, 1, 2], [0, 1, 3], [2, 2], [3, 0, 1, 2]]


def ngram() -> NGram:
    shape = ModelShape(SIZE)
    return NGram(3, shape, count_ngrams(3, shape, SEQUENCES))


def mixture() -> Mixture:
    members = (random_model(SIZE, 1), random_model(SIZE, 2), ngram())
    return Mixture(members, (0.3, 0.3, 0.4))


def inputs(rows: int, steps: int, seed: int = 0) -> Any:
    tokens = np.random.default_rng(seed).integers(0, SIZE - 1, (rows, steps))
    tokens[:, 0] = SIZE
    return tokens


def test_the_probability_is_the_weighted_mean() -> None:
    model, tokens = mixture(), inputs(4, 6)
    wanted = sum(
        weight * np.exp(log_softmax(member.forward(tokens, None)))
        for member, weight in zip(model.members, model.weights, strict=True)
    )
    found = np.exp(model.forward(tokens, None))
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=-1), 1.0, atol=1e-5)


def test_stepper_and_steps_agree_after_a_selection_of_rows() -> None:
    model, tokens = mixture(), inputs(4, 6)
    stepper, state = model.stepper(4), model.initial_state(4)
    for t in range(3):
        logits, state = model.step(tokens[:, t], None, state)
        np.testing.assert_allclose(stepper.read(tokens[:, t], None), logits, atol=1e-6)
    rows = np.array([3, 1])
    stepper.select(rows)
    logits, _ = model.step(tokens[rows, 3], None, model.select(state, rows))
    np.testing.assert_allclose(stepper.read(tokens[rows, 3], None), logits, atol=1e-6)


@given(st.integers(1, 40), st.integers(0, 2**31))
def test_rows_are_mixed_independently(rows: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    parts = [rng.normal(scale=9, size=(rows, 7)).astype(np.float32) for _ in range(2)]
    parts[0][:, 2] = -np.inf
    together = mix(parts, (0.25, 0.75))
    for row in range(rows):
        alone = mix([part[row : row + 1] for part in parts], (0.25, 0.75))
        assert alone.tobytes() == together[row : row + 1].tobytes()


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0.01, 9), st.floats(0.01, 9)), min_size=3, max_size=40))
def test_no_other_weight_is_better(pairs: list[tuple[float, float]]) -> None:
    own, other = np.array(pairs).T

    def figure(weight: float) -> float:
        shares = (1 - weight) * np.exp(-own) + weight * np.exp(-other)
        return float(-np.log(shares).mean())

    found = figure(fit_weight(own, other))
    assert found <= min(figure(weight) for weight in np.linspace(0, 1, 21)) + 1e-2


def test_auto_uses_the_ngram_only_if_it_helps() -> None:
    items = [Encoded(np.array(tokens, np.int32)) for tokens in SEQUENCES * 5]
    network = random_model(SIZE, 1)  # knows nothing, so the n-gram wins by far
    assert choose_weight(network, ngram(), items, VOCABULARY, "auto") > 0.5
    assert choose_weight(network, ngram(), items, VOCABULARY, "off") == 0.0
    blind = NGram(1, ModelShape(SIZE), count_ngrams(1, ModelShape(SIZE), [[3, 3, 3, 3]]))
    assert choose_weight(ngram(), blind, items, VOCABULARY, "auto") == 0.0
    assert 0 < choose_weight(ngram(), blind, items, VOCABULARY, "on") < 1


def test_a_file_stores_all_members(tmp_path: Path) -> None:
    by_hand = model_by_hand(dinos(), dino_names())
    second = random_model(by_hand.networks[0].shape.vocabulary_size, 9, units=12)
    trained = replace(by_hand, networks=(by_hand.networks[0], second), ngram_weight=0.25)
    path = tmp_path / "model.safetensors"
    save_model(path, trained)
    again = load_model(path, dinos())
    assert len(again.networks) == 2 and again.ngram_weight == 0.25
    assert again.parameters == trained.parameters == 2 * second.parameters
    tokens = inputs(2, 5)
    tokens[:, 0] = by_hand.networks[0].shape.vocabulary_size
    found = again.model.forward(tokens, None)
    assert found.tobytes() == trained.model.forward(tokens, None).tobytes()
    assert isinstance(again.model, Mixture) and math.isclose(sum(again.model.weights), 1)


def test_a_mixture_without_its_counts_is_an_error() -> None:
    trained = replace(model_by_hand(dinos(), dino_names()), ngram_weight=0.25, ngram_arrays={})
    with pytest.raises(ModelFileError, match="no n-gram counts"):
        _ = trained.model
