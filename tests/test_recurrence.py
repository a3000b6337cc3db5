"""The recurrence against Keras' own layers: hidden states and every gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

ROWS, STEPS, WIDTH, UNITS = 3, 6, 4, 5
tf = pytest.importorskip("tensorflow")


def random(*shape: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def gradients(function: Any, arguments: list[Any], upstream: Any, compiled: bool) -> list[Any]:
    """The output of a function and the gradient of each argument."""

    @tf.function(jit_compile=compiled)
    def run() -> Any:
        with tf.GradientTape() as tape:
            tape.watch(arguments)
            given = function()
            total = tf.reduce_sum(given * upstream)
        return [given, *tape.gradient(total, arguments)]

    return [np.asarray(part) for part in run()]


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_states_and_gradients_are_those_of_keras(cell: str, compiled: bool) -> None:
    import keras

    from seqgen.models import recurrence

    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell](UNITS, return_sequences=True)
    x = tf.constant(random(ROWS, STEPS, WIDTH, seed=0))
    layer(x)
    layer.set_weights(
        [random(*part.shape, seed=k) / 2 for k, part in enumerate(layer.get_weights(), start=1)]
    )
    kernel, recurrent, bias = (
        getattr(layer.cell, name).value for name in ("kernel", "recurrent_kernel", "bias")
    )
    zero = tf.zeros((ROWS, UNITS))

    def ours() -> Any:
        if cell == "lstm":
            return recurrence.lstm(x @ kernel + bias, recurrent, zero, zero)
        return recurrence.gru(x @ kernel + bias[0], recurrent, bias[1], zero)

    upstream = tf.constant(random(ROWS, STEPS, UNITS, seed=9))
    arguments = [x, kernel, recurrent, bias]
    found = gradients(ours, arguments, upstream, compiled)
    wanted = gradients(lambda: layer(x), arguments, upstream, compiled)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
    assert np.ptp(found[0]) > 0.5, "states that hardly differ would show nothing"


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_first_states_have_gradients_too(cell: str) -> None:
    """Against differences of the sum, as no Keras layer gives them at hand."""
    from seqgen.models import recurrence

    gates = {"lstm": 4, "gru": 3}[cell] * UNITS
    projected = tf.constant(random(ROWS, STEPS, gates, seed=0))
    kernel, bias = tf.constant(random(UNITS, gates, seed=1) / 2), tf.zeros(gates)
    states = [tf.constant(random(ROWS, UNITS, seed=2)), tf.constant(random(ROWS, UNITS, seed=3))]

    def total(first: Any, second: Any) -> Any:
        if cell == "lstm":
            return tf.reduce_sum(recurrence.lstm(projected, kernel, first, second))
        return tf.reduce_sum(recurrence.gru(projected, kernel, bias, first))

    own = states if cell == "lstm" else states[:1]
    for place, state in enumerate(own):
        with tf.GradientTape() as tape:
            tape.watch(state)
            value = total(*(state if k == place else other for k, other in enumerate(states)))
        gradient = np.asarray(tape.gradient(value, state))
        step = np.zeros((ROWS, UNITS), np.float32)
        step[1, 2] = 1e-2
        moved = [
            total(*(other + sign * step if k == place else other for k, other in enumerate(states)))
            for sign in (1, -1)
        ]
        assert gradient[1, 2] == pytest.approx(float(moved[0] - moved[1]) / 2e-2, abs=2e-3)
