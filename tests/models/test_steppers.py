"""The law of steppers: reading in place, stepping and ``forward`` give the same logits for any
selection of rows, and equal those of the cells' equations in float64."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.models.cells import numpy_cells
from seqgen.models.numpy_rnn import NumpyRNN, NumpyStepper
from seqgen.models.sequence_model import ModelStepper, Stepper

from ..helpers.cells import CELLS
from ..helpers.fakes import random_model
from ..helpers.table_model import TableModel

SIZE = 5
CONTEXT = (3, 2)
CASES = list(product(CELLS, (1, 2, 3), (0, 4), ((), CONTEXT)))
MODELS = {
    case: random_model(
        SIZE, cell=CELLS[case[0]], layers=case[1], embedding=case[2], context=case[3], units=6
    )
    for case in CASES
}
EVERY = pytest.mark.parametrize("case", CASES, ids=str)
Wide = NDArray[np.float64]


def slow_logits(model: NumpyRNN, tokens: list[int], context: list[list[int]]) -> Wide:
    """The logits of every step of one row, shape ``(T, V)``, one cell after the other."""
    weights = {name: array.astype(np.float64) for name, array in model.weights.items()}
    names, zero = model.cell.weight_shapes(1, 1), np.zeros(model.config.units)
    states = [tuple(zero for _ in model.cell.state)] * model.config.layers
    one_hot = np.vstack([np.eye(SIZE), np.zeros(SIZE)])  # the start is no token
    logits = []
    for token, columns in zip(tokens, context, strict=True):
        x = (weights["embedding"] if model.config.embedding else one_hot)[token]
        for value, values in zip(columns, model.shape.context_sizes, strict=True):
            x = np.concatenate([x, np.eye(values)[value]])
        for k in range(model.config.layers):
            own = {name: weights[f"layer{k}.{name}"] for name in names}
            projected = x @ own["kernel"] + np.atleast_2d(own["bias"])[0]
            states[k] = model.cell.numpy_step(projected, states[k], own)
            x = states[k][0]
        logits.append(x @ weights["readout.kernel"] + weights["readout.bias"])
    return np.array(logits)


class Rows:
    """What the rows of a batch have read so far, to read further at random."""

    def __init__(self, seed: int, batch: int, context: tuple[int, ...]) -> None:
        self._rng, self._context = np.random.default_rng(seed), context
        self.tokens: NDArray[np.int64] = np.empty((batch, 0), np.int64)
        self.columns: NDArray[np.int64] = np.empty((batch, 0, len(context)), np.int64)

    def more(self) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
        """A token for each row, the start first, and its context."""
        batch, length = self.tokens.shape
        tokens = self._rng.integers(0, SIZE, (batch, 1))[:, 0] if length else np.full(batch, SIZE)
        sizes = np.array(self._context, dtype=np.int64)
        columns = (self._rng.random((batch, 1, len(sizes))) * sizes).astype(np.int64)
        self.tokens = np.concatenate([self.tokens, tokens[:, None]], axis=1)
        self.columns = np.concatenate([self.columns, columns], axis=1)
        return tokens, columns[:, 0] if self._context else None

    def select(self) -> NDArray[np.int64]:
        """Some of the rows in any order; a row may occur twice."""
        count = self._rng.integers(1, len(self.tokens) + 1)
        chosen = self._rng.integers(0, len(self.tokens), count)
        self.tokens, self.columns = self.tokens[chosen], self.columns[chosen]
        return chosen


@EVERY
@settings(max_examples=10)
@given(
    seed=st.integers(0, 10**6),
    moves=st.lists(st.sampled_from("rrrs"), min_size=4, max_size=14),
)
def test_all_ways_to_read_agree(case: Any, seed: int, moves: list[str]) -> None:
    model = MODELS[case]
    rows = Rows(seed, 5, case[3])
    own, stepping = model.stepper(5), ModelStepper(model, 5)
    assert isinstance(own, NumpyStepper) == (model.cell.in_place_step() is not None)
    state, seen = model.initial_state(5), np.empty((0, 5, SIZE), np.float32)
    for move in ["r", *moves]:
        if move == "s":
            chosen = rows.select()
            for stepper in (own, stepping):
                stepper.select(chosen)
            state, seen = model.select(state, chosen), seen[:, chosen]
        else:
            tokens, columns = rows.more()
            logits, state = model.step(tokens, columns, state)
            for stepper in (own, stepping):
                found = stepper.read(tokens, columns)
                assert found.shape == logits.shape and found.dtype == np.float32
                np.testing.assert_allclose(found, logits, atol=1e-6)
            seen = np.concatenate([seen, logits[None]])
    forward = model.forward(rows.tokens, rows.columns if case[3] else None)
    np.testing.assert_allclose(forward.transpose(1, 0, 2), seen, atol=1e-6)
    for row, tokens in enumerate(rows.tokens):
        wanted = slow_logits(model, tokens.tolist(), rows.columns[row].tolist())
        np.testing.assert_allclose(forward[row], wanted, atol=2e-5)


@EVERY
@pytest.mark.parametrize("batch", [1, 16, 17, 40])
def test_large_batches_are_stepped_block_by_block(
    monkeypatch: pytest.MonkeyPatch, batch: int, case: Any
) -> None:
    model, rows = MODELS[case], Rows(batch, batch, case[3])
    monkeypatch.setattr(numpy_cells, "_CACHED", 0)  # blocks of the least size
    stepper, seen = model.stepper(batch), []
    for _ in range(4):
        seen.append(stepper.read(*rows.more()).copy())
    for row in range(0, batch, 5):
        wanted = slow_logits(model, rows.tokens[row].tolist(), rows.columns[row].tolist())
        np.testing.assert_allclose(np.array(seen)[:, row], wanted, atol=2e-5)


@EVERY
def test_a_step_changes_no_state(case: Any) -> None:
    model, rows = MODELS[case], Rows(1, 3, case[3])
    state = model.initial_state(3)
    for _ in range(4):
        before = [part.copy() for part in state]
        tokens, columns = rows.more()
        logits, after = model.step(tokens, columns, state)
        again, _ = model.step(tokens, columns, state)
        np.testing.assert_array_equal(logits, again)
        model.select(state, np.array([2, 0]))
        for part, copied in zip(state, before, strict=True):
            np.testing.assert_array_equal(part, copied)
        state = after


STEPPERS: list[Callable[[int], Stepper]] = [
    lambda batch: MODELS["gru", 2, 0, ()].stepper(batch),
    lambda batch: ModelStepper(MODELS["lstm", 1, 4, ()], batch),
    lambda batch: TableModel.random(SIZE).stepper(batch),
]


@pytest.mark.parametrize("make", STEPPERS, ids=["in place", "by steps", "table"])
def test_rows_can_be_selected_at_any_time_and_none_at_all(make: Callable[[int], Stepper]) -> None:
    stepper, fresh = make(4), make(2)
    stepper.select(np.array([3, 1]))
    start = np.full(2, SIZE)
    np.testing.assert_array_equal(stepper.read(start, None), fresh.read(start, None))
    stepper.select(np.array([], dtype=np.int64))
    assert stepper.read(np.array([], dtype=np.int64), None).shape == (0, SIZE)


def test_a_stepper_does_not_change_its_initial_state() -> None:
    model = MODELS["lstm", 2, 0, ()]
    state = model.step(np.full(2, SIZE), None, model.initial_state(2))[1]
    before = [part.copy() for part in state]
    stepper = NumpyStepper(model.folded, state)
    first = stepper.read(np.array([0, 1]), None).copy()
    taken = stepper.state
    stepper.read(np.array([2, 3]), None)
    for part, copied in zip(state, before, strict=True):
        np.testing.assert_array_equal(part, copied)
    wanted, after = model.step(np.array([0, 1]), None, state)
    np.testing.assert_array_equal(first, wanted)
    for part, copied in zip(taken, after, strict=True):
        np.testing.assert_array_equal(part, copied)
