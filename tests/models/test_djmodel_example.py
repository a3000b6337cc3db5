"""The classic exercise in examples/djmodel is the framework: same layers, numbers and indices."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seqgen.errors import SeqgenError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.padded_batch import Batch
from seqgen.models.sequence_model import ModelShape, SequenceModel, log_softmax
from seqgen.models.share_weight_rnn import ModelConfig

FOLDER = Path(__file__).parents[2] / "examples" / "djmodel"
TUNE = FOLDER.parent / "data" / "blues.mid"
#: The exercise's sizes, except that it has 30 steps: tracing a step takes most of a second.
N_VALUES, N_A, TX, M = 78, 64, 5, 6


@pytest.fixture(scope="module")
def dj(keras_rnn: ModuleType) -> Iterator[ModuleType]:
    """The example's module, found as ``python examples/djmodel/run.py`` finds it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        yield importlib.import_module("djmodel")


@pytest.fixture
def rnn(keras_rnn: ModuleType) -> Any:
    """A model whose weights are large enough for choices that differ from step to step."""
    return spread_model(keras_rnn)


def spread_model(keras_rnn: ModuleType) -> Any:
    model = keras_rnn.KerasRNN(ModelConfig(units=N_A, dropout=0.0), ModelShape(N_VALUES))
    rng = np.random.default_rng(1)
    # The recurrence stays weak: a strong one is chaotic, and rounding would grow step by step.
    spread = {name: 0.1 if "recurrent" in name else 0.8 for name in model.weights}
    model.set_weights(
        {
            name: rng.normal(0, spread[name], array.shape).astype(np.float32)
            for name, array in model.weights.items()
        }
    )
    return model


def full_batch(seed: int = 0) -> Batch:
    """Items that fill all ``TX`` steps, so that every head has a target in every row."""
    targets = np.random.default_rng(seed).integers(0, N_VALUES, (M, TX)).astype(np.int32)
    start = np.full((M, 1), N_VALUES, np.int32)
    inputs = np.concatenate([start, targets[:, :-1]], axis=1)
    return Batch(inputs, targets, None, np.ones((M, TX), np.float32))


def zeros(rows: int) -> NDArray[np.float32]:
    return np.zeros((rows, N_A), np.float32)


def assert_same_numbers(dj: ModuleType, model: Any, rnn: Any, batch: Batch) -> None:
    """The loop's log-probabilities are those of both halves of the framework's model."""
    X, _ = dj.exercise_arrays(batch, N_VALUES)
    heads = model.predict([X, zeros(M), zeros(M)], verbose=0)
    found = np.log(np.stack(heads, axis=1))  # (m, Tx, n_values)
    numpy_rnn = NumpyRNN(rnn.config, rnn.shape, rnn.weights)
    for framework in (rnn, numpy_rnn):
        wanted = log_softmax(framework.forward(batch.inputs, None))
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5)


def assert_same_indices(dj: ModuleType, rnn: Any, first: int, Ty: int = 12) -> list[int]:
    """``predict_and_sample`` takes the indices that greedy stepping takes; gives them."""
    inference_model = dj.music_inference_model(dj.shared_layers(rnn), Ty)
    x0 = np.eye(N_VALUES + 1, N_VALUES, dtype=np.float32)[first].reshape(1, 1, N_VALUES)
    indices, results = dj.predict_and_sample(inference_model, x0, zeros(1), zeros(1))
    assert indices.shape == (Ty,)
    assert results.shape == (Ty, N_VALUES)
    np.testing.assert_array_equal(results, np.eye(N_VALUES)[indices])
    numpy_rnn = NumpyRNN(rnn.config, rnn.shape, rnn.weights)
    assert indices.tolist() == greedy(rnn, first, Ty) == greedy(numpy_rnn, first, Ty)
    return [int(index) for index in indices]


def greedy(model: SequenceModel[Any], first: int, Ty: int) -> list[int]:
    """``Ty`` times the likeliest token, by the framework's step."""
    token, state, taken = np.array([first]), model.initial_state(1), []
    for _ in range(Ty):
        logits, state = model.step(token, None, state)
        token = logits.argmax(axis=-1)
        taken.append(int(token[0]))
    return taken


def test_with_78_values_it_has_41678_parameters(dj: ModuleType, rnn: Any) -> None:
    layers = dj.shared_layers(rnn)
    assert dj.djmodel(layers, TX).count_params() == 41_678
    assert dj.music_inference_model(layers, TX).count_params() == 41_678
    assert rnn.parameters == 41_678


def test_the_layers_are_those_of_the_framework_model(dj: ModuleType, rnn: Any) -> None:
    layers = dj.shared_layers(rnn)
    assert layers.LSTM_cell is rnn.layers[0]
    assert layers.densor.layers[0] is rnn.readout
    variables = {id(variable) for variable in rnn.network.trainable_variables}
    for model in (dj.djmodel(layers, TX), dj.music_inference_model(layers, TX)):
        assert {id(variable) for variable in model.trainable_variables} == variables


