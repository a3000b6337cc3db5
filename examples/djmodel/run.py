"""Train the classic exercise on dinosaur names and compare its samples with the framework's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

import seqgen
from seqgen.generation.generator import Generator
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.padded_batch import Batch, pad, whole
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.training.backend import prepare_backend

if TYPE_CHECKING:
    from djmodel import SharedLayers

    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

SEED, EPOCHS, ROWS, RATE = 0, 15, 64, 0.01
STARTS = ("", "a", "d", "m", "s", "t", "v")
T = TypeVar("T")


def main() -> None:
    """Load, train, sample twice, compare."""
    prepare_backend(SEED)  # before the first import of keras, which djmodel does at its top
    from djmodel import djmodel, music_inference_model, shared_layers

    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    encoder, batch = load_names()
    config = ModelConfig(units=64, dropout=0.0)
    shape = ModelShape(encoder.vocabulary.size)
    rnn, framework_built = timed(lambda: KerasRNN(config, shape, SEED))
    layers, Tx = shared_layers(rnn), batch.inputs.shape[1]
    model, loop_built = timed(lambda: djmodel(layers, Tx))
    print(f"{len(batch.inputs)} names, Tx = Ty = {Tx}, n_values = {shape.vocabulary_size}")
    print(f"parameters: {model.count_params():,} (loop), {rnn.parameters:,} (framework)\n")

    loop_epochs = train_loop(model, batch, layers)
    framework_epochs = train_framework(KerasRNN(config, shape, SEED), batch)
    print_times(Tx, (loop_built, *loop_epochs), (framework_built, *framework_epochs))

    inference_model = music_inference_model(layers, Ty=Tx)
    compare(inference_model, rnn, encoder, Tx)


def load_names() -> tuple[seqgen.CharEncoder, Batch]:
    """The encoder of the dinosaur names, and all names padded to the longest."""
    from seqgen_dinos import DataOptions, corpus

    names = corpus(None, DataOptions()).items
    encoder = seqgen.CharEncoder().fit(names)
    windows = [whole(encoder.encode(name), encoder.vocabulary) for name in names]
    return encoder, pad(windows, encoder.vocabulary)


def train_loop(model: Any, batch: Batch, layers: SharedLayers) -> tuple[float, float]:
    """Fit the explicit loop; return the seconds of the first epoch and the mean of the others."""
    import keras
    from djmodel import compile_classic, exercise_arrays

    X, Y = exercise_arrays(batch, layers.n_values)
    a0 = c0 = np.zeros((len(X), layers.n_a), np.float32)
    compile_classic(model, keras.optimizers.Adam(RATE))
    seconds, per_token = [], len(X) / batch.weights.sum()
    for epoch in range(EPOCHS):
        history, took = timed(
            lambda: model.fit([X, a0, c0], list(Y), batch_size=ROWS, verbose=0).history
        )
        seconds.append(took)
        loss = history["loss"][0]
        if epoch == 0 or (epoch + 1) % 5 == 0:
            print(
                f"epoch {epoch + 1:2}: loss {loss:6.2f} summed over {len(Y)} heads, "
                f"{loss * per_token:.3f} nats per training token"
            )
    return seconds[0], float(np.mean(seconds[1:]))


def train_framework(rnn: KerasRNN, batch: Batch) -> tuple[float, float]:
    """Time a few epochs of the framework's sequence network on the same data."""
    import keras

    optimizer = keras.optimizers.Adam(RATE)
    # The same layers as a plain Keras model: the framework's own runs several steps per call.
    network = keras.Model(rnn.network.inputs, rnn.network.outputs[0])
    network.compile(
        optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    optimizer.build(network.trainable_variables)
    x, y, weights = batch.inputs, batch.targets, batch.weights

    def epoch() -> Any:
        return network.fit(x, y, sample_weight=weights, batch_size=ROWS, verbose=0)

    seconds = [timed(epoch)[1] for _ in range(5)]
    return seconds[0], float(np.mean(seconds[1:]))


def print_times(Tx: int, loop: tuple[float, ...], framework: tuple[float, ...]) -> None:
    """Print the seconds of both methods of training the same weights."""
    print(f"\nseconds, {Tx} steps             loop  framework")
    names = ("build the model", "first epoch (traced)", "a later epoch")
    for name, ours, theirs in zip(names, loop, framework, strict=True):
        print(f"  {name:24} {ours:7.2f}    {theirs:7.2f}")


def compare(inference_model: Any, rnn: KerasRNN, encoder: seqgen.CharEncoder, Ty: int) -> None:
    """Print the names that both methods generate from the start and from some first letters."""
    print("\nstart  loop                      framework                 same")
    differing = 0
    for start in STARTS:
        ours = sample_loop(inference_model, rnn, encoder, start)[:Ty]
        theirs = sample_framework(rnn, encoder, start, Ty)
        differing += ours != theirs
        same = "yes" if ours == theirs else "NO"
        print(f"{start or '-':5}  {ours.capitalize():24}  {theirs.capitalize():24}  {same}")
    if differing:
        raise SystemExit(f"{differing} of {len(STARTS)} samples differ")


def sample_loop(
    inference_model: Any, rnn: KerasRNN, encoder: seqgen.CharEncoder, start: str
) -> str:
    """A name generated by ``predict_and_sample``, up to its end token."""
    from djmodel import predict_and_sample

    vocabulary = encoder.vocabulary
    x = np.zeros((1, 1, vocabulary.size), np.float32)
    a, c = rnn.initial_state(1)
    if start:
        # The exercise always starts from zeros, from which argmax always returns the same item.
        # To begin with a letter, let the state read the start token and set x to the letter.
        _, (a, c) = rnn.step(np.array([vocabulary.start]), None, (a, c))
        x[0, 0, vocabulary.id(start)] = 1.0
    indices, _ = predict_and_sample(inference_model, x, np.asarray(a), np.asarray(c))
    # The exercise has no end token and uses all Ty values. An item stops at its end token.
    ends = np.flatnonzero(indices == vocabulary.end)
    stop = ends[0] if len(ends) else len(indices)
    return start + encoder.decode(indices[:stop].tolist())


def sample_framework(rnn: KerasRNN, encoder: seqgen.CharEncoder, start: str, most: int) -> str:
    """A name from the framework's generator, greedy, in NumPy with the same weights."""
    model = NumpyRNN(rnn.config, rnn.shape, rnn.weights)
    config = SamplingConfig(sampler="greedy", max_tokens=most)
    guide = seqgen.FreeGuide(encoder.vocabulary.size)
    prompt = encoder.prompt(start)
    [sample] = Generator(model, encoder, guide, config, prompt=prompt).samples([0])
    return str(sample.item)


def timed(call: Callable[[], T]) -> tuple[T, float]:
    """The result of a call, and the seconds it took."""
    started = time.perf_counter()
    result = call()
    return result, time.perf_counter() - started


if __name__ == "__main__":
    main()
