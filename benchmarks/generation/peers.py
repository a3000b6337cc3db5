"""The peers without TensorFlow: the two matrix products, seqgen, a PyTorch LSTMCell loop.

The names of these and of the Keras peers are the rows of the table.
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

#: The settings of ``FILTERED``.
FILTERS = {"top_p": 0.9, "repetition_penalty": 1.2}


def floor(cell: Cell) -> Peer:
    """The lower bound of a loop over steps: both matrix products of a step, into buffers.

    All arrays are aligned to 64 bytes: without alignment the products take up to a third longer
    at 64 units.
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
    """A float32 copy that is aligned to 64 bytes."""
    size = 4 * values.size
    buffer = np.empty(size + 64, np.uint8)
    first = -buffer.ctypes.data % 64
    copy = buffer[first : first + size].view(np.float32).reshape(values.shape)
    copy[...] = values
    return copy


def seqgen_peer(cell: Cell, name: str = SEQGEN, **settings: Any) -> Peer:
    """``Generator.samples``, including uniforms, log-probabilities and decoding of the item."""
    generator = cell.network.generator(cell.batch, cell.steps, **settings)
    return Peer(name, lambda: list(generator.samples(range(cell.batch))), cell.tokens)


def seqgen_tokens(cell: Cell) -> NDArray[np.int64]:
    """The tokens that seqgen samples, ``(batch, steps)``; every row has the full length."""
    generator = cell.network.generator(cell.batch, cell.steps)
    return np.array([sample.tokens for sample in generator.samples(range(cell.batch))])


def mean_entropy(cell: Cell) -> float:
    """The entropy of seqgen's samples under its settings, in nats per token."""
    generator = cell.network.generator(cell.batch, cell.steps)
    logps = [sample.logp_settings for sample in generator.samples(range(cell.batch))]
    return -sum(logps) / cell.tokens


def torch_installed() -> bool:
    """Whether PyTorch is installed; it is not a dependency of this project."""
    return find_spec("torch") is not None


class TorchLoop:
    """A usual PyTorch loop: a cell, a linear layer, ``multinomial``."""

    def __init__(self, cell: Cell) -> None:
        torch: Any = import_module("torch")
        self._torch, self._cell = torch, cell
        torch.set_num_threads(1)
        weights = cell.network.weights
        # PyTorch has the gates in the order of Keras, transposed kernels and two biases.
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
        """Sample ``(batch, steps)`` tokens."""
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
        """The logits after the start and these tokens ``(B, T)``, for comparison."""
        torch = self._torch
        state: Any = None
        with torch.inference_mode():
            start = torch.full((len(tokens), 1), VOCABULARY)
            for column in torch.cat([start, torch.from_numpy(tokens)], 1).T:
                state = self._lstm(self._one_hot[column], state)
            return np.asarray(self._readout(state[0]).numpy())


def torch_peer(cell: Cell) -> Peer:
    """The PyTorch loop, after comparing its logits with seqgen's.

    Raises:
        AssertionError: The logits differ, so the times cannot be compared.
    """
    loop, model = TorchLoop(cell), cell.network.model
    tokens = np.random.default_rng(1).integers(0, VOCABULARY - 1, (3, 20))
    start = np.full((3, 1), VOCABULARY)
    ours = model.forward(np.hstack([start, tokens]), None)[:, -1]
    difference = float(np.abs(loop.last_logits(tokens) - ours).max())
    assert difference < 1e-3, f"PyTorch's logits differ by {difference}"
    return Peer(TORCH, loop.run, cell.tokens)
