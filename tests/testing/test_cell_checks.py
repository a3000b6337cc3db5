"""The checks of cells: every good cell passes them, and each defect fails the check of its law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen.testing import CELL_CHECKS, check_named, checks_of, parametrize_with_checks

from ..conftest import Run
from ..helpers.cells import CELLS, Leaky

MinGRU = type(CELLS["mingru"])
Step = tuple[NDArray[Any], ...]


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("check", CELL_CHECKS, ids=lambda check: check.name)
def test_good_cells_pass(keras_rnn: Any, name: str, check: Any) -> None:
    assert check.outcome(checks_of(CELLS[name])[0]).status == "passed"


@parametrize_with_checks(CELLS["mingru"])
def test_checks_are_tests(keras_rnn: Any, check: Callable[[], None]) -> None:
    check()


def numpy_step(change: Callable[[Any, Step, Mapping[str, Any], Step], Any]) -> dict[str, Any]:
    """A minGRU whose NumPy step is changed afterwards."""

    def step(self: Any, projected: Any, state: Step, weights: Mapping[str, Any]) -> Any:
        return change(projected, state, weights, MinGRU.numpy_step(self, projected, state, weights))

    return {"numpy_step": step}


def in_place(projected: Any, state: Step, weights: Any, after: Step) -> Step:
    state[0][...] = after[0]
    return after


def remembering() -> Callable[..., Step]:
    calls: list[int] = []

    def change(projected: Any, state: Step, weights: Any, after: Step) -> Step:
        calls.append(1)
        return (after[0] + np.asarray(len(calls), after[0].dtype),)

    return change


def blocked_gradient(self: Any, projected: Any, state: Any, weights: Any) -> Any:
    from keras import ops

    update, candidate = ops.split(projected, 2, axis=-1)
    update = ops.stop_gradient(ops.sigmoid(update))
    return ((1 - update) * state[0] + update * candidate,)


def other_equations(self: Any, projected: Any, state: Any, weights: Any) -> Any:
    (hidden,) = MinGRU.keras_step(self, projected, state, weights)
    return (hidden + 1e-3,)


def steps_first(self: Any, projected: Any, weights: Any) -> Any:
    from keras import ops

    return ops.transpose(MinGRU.keras_steps(self, projected, weights), (1, 0, 2))


BROKEN: dict[str, tuple[str, dict[str, Any], str]] = {
    "name": ("cell_form", {"name": "Min GRU"}, "lower-case letters"),
    "gates": ("cell_form", {"gates": ("update", "update")}, "gates must be a tuple of different"),
    "shapes": (
        "cell_form",
        {"weight_shapes": lambda self, inputs, units: {"kernel": (inputs, units)}},
        "must have kernel",
    ),
    "depends": (
        "cell_form",
        {
            "weight_shapes": lambda self, inputs, units: {
                **MinGRU.weight_shapes(self, inputs, units),
                "skip": (inputs, units),
            }
        },
        "only the kernel may depend",
    ),
    "random": (
        "cell_form",
        {
            "initial_weights": lambda self, shapes, rng: {
                "bias": np.random.default_rng().random(shapes["bias"], np.float32)
            }
        },
        "not a function of rng",
    ),
    "in place": ("cell_numpy_step", numpy_step(in_place), "an argument was changed"),
    "stateful": ("cell_numpy_step", numpy_step(remembering()), "gives another state"),
    "type": (
        "cell_numpy_step",
        numpy_step(lambda p, s, w, after: (after[0] * np.ones(4, np.float64),)),
        "must be (3, 4) float32",
    ),
    "parts": ("cell_numpy_step", numpy_step(lambda p, s, w, after: after * 2), "a tuple of 1"),
    "rows": (
        "cell_rows",
        numpy_step(lambda p, s, w, after: (after[0] - after[0].mean(axis=0),)),
        "depends on the other rows",
    ),
    "equations": ("cell_keras_step", {"keras_step": other_equations}, "'hidden' differs by"),
    "axes": ("cell_keras_steps", {"keras_steps": steps_first}, "must return (3, 5, 4)"),
    "gradient": ("cell_gradient", {"keras_step": blocked_gradient}, "from finite differences"),
    "error": (
        "cell_numpy_step",
        numpy_step(lambda p, s, w, after: w["absent"]),
        "raised KeyError: 'absent'",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_defect_fails_the_check_of_its_law(keras_rnn: Any, case: str) -> None:
    name, changed, message = BROKEN[case]
    subject, checks = checks_of(type("Broken", (MinGRU,), changed)())
    outcome = check_named(name, checks).outcome(subject)
    assert outcome.status == "failed" and message in outcome.note, outcome
    assert outcome.change


def test_a_model_finds_weights_that_steps_do_not_read(keras_rnn: Any) -> None:
    """A layer of Keras' own in place of the equations, as LSTM and GRU have one."""

    def lstm_layer(self: Any) -> Any:
        import keras

        return keras.layers.SimpleRNN

    broken = type("Broken", (Leaky,), {"keras_layer": lstm_layer})()
    subject, checks = checks_of(broken)
    assert check_named("cell_model", checks).outcome(subject).status == "failed"


def test_cells_are_checked_from_the_command_line(keras_rnn: Any, seqgen: Run) -> None:
    answer = seqgen("check", "--cell", "gru")
    assert answer.code == 0 and "7 checks: 7 passed" in answer.out
    assert "cell_gradient" in answer.out
    answer = seqgen("check", "--cell", "gru", "--only", "cell_rows", "--json")
    assert '"cell": "gru"' in answer.out
    assert "no cell 'rnn'" in seqgen("check", "--cell", "rnn").err
    for args in ([], ["dinos", "--cell", "gru"]):
        answer = seqgen("check", *args)
        assert answer.code == 2 and "give one of DOMAIN, --cell" in answer.err
    assert "there are cell_form" in seqgen("check", "--cell", "gru", "--only", "guide_form").err
