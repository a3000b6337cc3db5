"""Several steps per call: the choice, the stacked batches, and the same result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.models.padded_batch import Batch, pad, whole
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.training.seeded_batches import Batches, choose_lengths, round_up
from seqgen.training.steps_per_execution import MAX_STEPS, Execution, choose_execution
from seqgen.training.train_config import TrainConfig
from seqgen.training.trainer import Trainer

from ..helpers.fakes import dino_names, letters

ENCODER = letters("abcd")
TEXTS = st.lists(st.text("abcd", max_size=14), min_size=1, max_size=40)


def batches(texts: Any, seed: int = 0, size: int = 4) -> Batches:
    """Batches of names, or of texts of a to d."""
    encoder = ENCODER if set("".join(texts)) <= set("abcd") else letters()
    return Batches(texts, encoder.encode, encoder.vocabulary, batch_size=size, window=6, seed=seed)


def rows(stacks: Iterable[Batch]) -> list[tuple[int, ...]]:
    """The targets of all rows without padding, sorted."""
    found = []
    for stack in stacks:
        targets = stack.targets.reshape(-1, stack.targets.shape[-1]).tolist()
        lengths = stack.weights.sum(axis=-1).ravel().astype(int)
        found += [tuple(row[:n]) for row, n in zip(targets, lengths, strict=True) if n]
    return sorted(found)


@given(TEXTS, st.integers(0, 9), st.integers(1, 5), st.integers(0, 3))
def test_stacks_have_every_window_once_and_one_shape(
    texts: list[str], seed: int, size: int, lengths: int
) -> None:
    plain = batches(texts, seed)
    stacked = plain.stacked(size, lengths)
    assert stacked.steps % size == 0 and 0 <= stacked.steps - plain.steps < size
    stacks = list(stacked.stacks(2))
    assert len(stacks) * size == stacked.steps
    for stack in stacks:
        assert stack.inputs.shape == stack.targets.shape == stack.weights.shape
        assert len(stack.inputs) == size
    first = 2 * len(stacks)
    np.testing.assert_array_equal(stacked.stack(first).inputs, stacks[0].inputs)
    if lengths:
        assert len({stack.inputs.shape for stack in stacks}) <= lengths
    if stacked.steps <= len(rows(plain.stacks(2))):
        assert rows(stacks) == rows(plain.stacks(2))


@given(st.lists(st.integers(1, 300), min_size=1, max_size=30), st.integers(1, 4))
def test_few_lengths_are_chosen_and_none_is_too_short(longest: list[int], most: int) -> None:
    array = np.array(longest, np.int64)
    chosen = choose_lengths(array, most)
    assert list(chosen) == sorted(set(chosen)) and 1 <= len(chosen) <= most
    fitted = round_up(array, chosen)
    assert set(fitted.tolist()) <= set(chosen) and (fitted >= array).all()
    assert round_up(np.array([999]), chosen).tolist() == [999], "longer ones keep their length"
    assert int(fitted.sum()) <= int(round_up(array, choose_lengths(array, 1)).sum())


def test_the_best_two_lengths() -> None:
    assert choose_lengths(np.array([2, 3, 3, 9, 10], np.int64), 2) == (3, 10)


CONFIG, MODEL, SHAPE = TrainConfig(epochs=60), ModelConfig(units=64), ModelShape(78)


def test_the_choice_depends_on_model_size_and_training_length() -> None:
    small = choose_execution(CONFIG, MODEL, SHAPE, 64, 30, "tensorflow")
    assert small == Execution("tensorflow", MAX_STEPS, True, 4)
    wide = choose_execution(CONFIG, replace(MODEL, units=512), SHAPE, 64, 128, "tensorflow")
    assert not wide.compiled and wide.max_lengths == 0
    assert wide.steps_per_call < small.steps_per_call
    short = choose_execution(replace(CONFIG, epochs=2), MODEL, SHAPE, 64, 30, "tensorflow")
    assert not short.compiled, "compiling would take longer than it saves"
    on_jax = choose_execution(replace(CONFIG, epochs=2), MODEL, SHAPE, 64, 30, "jax")
    assert on_jax.compiled and on_jax.max_lengths == 1
    assert str(on_jax) == "jax, 16 steps per call, compiled for 1 lengths"


@given(st.integers(1, 500))
def test_few_steps_are_added(steps: int) -> None:
    per_call = choose_execution(CONFIG, MODEL, SHAPE, steps, 30, "tensorflow").steps_per_call
    assert 1 <= per_call <= max(steps // 4, 1)
    assert -(steps // -per_call) * per_call - steps <= steps / 8


@pytest.mark.slow
def test_several_steps_per_call_give_the_same_result_as_single_steps(keras_rnn: ModuleType) -> None:
    """The trainer gets the same batches, once in stacks of two and once one by one."""
    import keras

    from seqgen.training.backend import prepare_backend

    encoder, names = letters(), dino_names()[:60]
    backend = keras.backend.backend()
    pairs = batches(names, size=16).stacked(2, 1)
    row = pad([whole(encoder.encode(names[0]), encoder.vocabulary)], encoder.vocabulary)
    config = TrainConfig(epochs=1, ema=0.9, learning_rate=0.02)
    found = []
    for size, compiled in ((1, False), (2, False), (2, True)):
        prepare_backend(0)
        model = keras_rnn.KerasRNN(
            ModelConfig(units=6, embedding=4, dropout=0.0),
            ModelShape(encoder.vocabulary.size),
        )
        trainer = Trainer(model, pairs, [row], config, Execution(backend, size, compiled, 1))
        trainer._batches = pairs
        if size == 1:
            trainer._batches = SingleSteps(pairs)  # type: ignore[assignment]
        training = trainer.train()
        found.append((model.weights, training.history[0].train_nats))
    for weights, nats in found[1:]:
        assert nats == pytest.approx(found[0][1], abs=1e-5)
        for name, array in weights.items():
            np.testing.assert_allclose(array, found[0][0][name], atol=2e-4, err_msg=name)


class SingleSteps:
    """The batches of some stacks, each in a stack of its own."""

    def __init__(self, batches: Batches) -> None:
        self._batches, self.steps = batches, batches.steps

    def stacks(self, epoch: int) -> Iterator[Batch]:
        for stack in self._batches.stacks(epoch):
            for k in range(len(stack.inputs)):
                part = slice(k, k + 1)
                yield Batch(stack.inputs[part], stack.targets[part], None, stack.weights[part])


@pytest.mark.slow
def test_the_learning_rate_follows_its_equation_and_its_config(
    keras_rnn: ModuleType,
) -> None:
    from seqgen.training.optimizer import WarmUpCosine

    schedule = WarmUpCosine(0.5, 100, 0.2)
    for rate in (schedule, WarmUpCosine.from_config(schedule.get_config())):
        found = [float(rate(step)) for step in (0, 10, 20, 60, 100, 400)]
        middle = 0.02 + 0.98 / 2
        wanted = [0.01, 0.25, 0.5, 0.5 * middle, 0.01, 0.01]
        assert found == pytest.approx(wanted, rel=1e-5)
    assert float(WarmUpCosine(0.5, 100, 0.0)(0)) == pytest.approx(0.5)
