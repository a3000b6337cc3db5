"""Several steps a call: the rule that chooses them, their batches, and that they are the same."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.models.batch import Batch, pad, whole
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.training.batches import Batches
from seqgen.training.bucketing import fitting, padded_lengths
from seqgen.training.config import TrainConfig
from seqgen.training.steps_per_execution import MOST_STEPS, Execution, choose_execution
from seqgen.training.trainer import Trainer

from ..helpers.fakes import dino_names, letters

ENCODER = letters("abcd")
TEXTS = st.lists(st.text("abcd", max_size=14), min_size=1, max_size=40)


def batches(texts: Any, seed: int = 0, size: int = 4) -> Batches:
    """Batches of names or of such texts."""
    encoder = ENCODER if set("".join(texts)) <= set("abcd") else letters()
    return Batches(texts, encoder.encode, encoder.vocabulary, batch_size=size, window=6, seed=seed)


def rows(drawn: list[Batch]) -> list[tuple[int, ...]]:
    """The targets of every real row, sorted."""
    found = []
    for batch in drawn:
        lengths = batch.weights.sum(axis=1).astype(int)
        found += [tuple(row[:n]) for row, n in zip(batch.targets.tolist(), lengths) if n]  # noqa: B905
    return sorted(found)


@given(TEXTS, st.integers(0, 9), st.integers(1, 5), st.integers(0, 3))
def test_blocks_hold_every_window_once_and_have_one_shape(
    texts: list[str], seed: int, at_once: int, lengths: int
) -> None:
    plain = batches(texts, seed)
    made = plain.arranged(at_once, lengths)
    assert made.steps % at_once == 0 and 0 <= made.steps - plain.steps < at_once
    blocks, drawn = list(made.blocks(2)), list(made.epoch(2))
    assert len(blocks) * at_once == len(drawn) == made.steps
    for number, block in enumerate(blocks):
        assert block.inputs.shape == block.targets.shape == block.weights.shape
        assert len(block.inputs) == at_once
        for place in range(at_once):
            step = 2 * made.steps + number * at_once + place
            np.testing.assert_array_equal(made.batch(step).inputs, block.inputs[place])
    if lengths:
        assert len({block.inputs.shape for block in blocks}) <= lengths
    if made.steps <= len(rows(list(plain.epoch(2)))):
        assert rows(drawn) == rows(list(plain.epoch(2)))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30), st.integers(1, 4))
def test_padded_lengths_hold_all_and_are_few(longest: list[int], most: int) -> None:
    array = np.array(longest, np.int64)
    chosen = padded_lengths(array, most)
    assert list(chosen) == sorted(set(chosen)) and 1 <= len(chosen) <= most
    fitted = fitting(array, chosen)
    assert set(fitted.tolist()) <= set(chosen) and (fitted >= array).all()
    assert fitting(np.array([999]), chosen).tolist() == [999], "longer ones keep their own"
    assert int(fitted.sum()) <= int(fitting(array, padded_lengths(array, 1)).sum())


def test_the_best_two_lengths() -> None:
    assert padded_lengths(np.array([2, 3, 3, 9, 10], np.int64), 2) == (3, 10)


CONFIG, MODEL, SHAPE = TrainConfig(epochs=60), ModelConfig(units=64), ModelShape(78)


def test_the_rule_follows_size_and_length_of_the_training() -> None:
    small = choose_execution(CONFIG, MODEL, SHAPE, 64, 30, "tensorflow")
    assert small == Execution("tensorflow", MOST_STEPS, True, 4)
    wide = choose_execution(CONFIG, replace(MODEL, units=512), SHAPE, 64, 128, "tensorflow")
    assert not wide.compiled and wide.lengths == 0 and wide.at_once < small.at_once
    short = choose_execution(replace(CONFIG, epochs=2), MODEL, SHAPE, 64, 30, "tensorflow")
    assert not short.compiled, "compiling would take longer than it saves"
    on_jax = choose_execution(replace(CONFIG, epochs=2), MODEL, SHAPE, 64, 30, "jax")
    assert on_jax.compiled and on_jax.lengths == 1
    assert str(on_jax) == "jax, 16 steps at once, compiled for 1 lengths"


@given(st.integers(1, 500))
def test_few_steps_are_added(steps: int) -> None:
    at_once = choose_execution(CONFIG, MODEL, SHAPE, steps, 30, "tensorflow").at_once
    assert 1 <= at_once <= max(steps // 4, 1)
    assert -(steps // -at_once) * at_once - steps <= steps / 8


@pytest.mark.slow
def test_steps_at_once_are_the_steps_one_by_one(keras_rnn: ModuleType) -> None:
    """From the same batches, by the trainer's own way in each."""
    import keras

    from seqgen.training.backend import prepare_backend

    encoder, names = letters(), dino_names()[:60]
    backend = keras.backend.backend()
    made = batches(names, size=16).arranged(2, 1)
    row = pad([whole(encoder.encode(names[0]), encoder.vocabulary)], encoder.vocabulary)
    config = TrainConfig(epochs=1, ema=0.9, learning_rate=0.02)
    found = []
    for at_once, compiled in ((1, False), (2, False), (2, True)):
        prepare_backend(0)
        model = keras_rnn.KerasRNN(
            ModelConfig(units=6, embedding=4, dropout=0.0),
            ModelShape(encoder.vocabulary.size),
        )
        execution = Execution(backend, at_once, compiled, 1)
        trainer = Trainer(model, made, [row], config, lambda report: None, execution=execution)
        trainer._batches = made
        if at_once == 1:
            singles = list(made.epoch(0))
            stacked = [
                Batch(b.inputs[None], b.targets[None], None, b.weights[None]) for b in singles
            ]
            trainer._batches = _Fixed(stacked)  # type: ignore[assignment]
        training = trainer.train()
        found.append((model.weights, training.history[0].train_nats))
    for weights, nats in found[1:]:
        assert nats == pytest.approx(found[0][1], abs=1e-5)
        for name, array in weights.items():
            np.testing.assert_allclose(array, found[0][0][name], atol=2e-4, err_msg=name)


class _Fixed:
    """Stacked batches of one epoch."""

    def __init__(self, blocks: list[Batch]) -> None:
        self._blocks, self.steps = blocks, len(blocks)

    def blocks(self, number: int) -> list[Batch]:
        return self._blocks


@pytest.mark.slow
def test_the_rate_is_that_of_its_equation_and_comes_back_from_its_config(
    keras_rnn: ModuleType,
) -> None:
    from seqgen.training.lr_schedule import WarmUpCosine

    made = WarmUpCosine(0.5, 100, 0.2)
    for rate in (made, WarmUpCosine.from_config(made.get_config())):
        found = [float(rate(step)) for step in (0, 10, 20, 60, 100, 400)]
        middle = 0.02 + 0.98 / 2
        wanted = [0.01, 0.25, 0.5, 0.5 * middle, 0.01, 0.01]
        assert found == pytest.approx(wanted, rel=1e-5)
    assert float(WarmUpCosine(0.5, 100, 0.0)(0)) == pytest.approx(0.5)
