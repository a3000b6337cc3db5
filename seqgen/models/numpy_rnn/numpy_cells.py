"""Cells of a NumpyRNN: one step of one layer for a batch, in buffers that are written again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import final

import numpy as np

from seqgen.models.numpy_rnn.folded_weights import Array, aligned

#: Gates that fit into a second-level cache with what else a step touches.
_CACHED = 1 << 17
# Arrays without dimensions: a scalar would be made into one again at every call.
_ONE, _HALF = np.array(1.0, np.float32), np.array(0.5, np.float32)


class Cell(ABC):
    """One recurrent layer of a batch.

    Gates lie behind one another, each ``(B, units)``, so that every call of a step goes
    through memory from end to end. A large batch is stepped by blocks of rows whose gates
    stay in the cache between two calls.

    Args:
        count: How many gates.
        memory: What the layer remembers, ``(B, units)``.
    """

    #: What comes from below, ``(gates, B, units)`` in folded order; written before a step.
    gates: Array
    #: The hidden state with a one behind it for the row of biases, ``(B, units + 1)``.
    hidden: Array
    #: What the layer remembers, ``(B, units)``.
    memory: Array

    def __init__(self, count: int, memory: Array) -> None:
        batch, units = memory.shape
        # Behind the gates lies what the layer remembers.
        room = aligned(count + 1, batch, units)
        self.gates, self.memory = room[:count], room[count]
        self.memory[...] = memory
        self.hidden = aligned(batch, units + 1)
        self.hidden[...] = 1.0
        size = max(16, _CACHED // (count * units))
        self.blocks = [slice(at, min(at + size, batch)) for at in range(0, batch, size)]
        scratch = np.empty((2, min(size, batch), units), np.float32)
        # Making a view costs as much as a small NumPy call, so all are made here.
        self._views = [
            self._block(room[:, rows], scratch[:, : rows.stop - rows.start], rows)
            for rows in self.blocks
        ]

    @abstractmethod
    def _block(self, room: Array, scratch: Array, rows: slice) -> tuple[Array, ...]:
        """The views that ``step`` needs of a block of rows.

        Args:
            room: Gates and memory, ``(gates + 1, rows, units)``.
            scratch: Two buffers, ``(2, rows, units)``.
            rows: Where the block lies in the batch.
        """

    @abstractmethod
    def step(self, recurrent: Sequence[Array]) -> None:
        """One step.

        Args:
            recurrent: What the hidden state before adds to the gates, ``(gates, rows, units)``
                for each block.
        """


@final
class LSTMCell(Cell):
    """Gates: output, input, forget, candidate; memory: the cell state. The sigmoid gates come
    as ``tanh`` of half the angle, and the hidden state is kept doubled, see ``FoldedWeights``.
    """

    def __init__(self, memory: Array) -> None:
        super().__init__(4, memory)

    def _block(self, room: Array, scratch: Array, rows: slice) -> tuple[Array, ...]:
        return (
            *(room[:4], room[:3], room[1:3], room[3:5], room[4], room[0]),
            *(scratch, scratch[0], scratch[1], self.hidden[rows, :-1]),
        )

    def step(self, recurrent: Sequence[Array]) -> None:
        for at, inner in enumerate(recurrent):
            gates, sigmoids, keeping, kept, cell, out, both, one, other, hidden = self._views[at]
            np.add(gates, inner, gates)
            np.tanh(gates, gates)
            np.add(sigmoids, _ONE, sigmoids)  # twice the sigmoids
            np.multiply(keeping, kept, both)  # input * candidate, forget * cell
            np.add(one, other, cell)
            np.multiply(cell, _HALF, cell)
            np.tanh(cell, one)
            np.multiply(out, one, hidden)


@final
class GRUCell(Cell):
    """Gates: update, reset, candidate, with ``reset_after``; memory: the hidden state."""

    def __init__(self, memory: Array) -> None:
        super().__init__(3, memory)

    def _block(self, room: Array, scratch: Array, rows: slice) -> tuple[Array, ...]:
        return (
            *(room[:2], room[0], room[1], room[2], room[3]),
            *(scratch[0], self.hidden[rows, :-1]),
        )

    def step(self, recurrent: Sequence[Array]) -> None:
        for at, inner in enumerate(recurrent):
            sigmoids, update, reset, candidate, memory, spare, hidden = self._views[at]
            np.add(sigmoids, inner[:2], sigmoids)
            np.tanh(sigmoids, sigmoids)
            np.add(sigmoids, _ONE, sigmoids)
            np.multiply(sigmoids, _HALF, sigmoids)
            np.multiply(reset, inner[2], spare)
            np.add(candidate, spare, spare)
            np.tanh(spare, spare)
            np.subtract(memory, spare, memory)
            np.multiply(memory, update, memory)
            np.add(memory, spare, memory)  # update * before + (1 - update) * candidate
            np.copyto(hidden, memory)
