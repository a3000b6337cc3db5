"""Train the classic exercise on one tune and write the music that it generates as MIDI files."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import seqgen
from seqgen.generation.generator import Generator
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.padded_batch import Batch
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.training.backend import prepare_backend

if TYPE_CHECKING:
    from djmodel import SharedLayers
    from tune import ValueEncoder

    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

TUNE = Path(__file__).parents[1] / "data" / "blues.mid"
#: Windows of Tx values from the tune, all in one batch, as many as the exercise has.
WINDOWS, TX = 60, 30
#: The values that are generated; enough for the chart.
TY = 110
SEED, EPOCHS, RATE, TEMPERATURE = 0, 60, 0.02, 1.2


def main(tune: Path = TUNE, out: Path = Path("runs/djmodel")) -> None:
    """Read a tune, train, generate, write MIDI files.

    Args:
        tune: A MIDI file with a melody.
        out: The folder of the music that is written.
    """
    from seqgen_jazz import read_solos
    from tune import ValueEncoder, melody_values

    solo = read_solos(tune)[0]
    values = melody_values(solo)
    encoder = ValueEncoder().fit([tuple(values)])
    ids = encoder.encode(tuple(values)).tokens
    n_values = encoder.vocabulary.size
    print(f"{tune.name}: {len(solo.chart.bars)} bars, {len(solo.notes)} notes")
    print(f"{len(values)} values, {len(set(values))} unique: {', '.join(values[:6])}, ...")

    prepare_backend(SEED)  # before the first import of keras, which djmodel does at its top
    from djmodel import djmodel, music_inference_model, shared_layers

    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    batch = tune_windows(ids, n_values)
    rnn = KerasRNN(ModelConfig(units=64, dropout=0.0), ModelShape(n_values), SEED)
    layers = shared_layers(rnn)
    model = djmodel(layers, TX)
    print(f"{model.count_params():,} parameters in three layers, used at {TX} steps")
    train(model, batch, layers)

    inference_model = music_inference_model(layers, TY)
    zeros = np.zeros((1, 1, n_values), np.float32)
    loop = generate(inference_model, zeros, encoder)
    framework = sample_framework(rnn, encoder, SamplingConfig(sampler="greedy", max_tokens=TY))
    if tuple(loop) != framework:
        raise SystemExit("the loop and the framework generate different values")
    print(f"\nloop and framework (greedy): the same {len(loop)} values")
    drawn = SamplingConfig(temperature=TEMPERATURE, max_tokens=TY)
    sampled = sample_framework(rnn, encoder, drawn)
    write(loop, values, solo, out, "argmax")
    write(sampled, values, solo, out, "sampled")


def tune_windows(ids: NDArray[np.int32], n_values: int) -> Batch:
    """``WINDOWS`` windows of ``TX`` values at even distances; each starts with the start token.

    Raises:
        SeqgenError: The tune has fewer than ``TX`` values.
    """
    if len(ids) < TX:
        raise seqgen.SeqgenError(f"the tune has {len(ids)} values; at least {TX} are needed")
    starts = np.linspace(0, len(ids) - TX, WINDOWS).round().astype(int)
    targets = np.stack([ids[start : start + TX] for start in starts])
    first = np.full((WINDOWS, 1), n_values, np.int32)
    inputs = np.concatenate([first, targets[:, :-1]], axis=1)
    return Batch(inputs, targets, None, np.ones(targets.shape, np.float32))


def train(model: Any, batch: Batch, layers: SharedLayers) -> None:
    """Fit the explicit loop and print the loss of every epoch."""
    import keras
    from djmodel import exercise_arrays, stack_heads

    X, Y = exercise_arrays(batch, layers.n_values)
    print(f"X {X.shape} (m, Tx, n_values), Y {Y.shape} (Ty, m, n_values)\n")
    a0 = c0 = np.zeros((len(X), layers.n_a), np.float32)
    stacked = stack_heads(model)
    # Eager: tracing the loop would take many seconds, in which nothing is printed.
    stacked.compile(keras.optimizers.Adam(RATE), "categorical_crossentropy", run_eagerly=True)
    started = time.perf_counter()
    for epoch in range(1, EPOCHS + 1):
        history = stacked.fit(
            [X, a0, c0], Y.swapaxes(0, 1), batch_size=len(X), verbose=0, shuffle=False
        )
        loss = history.history["loss"][0]
        print(
            f"epoch {epoch:2}: loss {loss * TX:7.3f} summed over {TX} heads, {loss:.3f} nats per "
            f"value, {time.perf_counter() - started:4.1f} s",
            flush=True,
        )


def generate(inference_model: Any, x0: NDArray[np.float32], encoder: ValueEncoder) -> list[str]:
    """The values that ``predict_and_sample`` generates, from a first input and a zero state."""
    from djmodel import predict_and_sample

    n_a = inference_model.inputs[1].shape[-1]
    state = np.zeros((1, n_a), np.float32)
    indices, _ = predict_and_sample(inference_model, x0, state, state)
    return list(encoder.decode(indices.tolist()))


def sample_framework(rnn: KerasRNN, encoder: ValueEncoder, config: SamplingConfig) -> Any:
    """The values that the framework generates, in NumPy with the weights that the loop trained."""
    model = NumpyRNN(rnn.config, rnn.shape, rnn.weights)
    guide = seqgen.FreeGuide(encoder.vocabulary.size)
    [sample] = Generator(model, encoder, guide, config).samples([0])
    return sample.item


def write(values: Sequence[str], tune: Sequence[str], solo: Any, out: Path, name: str) -> None:
    """Write the values as a solo over one chorus of the tune's chords, and say how much is new."""
    from dataclasses import replace

    from seqgen_jazz.output.midi import midi_bytes
    from tune import longest_copy, melody_solo

    chorus = replace(solo.chart, bars=solo.chart.bars[:12])
    music = melody_solo(values, chorus, f"djmodel, {name}", solo.tempo)
    path = seqgen.write_file(out / f"{name}.mid", midi_bytes(music))
    copied = longest_copy(values, tune)
    print(
        f"{path}: {len(music.notes)} notes; the longest passage of the tune in it has {copied} of "
        f"{len(values)} values"
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
