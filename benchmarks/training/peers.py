"""The peers of the training benchmark: seqgen's trainer, Keras ``fit``, PyTorch, the loop."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import Peer
from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.models.padded_batch import pad, whole
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.training.seeded_batches import Batches
from seqgen.training.steps_per_execution import choose_execution
from seqgen.training.train_config import TrainConfig

SEQGEN = "**seqgen**, `Trainer`"
OTHER = "seqgen with the opposite XLA setting"
FIT = "Keras `fit` with defaults (one-hot, `LSTM` layer)"
TORCH = "PyTorch `nn.LSTM`, eager"
LOOP = "explicit loop over steps (examples/djmodel)"

RATE, DECAY, CLIP, BETA = 0.004, 0.01, 1.0, 0.99
#: Epochs of the training that a timed epoch is part of; the choice of XLA depends on it.
EPOCHS = 500
DJMODEL = Path(__file__).resolve().parents[2] / "examples" / "djmodel"


@dataclass(frozen=True)
class Size:
    """The size of a model and of its batches, with random tokens.

    Args:
        name: The name in the table.
        units: Width of the LSTM layer.
        symbols: Vocabulary size, including the end token.
        length: Steps per row.
        batch: Batch size.
        steps: Optimiser steps in one run of a peer.
    """

    name: str
    units: int
    symbols: int
    length: int
    batch: int
    steps: int

    def title(self) -> str:
        """The heading."""
        return (
            f"{self.name}: {self.units} units, vocabulary {self.symbols}, "
            f"length {self.length}, batch {self.batch}"
        )

    @property
    def tokens(self) -> int:
        """The number of tokens that one run trains on."""
        return self.batch * self.length * self.steps

    def items(self) -> list[Encoded]:
        """The random items of one run, each of ``length`` tokens including the end token."""
        rng = np.random.default_rng(0)
        shape = (self.batch * self.steps, self.length - 1)
        tokens = rng.integers(0, self.symbols - 1, shape).astype(np.int32)
        return [Encoded(row) for row in tokens]

    def vocabulary(self) -> Vocabulary:
        """A vocabulary of this size."""
        return Vocabulary(tuple(f"t{k}" for k in range(self.symbols - 1)))

    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """The inputs and targets of a run, ``(steps * batch, length)`` each."""
        vocabulary = self.vocabulary()
        rows = pad([whole(item, vocabulary) for item in self.items()], vocabulary)
        return rows.inputs, rows.targets

    def one_hot(self, inputs: NDArray[np.int32]) -> NDArray[np.float32]:
        """The inputs as one-hot vectors; the start is all zeros."""
        return np.eye(self.symbols + 1, self.symbols, dtype=np.float32)[inputs]


#: The shape of the classic exercise, names, and long items.
SIZES = {
    size.name: size
    for size in (
        Size("A", 64, 78, 30, 60, 60),
        Size("B", 256, 28, 16, 128, 12),
        Size("C", 512, 128, 128, 64, 1),
    )
}


def seqgen_peer(size: Size, other: bool = False, callbacks: Sequence[Any] = ()) -> Peer:
    """An epoch of ``Trainer``: batches, optimiser, callbacks, metrics, and one validation row.

    Args:
        size: The size.
        other: Whether to use the opposite of the XLA setting that seqgen chooses.
        callbacks: Additional Keras callbacks.
    """
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN
    from seqgen.training.trainer import Trainer

    config = TrainConfig(
        epochs=EPOCHS,
        batch_size=size.batch,
        learning_rate=RATE,
        weight_decay=DECAY,
        clip_norm=CLIP,
    )
    model = KerasRNN(ModelConfig(units=size.units, dropout=0.0), ModelShape(size.symbols), seed=0)
    vocabulary, items = size.vocabulary(), size.items()
    batches = Batches(
        items,
        lambda item: item,
        vocabulary,
        batch_size=size.batch,
        window=size.length,
        seed=0,
    )
    row = pad([whole(items[0], vocabulary)], vocabulary)

    execution = choose_execution(
        config, model.config, model.shape, batches.steps, batches.longest, "tensorflow"
    )
    if other:
        lengths = 0 if execution.compiled else 1
        execution = replace(execution, compiled=not execution.compiled, max_lengths=lengths)
    trainer = Trainer(
        model,
        batches,
        [row],
        config,
        execution,
        callbacks=callbacks,
    )
    start = time.perf_counter()
    trainer._compile()

    def run() -> None:
        # The same network is compiled once and trained for another epoch in each run.
        trainer._history.clear()
        trainer._step, trainer._epochs = 0, 1
        trainer._fit()

    return _time_first_run(Peer(OTHER if other else SEQGEN, run, size.tokens), start)


def fit_peer(size: Size) -> Peer:
    """A simple Keras model, with the same optimiser."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((size.length, size.symbols)),
            keras.layers.LSTM(size.units, return_sequences=True),
            keras.layers.Dense(size.symbols),
        ]
    )
    model.compile(
        keras.optimizers.AdamW(RATE, weight_decay=DECAY, beta_2=BETA, global_clipnorm=CLIP),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    inputs, targets = size.arrays()
    x = size.one_hot(inputs)
    return _time_first_run(
        Peer(FIT, lambda: model.fit(x, targets, batch_size=size.batch, verbose=0), size.tokens)
    )


def torch_peer(size: Size) -> Peer:
    """A usual PyTorch loop, with the same optimiser."""
    torch: Any = import_module("torch")
    lstm = torch.nn.LSTM(size.symbols, size.units, batch_first=True)
    readout = torch.nn.Linear(size.units, size.symbols)
    parameters = [*lstm.parameters(), *readout.parameters()]
    optimizer = torch.optim.AdamW(parameters, RATE, weight_decay=DECAY, betas=(0.9, BETA))
    inputs, targets = (torch.from_numpy(part.astype(np.int64)) for part in size.arrays())
    eye = torch.cat([torch.eye(size.symbols), torch.zeros(1, size.symbols)])
    cross_entropy = torch.nn.functional.cross_entropy

    def run() -> None:
        for at in torch.randperm(len(inputs)).split(size.batch):
            logits = readout(lstm(eye[inputs[at]])[0])
            loss = cross_entropy(logits.flatten(0, 1), targets[at].flatten())
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, CLIP)
            optimizer.step()

    return _time_first_run(Peer(TORCH, run, size.tokens))


