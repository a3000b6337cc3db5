"""Steppers: a batch stepped in place equals steps with passed states."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen.models.sequence_model import ModelStepper

from ..helpers.cells import CELLS
from ..helpers.fakes import SpellingModel, random_model

SIZE, STEPS = 6, 12
CASES = list(product(CELLS, (1, 3), (0, 4), ((), (3,))))


def tokens(batch: int, t: int) -> NDArray[np.int64]:
    """The ids that the rows of a batch read at step ``t``; row ``r`` has its own walk."""
    rows = np.arange(batch)
    return (rows * 5 + t * 3 + rows * t) % SIZE if t else np.full(batch, SIZE)


@pytest.mark.parametrize(("cell", "layers", "embedding", "context"), CASES)
def test_a_stepper_equals_steps(
    cell: str, layers: int, embedding: int, context: tuple[int, ...]
) -> None:
    model = random_model(
        SIZE, cell=CELLS[cell], layers=layers, embedding=embedding, context=context, units=5
    )
    rows = np.arange(6)
    stepper, state = model.stepper(6), model.initial_state(6)
    for t in range(STEPS):
        if t in (3, 7):
            kept = np.flatnonzero(rows % 3 != 1) if t == 3 else np.array([0, len(rows) - 1])
            stepper.select(kept)
            state, rows = model.select(state, kept), rows[kept]
        columns = (rows[:, None] + t) % 3 if context else None
        read = tokens(6, t)[rows]
        found = stepper.read(read, columns)
        wanted, state = model.step(read, columns, state)
        np.testing.assert_allclose(found, wanted, atol=1e-6)
        assert found.shape == (len(rows), SIZE) and found.dtype == np.float32


def test_the_default_stepper_steps_the_model() -> None:
    model = SpellingModel([0, 1], SIZE)
    stepper = model.stepper(2)
    assert isinstance(stepper, ModelStepper)
    spelled = [stepper.read(np.array([SIZE, 0]), None).argmax(axis=-1).tolist() for _ in range(3)]
    assert spelled == [[0, 0], [1, 1], [SIZE - 1, SIZE - 1]]


def test_two_steppers_of_one_model_do_not_mix() -> None:
    model = random_model(SIZE)
    one, other = model.stepper(1), model.stepper(1)
    first = one.read(np.array([SIZE]), None).copy()
    other.read(np.array([SIZE]), None)
    other.read(np.array([2]), None)
    fresh = model.stepper(1)
    np.testing.assert_array_equal(fresh.read(np.array([SIZE]), None), first)
    np.testing.assert_array_equal(one.read(np.array([1]), None), fresh.read(np.array([1]), None))
