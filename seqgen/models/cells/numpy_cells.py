"""NumpyCell, NumpyLSTM, NumpyGRU: one step of one recurrent layer for a batch, in place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

#: Gates that fit into a second-level cache together with the other arrays of a step.
_CACHED = 1 << 17
# 0-dimensional arrays: a scalar would be converted to one at every call.
_ONE, _HALF = np.array(1.0, np.float32), np.array(0.5, np.float32)


def aligned(*shape: int) -> Array:
    """An uninitialised array that begins at a multiple of 64 bytes."""
    size = int(np.prod(shape)) * 4
    buffer = np.empty(size + 64, np.uint8)
    first = -buffer.ctypes.data % 64
    return buffer[first : first + size].view(np.float32).reshape(shape)


class NumpyCell(ABC):
    """One recurrent layer of a batch.

    Each gate is contiguous, ``(B, units)``, so that every call of a step reads memory in
    sequence. A large batch is processed in blocks of rows whose gates stay in the cache.

    A sigmoid gate arrives as half its sum, because ``σ(x) = (1 + tanh(x / 2)) / 2``: one ``tanh``
    then serves all gates. ``numpy_rnn.fold`` multiplies the weights accordingly.

    Args:
        memory: The initial memory, ``(B, units)``; copied.
        recurrent: The states' terms of the gates, ``(gates, B, units)``; read at each step.
    """

    #: The gates in the order of ``inputs``, each with the factor of its weights.
    factors: ClassVar[Mapping[str, float]]
    #: ``hidden`` is the hidden state multiplied by this; its product weights are divided by it.
    hidden_scale: ClassVar[float] = 1.0

    #: The inputs' terms of the gates, ``(gates, B, units)``; written before a step.
    inputs: Array
    #: The hidden state, then a column of ones for the biases, ``(B, units + 1)``.
    hidden: Array
    #: What the layer remembers, ``(B, units)``.
    memory: Array

    def __init__(self, memory: Array, recurrent: Array) -> None:
        (batch, units), count = memory.shape, len(self.factors)
        gates = aligned(count + 1, batch, units)  # the memory is next to the last gate
        self.inputs, self.memory = gates[:count], gates[count]
        self.memory[...] = memory
        self.hidden = aligned(batch, units + 1)
        self.hidden[...] = 1.0
        size = max(16, _CACHED // (count * units))
        scratch = np.empty((2, min(size, batch), units), np.float32)
        # Creating a view takes as long as a small NumPy call, so all are created here.
        self._views = [
            self._block(gates[:, rows], recurrent[:, rows], self.hidden[rows, :-1], scratch)
            for rows in (slice(at, at + size) for at in range(0, batch, size))
        ]

    @abstractmethod
    def _block(
        self, gates: Array, recurrent: Array, hidden: Array, scratch: Array
    ) -> tuple[Array, ...]:
        """The views that ``step`` needs of a block of rows.

        Args:
            gates: Gates and memory, ``(gates + 1, rows, units)``.
            recurrent: The block of ``recurrent``.
            hidden: The block of the hidden state, ``(rows, units)``.
            scratch: Two buffers, ``(2, at least rows, units)``.
        """

    @abstractmethod
    def step(self) -> None:
        """Update ``memory`` and ``hidden`` from ``inputs``, which are overwritten."""


@final
class NumpyLSTM(NumpyCell):
    """The step of ``builtin_cells.LSTM``. The memory is the cell state.

    The gates are ordered so that input and forget are next to candidate and memory. The hidden
    state is kept doubled, ``(1 + tanh(o / 2)) * tanh(c)``, which is exact: only exponents change.
    """

    factors = MappingProxyType({"output": 0.5, "input": 0.5, "forget": 0.5, "candidate": 1.0})
    hidden_scale = 2.0

    def _block(
        self, gates: Array, recurrent: Array, hidden: Array, scratch: Array
    ) -> tuple[Array, ...]:
        both = scratch[:, : len(hidden)]
        return (
            *(gates[:4], recurrent, gates[:3], gates[1:3], gates[3:5], gates[4], gates[0]),
            *(both, both[0], both[1], hidden),
        )

    def step(self) -> None:
        for (
            gates,
            recurrent,
            sigmoids,
            i_f,
            g_c,
            cell,
            output,
            both,
            one,
            two,
            hidden,
        ) in self._views:
            np.add(gates, recurrent, gates)
            np.tanh(gates, gates)
            np.add(sigmoids, _ONE, sigmoids)  # twice the sigmoids
            np.multiply(i_f, g_c, both)  # 2 i * g and 2 f * c
            np.add(one, two, cell)
            np.multiply(cell, _HALF, cell)  # c = f * c + i * g
            np.tanh(cell, one)
            np.multiply(output, one, hidden)  # 2 h = 2 o * tanh(c)


@final
class NumpyGRU(NumpyCell):
    """The step of ``builtin_cells.GRU``. The memory is the hidden state."""

    factors = MappingProxyType({"update": 0.5, "reset": 0.5, "candidate": 1.0})

    def _block(
        self, gates: Array, recurrent: Array, hidden: Array, scratch: Array
    ) -> tuple[Array, ...]:
        return (
            *(gates[:2], gates[0], gates[1], gates[2], gates[3]),
            *(recurrent[:2], recurrent[2], scratch[0, : len(hidden)], hidden),
        )

    def step(self) -> None:
        for sigmoids, z, r, g, memory, recurrent, recurrent_g, new, hidden in self._views:
            np.add(sigmoids, recurrent, sigmoids)
            np.tanh(sigmoids, sigmoids)
            np.add(sigmoids, _ONE, sigmoids)
            np.multiply(sigmoids, _HALF, sigmoids)
            np.multiply(r, recurrent_g, new)
            np.add(g, new, new)
            np.tanh(new, new)
            np.subtract(memory, new, memory)
            np.multiply(memory, z, memory)
            np.add(memory, new, memory)  # h = z * h + (1 - z) * g
            np.copyto(hidden, memory)
