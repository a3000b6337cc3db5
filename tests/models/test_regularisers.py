"""The regularisers: what they drop, when, and that stepping knows nothing of them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen import SettingError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import ModelShape, forward_by_steps
from seqgen.models.share_weight_rnn import ModelConfig, weight_shapes
from seqgen.testing.gradients import weight_gradients

from ..helpers.cells import CELLS
from ..helpers.fakes import random_weights

SIZE, ROWS, STEPS, UNITS = 7, 4, 9, 6
DROPS = ("dropout", "input_dropout", "embedding_dropout", "weight_drop")


def tokens(alike: bool = False) -> NDArray[Any]:
    """Inputs ``(B, T)`` that begin with the start token; all rows the same if ``alike``."""
    drawn = np.random.default_rng(0).integers(0, SIZE, (ROWS, STEPS))
    drawn[:, 0] = SIZE
    return np.repeat(drawn[:1], ROWS, axis=0) if alike else drawn


def trained_logits(model: Any, inputs: NDArray[Any]) -> NDArray[Any]:
    import keras

    found = model.network(model.inputs(inputs, None), training=True)
    return np.asarray(keras.ops.convert_to_numpy(found))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("embedding", [5, UNITS])
def test_a_tied_model_agrees_on_sequences_and_steps(
    keras_rnn: ModuleType, cell: str, embedding: int
) -> None:
    config = ModelConfig(cell=cell, units=UNITS, embedding=embedding, tied=True)
    shape = ModelShape(SIZE)
    weights = random_weights(config, shape, seed=1, cell=CELLS[cell])
    assert ("readout.projection" in weights) == (embedding != UNITS)
    assert "readout.kernel" not in weights
    model = keras_rnn.KerasRNN.from_weights(config, shape, weights, CELLS[cell])
    whole = model.forward(tokens(), None)
    assert np.ptp(whole) > 0.5
    np.testing.assert_allclose(forward_by_steps(model, tokens(), None), whole, atol=1e-5)
    stepped = NumpyRNN(config, shape, weights, CELLS[cell]).forward(tokens(), None)
    np.testing.assert_allclose(stepped, whole, atol=1e-5)
    found = {name: array.shape for name, array in model.weights.items()}
    assert found == weight_shapes(config, shape, CELLS[cell])


def test_tied_needs_an_embedding() -> None:
    with pytest.raises(SettingError, match="tied requires an embedding"):
        ModelConfig(tied=True)


@pytest.mark.parametrize("embedding", [0, 5])
@pytest.mark.parametrize("drop", DROPS)
def test_dropout_is_active_only_in_training(
    keras_rnn: ModuleType, drop: str, embedding: int
) -> None:
    plain = {name: 0.0 for name in DROPS}
    config = ModelConfig(units=UNITS, embedding=embedding, **{**plain, drop: 0.5})
    model = keras_rnn.KerasRNN(config, ModelShape(SIZE), seed=3)
    evaluated = model.forward(tokens(), None)
    np.testing.assert_array_equal(model.forward(tokens(), None), evaluated)
    first, second = (trained_logits(model, tokens()) for _ in range(2))
    assert not np.array_equal(first, second), "each batch has masks of its own"
    assert not np.array_equal(first, evaluated)
    again = keras_rnn.KerasRNN(config, ModelShape(SIZE), seed=3)
    np.testing.assert_array_equal(trained_logits(again, tokens()), first)


def test_weight_drop_does_nothing_without_recurrent_weights(keras_rnn: ModuleType) -> None:
    config = ModelConfig(cell="mingru", units=UNITS, dropout=0.0, weight_drop=0.5)
    for cell, same in ((CELLS["mingru"], True), (CELLS["leaky"], False)):
        model = keras_rnn.KerasRNN(config, ModelShape(SIZE), seed=3, cell=cell)
        trained = trained_logits(model, tokens())
        assert np.array_equal(trained, model.forward(tokens(), None)) == same


@pytest.mark.parametrize("embedding", [0, 5])
@pytest.mark.parametrize("drop", DROPS)
def test_masks_are_per_row_or_per_batch(keras_rnn: ModuleType, drop: str, embedding: int) -> None:
    """Equal rows stay equal where the mask is drawn once a batch, and only there."""
    plain = {name: 0.0 for name in DROPS}
    config = ModelConfig(units=UNITS, embedding=embedding, **{**plain, drop: 0.5})
    model = keras_rnn.KerasRNN(config, ModelShape(SIZE), seed=3)
    found = trained_logits(model, tokens(alike=True))
    spread = float(np.ptp(found, axis=0).max())
    if drop in ("embedding_dropout", "weight_drop"):
        assert spread < 1e-6
    else:
        assert spread > 1e-3


def test_a_dropped_feature_is_dropped_at_every_step(keras_rnn: ModuleType) -> None:
    """With a readout that copies its input, what is dropped can be seen."""
    config = ModelConfig(units=UNITS, embedding=5, dropout=0.5)
    model = keras_rnn.KerasRNN(config, ModelShape(UNITS), seed=1)
    weights = dict(model.weights)
    weights["readout.kernel"] = np.eye(UNITS, dtype=np.float32)
    model.set_weights(weights)
    inputs = np.minimum(tokens(), UNITS)
    zero = trained_logits(model, inputs) == 0
    assert (zero == zero[:, :1]).all() and 0 < zero[:, 0].sum() < zero[:, 0].size


def test_every_weight_has_a_gradient(keras_rnn: ModuleType) -> None:
    config = ModelConfig(units=UNITS, embedding=5, tied=True, layers=2, weight_drop=0.3)
    model = keras_rnn.KerasRNN(config, ModelShape(SIZE), seed=1)
    network = model.network
    found = weight_gradients(
        network,
        model.inputs(tokens(), None),
        lambda logits: keras_rnn.keras.ops.sum(logits[..., 0] ** 2),
    )
    assert len(found) == len(model.weights)
    for variable, gradient in zip(network.trainable_variables, found, strict=True):
        assert np.abs(gradient).max() > 0, variable.path