def test_the_loop_equals_forward(dj: ModuleType, rnn: Any) -> None:
    assert_same_numbers(dj, dj.djmodel(dj.shared_layers(rnn), TX), rnn, full_batch())


@pytest.mark.parametrize("first", [N_VALUES, 29, 41])
def test_predict_and_sample_equals_greedy_steps(dj: ModuleType, rnn: Any, first: int) -> None:
    taken = assert_same_indices(dj, rnn, first)
    assert len(set(taken)) >= 4, "the model must choose differently for the test to see anything"


def test_x_starts_with_zeros_and_y_is_the_next_value_of_every_step(dj: ModuleType) -> None:
    batch = full_batch()
    X, Y = dj.exercise_arrays(batch, N_VALUES)
    assert X.shape == (M, TX, N_VALUES)
    assert Y.shape == (TX, M, N_VALUES)
    assert not X[:, 0].any()
    np.testing.assert_array_equal(X[:, 1:], Y[:-1].swapaxes(0, 1))
    np.testing.assert_array_equal(Y.argmax(axis=-1), batch.targets.T)
    np.testing.assert_array_equal(Y.sum(axis=-1), np.ones((TX, M)))  # the last head's too


def test_y_is_zero_only_past_the_end_of_an_item(dj: ModuleType) -> None:
    batch = full_batch()
    batch.weights[2, 3:] = 0.0
    _, Y = dj.exercise_arrays(batch, N_VALUES)
    np.testing.assert_array_equal(Y.sum(axis=-1), batch.weights.T)


def test_both_models_are_restored_from_their_config(dj: ModuleType, rnn: Any) -> None:
    import keras

    layers = dj.shared_layers(rnn)
    batch = full_batch()
    X, _ = dj.exercise_arrays(batch, N_VALUES)
    cases = [(dj.djmodel(layers, TX), X), (dj.music_inference_model(layers, TX), X[:, 1:2])]
    for model, x in cases:
        inputs = [x, zeros(M), zeros(M)]
        again = keras.models.model_from_json(model.to_json())
        for copy in (keras.Model.from_config(model.get_config()), again):
            assert not any(isinstance(layer, keras.layers.Lambda) for layer in copy.layers)
            assert copy.count_params() == 41_678
            copy.set_weights(model.get_weights())
            np.testing.assert_array_equal(
                np.stack(copy.predict(inputs, verbose=0)),
                np.stack(model.predict(inputs, verbose=0)),
            )


def test_the_loss_is_summed_over_the_heads(dj: ModuleType, rnn: Any) -> None:
    import keras

    batch = full_batch()
    X, Y = dj.exercise_arrays(batch, N_VALUES)
    model = dj.djmodel(dj.shared_layers(rnn), TX)
    dj.compile_classic(model, keras.optimizers.SGD())
    found = model.evaluate([X, zeros(M), zeros(M)], list(Y), verbose=0, return_dict=True)
    logp = log_softmax(rnn.forward(batch.inputs, None))
    heads = -np.take_along_axis(logp, batch.targets[..., None], axis=-1)[..., 0].mean(axis=0)
    assert found["loss"] == pytest.approx(heads.sum(), rel=1e-4)
    for t in range(TX):  # the last one too: in the exercise it is 0.0000
        assert found[f"head{t}_loss"] == pytest.approx(heads[t], rel=1e-4)