def loop_peer(size: Size) -> Peer:
    """The classic exercise: layers applied step by step in one graph, one loss per step."""
    import keras

    sys.path.insert(0, str(DJMODEL))
    exercise = import_module("djmodel")
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    start = time.perf_counter()
    rnn = KerasRNN(ModelConfig(units=size.units, dropout=0.0), ModelShape(size.symbols))
    model = exercise.djmodel(exercise.shared_layers(rnn), size.length)
    exercise.compile_classic(
        model, keras.optimizers.AdamW(RATE, weight_decay=DECAY, beta_2=BETA, global_clipnorm=CLIP)
    )
    inputs, targets = size.arrays()
    x = size.one_hot(inputs)
    y = list(np.ascontiguousarray(size.one_hot(targets).swapaxes(0, 1)))
    zeros = np.zeros((len(x), size.units), np.float32)

    def run() -> None:
        model.fit([x, zeros, zeros], y, batch_size=size.batch, verbose=0)

    return _time_first_run(Peer(LOOP, run, size.tokens), start)


def _time_first_run(peer: Peer, start: float | None = None) -> Peer:
    """Run the peer once and store the wall time, which includes tracing and compiling."""
    start = time.perf_counter() if start is None else start
    peer.run()
    peer.compiled = time.perf_counter() - start
    return peer


#: The peers by the key that a worker is started with, in the order of the table.
PEERS: dict[str, tuple[str, Callable[[Size], Peer]]] = {
    "seqgen": (SEQGEN, seqgen_peer),
    "other": (OTHER, lambda size: seqgen_peer(size, other=True)),
    "fit": (FIT, fit_peer),
    "torch": (TORCH, torch_peer),
    "loop": (LOOP, loop_peer),
}


def build_peer(key: str, size: Size, threads: int) -> Peer:
    """Build a peer with at most ``threads`` threads and run it once.

    Raises:
        ModuleNotFoundError: The library of the peer is not installed.
    """
    if key == "torch":
        import_module("torch").set_num_threads(threads)
    else:
        # This loads Keras; environment variables limit the threads of TensorFlow.
        from seqgen.training.backend import prepare_backend

        prepare_backend(0)
    return PEERS[key][1](size)
