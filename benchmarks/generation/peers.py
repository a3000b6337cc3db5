"""The peers without TensorFlow: the two products alone, seqgen, a PyTorch LSTMCell loop.

Their names, and those of the Keras peers, are the names of the rows of the table.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.generation.network import TEMPERATURE, VOCABULARY, Cell
from benchmarks.timing import Peer

FLOOR = "floor: only the two matrix products"
SEQGEN = "**seqgen**, `Generator.samples`"
FILTERED = "seqgen, top-p 0.9 and repetition penalty 1.2"
CALLED = "Keras model called per step"
PREDICTED = "Keras `model.predict` per step"
TORCH = "PyTorch `LSTMCell` loop (multinomial)"

#: The settings of the row with cut-off and penalty.
FILTERS = {"top_p": 0.9, "repetition_penalty": 1.2}


def floor(cell: Cell) -> Peer:
    """What no loop over steps can be quicker than: both products of a step, into buffers.

    All arrays begin at a multiple of 64 bytes: where they do not, the same products take up
    to a third longer at 64 units, and a floor should not depend on that chance.
    """
    weights = cell.network.weights
    recurrent = _aligned(weights["layer0.recurrent_kernel"])
    readout = _aligned(weights["readout.kernel"])
    hidden = _aligned(np.random.default_rng(0).uniform(-1, 1, (cell.batch, cell.units)))
    gates = _aligned(np.zeros((cell.batch, 4 * cell.units)))
    logits = _aligned(np.zeros((cell.batch, VOCABULARY)))

    def run() -> None:
        for _ in range(cell.steps):
            np.dot(hidden, recurrent, gates)
            np.dot(hidden, readout, logits)

    return Peer(FLOOR, run, cell.tokens)


def _aligned(values: NDArray[Any]) -> NDArray[np.float32]:
    """A float32 copy that begins at a multiple of 64 bytes."""
    size = 4 * values.size
    room = np.empty(size + 64, np.uint8)
    first = -room.ctypes.data % 64
    copy = room[first : first + size].view(np.float32).reshape(values.shape)
    copy[...] = values
    return copy


def seqgen_peer(cell: Cell, name: str = SEQGEN, **settings: Any) -> Peer:
    """The public way, with all that comes with a sample: uniforms, log-probabilities, the item."""
    generator = cell.network.generator(cell.batch, cell.steps, **settings)
    return Peer(name, lambda: list(generator.samples(range(cell.batch))), cell.tokens)


def seqgen_tokens(cell: Cell) -> NDArray[np.int64]:
    """What seqgen draws, ``(batch, steps)``; every row has its full length."""
    generator = cell.network.generator(cell.batch, cell.steps)
    return np.array([sample.tokens for sample in generator.samples(range(cell.batch))])


def mean_entropy(cell: Cell) -> float:
    """Nats a token that seqgen's draws have under its settings."""
    generator = cell.network.generator(cell.batch, cell.steps)
    drawn = [sample.logp_settings for sample in generator.samples(range(cell.batch))]
    return -sum(drawn) / cell.tokens


def torch_installed() -> bool:
    """PyTorch is no dependency of this project; without it its row says so."""
    return find_spec("torch") is not None


class TorchLoop:
    """The loop as it is written in PyTorch: a cell, a linear layer, ``multinomial``."""

    def __init__(self, cell: Cell) -> None:
        torch: Any = import_module("torch")
        self._torch, self._cell = torch, cell
        torch.set_num_threads(1)
        weights = cell.network.weights
        # PyTorch has the gates in Keras' order, the kernels transposed and two biases.
        self._lstm = torch.nn.LSTMCell(VOCABULARY, cell.units)
        self._readout = torch.nn.Linear(cell.units, VOCABULARY)
        values = {
            self._lstm.weight_ih: weights["layer0.kernel"].T,
            self._lstm.weight_hh: weights["layer0.recurrent_kernel"].T,
            self._lstm.bias_ih: weights["layer0.bias"],
            self._lstm.bias_hh: np.zeros_like(weights["layer0.bias"]),
            self._readout.weight: weights["readout.kernel"].T,
            self._readout.bias: weights["readout.bias"],
        }
        with torch.no_grad():
            for parameter, value in values.items():
                parameter.copy_(torch.from_numpy(np.ascontiguousarray(value)))
        # The input is a one-hot vector; the start is all zeros, as in seqgen.
        self._one_hot = torch.cat([torch.eye(VOCABULARY), torch.zeros(1, VOCABULARY)])

    def run(self) -> Any:
        """Draw ``(batch, steps)`` tokens."""
        torch, tokens = self._torch, []
        with torch.inference_mode():
            token = torch.full((self._cell.batch,), VOCABULARY)
            state = None
            for _ in range(self._cell.steps):
                state = self._lstm(self._one_hot[token], state)
                logits = self._readout(state[0]) / TEMPERATURE
                token = torch.multinomial(torch.softmax(logits, -1), 1)[:, 0]
                tokens.append(token)
        return torch.stack(tokens, 1)

    def last_logits(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        """The logits after reading the start and these tokens ``(B, T)``, to compare."""
        torch = self._torch
        state: Any = None
        with torch.inference_mode():
            start = torch.full((len(tokens), 1), VOCABULARY)
            for column in torch.cat([start, torch.from_numpy(tokens)], 1).T:
                state = self._lstm(self._one_hot[column], state)
            return np.asarray(self._readout(state[0]).numpy())


def torch_peer(cell: Cell) -> Peer:
    """The PyTorch loop, held against seqgen's logits before it is timed.

    Raises:
        AssertionError: Its logits are other ones, so its time would mean nothing.
    """
    loop, model = TorchLoop(cell), cell.network.model
    tokens = np.random.default_rng(1).integers(0, VOCABULARY - 1, (3, 20))
    start = np.full((3, 1), VOCABULARY)
    ours = model.forward(np.hstack([start, tokens]), None)[:, -1]
    difference = float(np.abs(loop.last_logits(tokens) - ours).max())
    assert difference < 1e-3, f"PyTorch's logits differ by {difference}"
    return Peer(TORCH, loop.run, cell.tokens)