@pytest.mark.slow
def test_training_the_loop_trains_the_framework_model(
    dj: ModuleType, keras_rnn: ModuleType, rnn: Any
) -> None:
    import keras

    batch, twin, before = full_batch(), spread_model(keras_rnn), rnn.weights
    X, Y = dj.exercise_arrays(batch, N_VALUES)
    model = dj.djmodel(dj.shared_layers(rnn), TX)
    dj.compile_classic(model, keras.optimizers.SGD(0.05))
    model.fit([X, zeros(M), zeros(M)], list(Y), batch_size=M, epochs=3, verbose=0)
    # The framework's own network on the same rows. Its loss is the mean over rows and steps,
    # the exercise's the mean over rows and the sum over steps: TX times the gradient.
    network = keras.Model(twin.network.inputs, twin.network.outputs[0])
    network.compile(
        optimizer=keras.optimizers.SGD(0.05 * TX),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    network.fit(batch.inputs, batch.targets, batch_size=M, epochs=3, verbose=0)
    for name, trained in rnn.weights.items():
        assert np.abs(trained - before[name]).max() > 1e-3, name
        np.testing.assert_allclose(trained, twin.weights[name], rtol=0, atol=1e-5, err_msg=name)
    assert_same_numbers(dj, model, rnn, full_batch(seed=1))
    assert_same_indices(dj, rnn, N_VALUES)


@pytest.mark.parametrize(
    ("config", "shape", "named"),
    [
        (ModelConfig(cell="gru", dropout=0.0), ModelShape(5), "cell = 'lstm', was 'gru'"),
        (ModelConfig(layers=2, dropout=0.0), ModelShape(5), "layers = 1, was 2"),
        (ModelConfig(embedding=8, dropout=0.0), ModelShape(5), "embedding = 0, was 8"),
        (ModelConfig(dropout=0.25), ModelShape(5), "dropout = 0.0, was 0.25"),
        (ModelConfig(dropout=0.0), ModelShape(5, (3, 2)), "no context, was 2 columns"),
    ],
)
def test_models_with_more_than_the_exercise_are_rejected(
    dj: ModuleType, keras_rnn: ModuleType, config: ModelConfig, shape: ModelShape, named: str
) -> None:
    with pytest.raises(SeqgenError, match=named):
        dj.shared_layers(keras_rnn.KerasRNN(config, shape))


def test_stacked_heads_train_the_same_model(dj: ModuleType, rnn: Any) -> None:
    batch = full_batch()
    X, Y = dj.exercise_arrays(batch, N_VALUES)
    model = dj.djmodel(dj.shared_layers(rnn), TX)
    stacked = dj.stack_heads(model)
    assert stacked.output_shape == (None, TX, N_VALUES)
    assert list(map(id, stacked.trainable_variables)) == list(map(id, model.trainable_variables))
    stacked.compile(loss="categorical_crossentropy")
    loss = stacked.evaluate([X, zeros(M), zeros(M)], Y.swapaxes(0, 1), verbose=0)
    logp = log_softmax(rnn.forward(batch.inputs, None))
    wanted = -np.take_along_axis(logp, batch.targets[..., None], axis=-1).mean()
    assert loss == pytest.approx(wanted, rel=1e-4)


@pytest.fixture
def tune(dj: ModuleType) -> ModuleType:
    """The module of the example that turns a tune into values; it needs seqgen-jazz."""
    pytest.importorskip("seqgen_jazz", reason="the script reads a MIDI file with seqgen-jazz")
    return importlib.import_module("tune")


def test_values_restore_the_melody_over_its_own_chords(tune: ModuleType) -> None:
    from seqgen_jazz import read_solos

    (solo,) = read_solos(TUNE)
    values = tune.melody_values(solo)
    assert values[:3] == ["C-13 1/2", "A-1 1/2", "S+3 1/3"]
    restored = tune.melody_solo(values, solo.chart, "", solo.tempo)
    assert (restored.chart, restored.notes) == (solo.chart, solo.notes)


def test_values_keep_their_class_over_other_chords(tune: ModuleType) -> None:
    from seqgen_jazz import parse_chart, read_solos
    from seqgen_jazz.encoding.solo_tokens import CLASSES, note_classes

    values = tune.melody_values(read_solos(TUNE)[0])
    chart = parse_chart("Dm7 | G7 | Cmaj7 | %")
    solo = tune.melody_solo(values, chart, "", 120)
    assert solo.notes[-1].end <= chart.ticks
    names = [value.split()[0] for value in values if value[0] != "R"]
    for name, note in zip(names, solo.notes, strict=False):
        found = CLASSES[note_classes(chart.chord_at(note.onset))[note.pitch % 12]]
        assert found == name[0]


def test_the_tune_is_the_one_that_its_page_describes() -> None:
    jazz = pytest.importorskip("seqgen_jazz", reason="the tune is from the corpus of seqgen-jazz")
    from seqgen_jazz.corpus.load_corpus import load_corpus

    choruses = [s for s in load_corpus().items if s.title.startswith("Blues in Bb, chorus")]
    (solo,) = jazz.read_solos(TUNE)
    assert solo.chart.bars == tuple(bar for chorus in choruses for bar in chorus.chart.bars)
    start, notes = 0, []
    for chorus in choruses:
        notes += [note._replace(onset=note.onset + start) for note in chorus.notes]
        start += chorus.chart.ticks
    assert solo.notes == tuple(notes)


@pytest.mark.parametrize(
    ("values", "longest"), [("abcd", 4), ("xbcx", 2), ("cdab", 2), ("xyz", 0), ("", 0)]
)
def test_the_longest_copied_passage(tune: ModuleType, values: str, longest: int) -> None:
    assert tune.longest_copy(values, "abcd") == longest


@pytest.mark.slow
def test_the_script_prints_every_loss_and_writes_music(
    tune: ModuleType,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from seqgen_jazz import read_solos

    spec = importlib.util.spec_from_file_location("djmodel_run", FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    monkeypatch.setattr(run, "EPOCHS", 3)
    monkeypatch.setattr(run, "TX", 8)
    run.main(TUNE, tmp_path)  # ends with SystemExit if the loop and the framework differ
    printed = capsys.readouterr().out
    assert "279 values, 113 unique" in printed
    assert "X (60, 8, 114)" in printed
    losses = [float(line.split()[3]) for line in printed.splitlines() if line[:6] == "epoch "]
    assert len(losses) == 3
    assert losses[-1] < losses[0]
    for name in ("argmax", "sampled"):
        (solo,) = read_solos(tmp_path / f"{name}.mid")
        assert len(solo.notes) > 10
