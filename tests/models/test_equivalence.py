"""Law 2: whole sequences on Keras, steps on Keras and steps on NumPy are one model."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen.errors import ModelFileError
from seqgen.models.model_file import load_model, save_model
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import ModelShape, forward_by_steps
from seqgen.models.share_weight_rnn import ModelConfig, weight_shapes

from ..helpers.cells import CELLS
from ..helpers.fakes import dino_names, dinos, model_by_hand, random_model, random_weights

SIZE, BATCH, STEPS = 7, 3, 9
#: cell, layers, embedding, context
CASES = [
    *product(("lstm", "gru"), (1, 2), (0, 5), ((), (3, 4))),
    *((cell, *case) for cell in [*CELLS][2:] for case in ((1, 0, ()), (2, 5, (3, 4)))),
]
EACH_KIND = pytest.mark.parametrize(("cell", "layers", "embedding", "context"), CASES)


def assert_close(found: NDArray[Any], wanted: NDArray[Any]) -> None:
    """Equal within 1e-5, as the law says."""
    np.testing.assert_allclose(found, wanted, rtol=0.0, atol=1e-5)


def data(context: tuple[int, ...], seed: int = 0) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Inputs ``(B, T)`` that begin with the start token, and their context."""
    rng = np.random.default_rng(seed)
    tokens = rng.integers(0, SIZE, (BATCH, STEPS))
    tokens[:, 0] = SIZE
    if not context:
        return tokens, None
    return tokens, np.stack([rng.integers(0, n, (BATCH, STEPS)) for n in context], axis=-1)


@EACH_KIND
def test_forward_is_step_is_numpy(
    keras_rnn: ModuleType, cell: str, layers: int, embedding: int, context: tuple[int, ...]
) -> None:
    config = ModelConfig(cell=cell, layers=layers, embedding=embedding, units=6, dropout=0.5)
    shape = ModelShape(SIZE, context)
    weights = random_weights(config, shape, seed=1, cell=CELLS[cell])
    keras_model = keras_rnn.KerasRNN.from_weights(config, shape, weights, CELLS[cell])
    numpy_model = NumpyRNN(config, shape, weights, CELLS[cell])
    tokens, columns = data(context)

    whole = keras_model.forward(tokens, columns)
    assert whole.shape == (BATCH, STEPS, SIZE)
    assert np.ptp(whole) > 0.5, "logits that hardly differ would show nothing"
    assert_close(forward_by_steps(keras_model, tokens, columns), whole)
    assert_close(numpy_model.forward(tokens, columns), whole)

    assert {name: array.shape for name, array in keras_model.weights.items()} == weight_shapes(
        config, shape, CELLS[cell]
    )
    for name, array in keras_model.weights.items():
        np.testing.assert_array_equal(array, weights[name])


def test_the_seed_determines_the_initial_weights(keras_rnn: ModuleType) -> None:
    config, shape = ModelConfig(units=4, embedding=3), ModelShape(SIZE)
    one, same, other = (keras_rnn.KerasRNN(config, shape, seed=s).weights for s in (1, 1, 2))
    for name in ("embedding", "layer0.kernel", "layer0.recurrent_kernel", "readout.kernel"):
        np.testing.assert_array_equal(one[name], same[name])
        assert not np.array_equal(one[name], other[name])


def test_padding_on_the_right_changes_no_earlier_logits(keras_rnn: ModuleType) -> None:
    config, shape = ModelConfig(units=6, embedding=4), ModelShape(SIZE)
    model = keras_rnn.KerasRNN(config, shape)
    tokens, _ = data(())
    padded = np.concatenate([tokens, np.full((BATCH, 4), SIZE - 1)], axis=1)
    assert_close(model.forward(padded, None)[:, :STEPS], model.forward(tokens, None))


