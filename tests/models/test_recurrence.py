"""The recurrence against Keras' own layers: hidden states and every gradient."""

from __future__ import annotations

import gc
import os
import weakref
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen.testing.gradients import gradients

ROWS, STEPS, WIDTH, UNITS = 3, 6, 4, 5


def random(*shape: int, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_states_and_gradients_are_those_of_keras(
    keras_rnn: ModuleType, cell: str, compiled: bool
) -> None:
    import keras

    from seqgen.models.cells import keras_lstm_gru as recurrence

    layer = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU}[cell](UNITS, return_sequences=True)
    layer.build((ROWS, STEPS, WIDTH))
    layer.set_weights(
        [random(*part.shape, seed=k) / 2 for k, part in enumerate(layer.get_weights(), start=1)]
    )
    own = [keras.ops.convert_to_numpy(part) for part in layer.trainable_variables]
    others = [part.value for part in layer.non_trainable_variables]  # a seed of dropout

    def by_step(x: Any) -> Any:
        return keras.ops.transpose(x, (1, 0, 2))

    def ours(x: Any, kernel: Any, recurrent: Any, bias: Any) -> Any:
        if cell == "lstm":
            return recurrence.lstm(by_step(x) @ kernel + bias, recurrent)
        return recurrence.gru(by_step(x) @ kernel + bias[0], recurrent, bias[1])

    def theirs(x: Any, *weights: Any) -> Any:
        return layer.stateless_call(weights, others, x)[0]

    arguments = [random(ROWS, STEPS, WIDTH, seed=0), *own]
    upstream = random(ROWS, STEPS, UNITS, seed=9)
    found = gradients(ours, arguments, upstream, compiled)
    wanted = gradients(theirs, arguments, upstream, compiled)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
    assert np.ptp(found[0]) > 0.5, "states that hardly differ would show nothing"


@pytest.mark.skipif(
    os.environ.get("KERAS_BACKEND") != "torch",
    reason="tensors of the other backends have no graph",
)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_saved_states_are_freed_with_the_output(keras_rnn: ModuleType, cell: str) -> None:
    """Not when the garbage collector comes by, which may be gigabytes later."""
    from keras import ops

    from seqgen.models.cells import keras_lstm_gru as recurrence

    gates = {"lstm": 4, "gru": 3}[cell] * UNITS
    kernel = ops.convert_to_tensor(random(UNITS, gates, seed=1)).requires_grad_()
    rows, bias = ops.convert_to_tensor(random(STEPS, ROWS, gates, seed=0)), ops.zeros((gates,))
    gc.disable()
    try:
        if cell == "lstm":
            output = recurrence.lstm(rows, kernel)
        else:
            output = recurrence.gru(rows, kernel, bias)
        states = weakref.ref(output._base)
        assert states() is not None and states().grad_fn is not None
        output.sum().backward()
        del output
        assert states() is None
    finally:
        gc.enable()