@pytest.mark.parametrize("engine", ["numpy", "keras"])
@pytest.mark.parametrize("cell", CELLS)
def test_select_keeps_rows_in_order(keras_rnn: ModuleType, engine: str, cell: str) -> None:
    config, shape = ModelConfig(cell=cell, units=5, layers=2), ModelShape(SIZE)
    weights = random_weights(config, shape, cell=CELLS[cell])
    model: Any = NumpyRNN(config, shape, weights, CELLS[cell])
    if engine == "keras":
        model = keras_rnn.KerasRNN.from_weights(config, shape, weights, CELLS[cell])
    tokens, _ = data(())
    _, state = model.step(tokens[:, 0], None, model.initial_state(BATCH))
    rows = np.array([2, 0])
    all_rows, _ = model.step(tokens[:, 1], None, state)
    chosen, _ = model.step(tokens[rows, 1], None, model.select(state, rows))
    assert_close(chosen, all_rows[rows])


def test_a_step_does_not_change_its_input_state() -> None:
    for cell in CELLS.values():
        model = random_model(SIZE, cell=cell, layers=2)
        _, state = model.step(np.array([SIZE, 1]), None, model.initial_state(2))
        before = [part.copy() for part in state]
        first, _ = model.step(np.array([2, 3]), None, state)
        again, _ = model.step(np.array([2, 3]), None, state)
        np.testing.assert_array_equal(first, again)
        for part, kept in zip(state, before, strict=True):
            np.testing.assert_array_equal(part, kept)


def test_the_seed_network_has_its_known_number_of_parameters() -> None:
    assert random_model(78, units=64).parameters == 41_678


@pytest.mark.parametrize(
    ("config", "parameters"),
    [
        # 3 gates; GRU has two biases: kernel 7*15, recurrent 5*15, bias 2*15, readout 5*7 + 7
        ({"cell": "gru", "units": 5}, 7 * 15 + 5 * 15 + 30 + 42),
        # embedding of 8 rows; kernel 3*20, recurrent 5*20, bias 20
        ({"units": 5, "embedding": 3}, 8 * 3 + 3 * 20 + 5 * 20 + 20 + 42),
        ({"units": 5, "layers": 2}, 7 * 20 + 2 * (5 * 20 + 20) + 5 * 20 + 42),
    ],
)
def test_parameter_counts(config: dict[str, Any], parameters: int) -> None:
    assert random_model(7, **config).parameters == parameters


@pytest.mark.parametrize("fault", ["missing", "shape", "type", "nan"])
def test_invalid_weights_are_named(keras_rnn: ModuleType, fault: str) -> None:
    config, shape = ModelConfig(units=4), ModelShape(SIZE)
    weights = random_weights(config, shape)
    name = "layer0.recurrent_kernel"
    match fault:
        case "missing":
            del weights[name]
        case "shape":
            weights[name] = weights[name][:, :-1]
        case "type":
            weights[name] = weights[name].astype(np.float64)
        case "nan":
            weights[name][0, 0] = np.nan
    with pytest.raises(ModelFileError, match=r"weight 'layer0\.recurrent_kernel'"):
        NumpyRNN(config, shape, weights)
    with pytest.raises(ModelFileError, match=r"weight 'layer0\.recurrent_kernel'"):
        keras_rnn.KerasRNN(config, shape).set_weights(weights)


def test_one_hot_input_is_restored_from_its_config(keras_rnn: ModuleType) -> None:
    layer = keras_rnn.OneHotInput((3, 2), name="columns")
    again = keras_rnn.OneHotInput.from_config(layer.get_config())
    columns = np.array([[[0, 1], [2, 0], [3, 2]]])  # the last exceeds both sizes: all zero
    wanted = [[[1, 0, 0, 0, 1], [0, 0, 1, 1, 0], [0, 0, 0, 0, 0]]]
    for made in (layer, again):
        np.testing.assert_array_equal(np.asarray(made(columns)), wanted)
    assert again.name == "columns" and again.sizes == (3, 2)


def test_a_saved_model_computes_the_same_bits(tmp_path: Path) -> None:
    trained = model_by_hand(dinos(), dino_names())
    save_model(tmp_path / "m.safetensors", trained)
    again = load_model(tmp_path / "m.safetensors", dinos())
    tokens = np.array([[trained.encoder.vocabulary.start, *trained.encoder.prompt("saurus")]])
    np.testing.assert_array_equal(
        again.model.forward(tokens, None), trained.model.forward(tokens, None)
    )
    assert again.networks[0].config == trained.networks[0].config
