"""NumpyWalker: a batch of rows through a NumpyRNN, in buffers that are written again and again."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.numpy_rnn.folded_weights import Array, FoldedWeights, aligned
from seqgen.models.numpy_rnn.numpy_cells import GRUCell, LSTMCell
from seqgen.models.sequence_model import Walker

#: For each layer its memory (LSTM: the cell state, GRU: the hidden state), each ``(B, units)``,
#: then for each layer the products of its hidden state, ``(B, gates + next layer's width)``,
#: filled up to whole lines.
NumpyState = tuple[Array, ...]

#: Up to so many rows the products go round whole: a call costs more than the memory they fill.
_FEW = 4


@final
class NumpyWalker(Walker):
    """Steps a batch by few and large NumPy calls.

    For each layer one matrix product gives its own recurrent part of the next step and the
    input of the layer above (or the logits), biases included, because both read the same
    hidden state. The logits go round through a ring of buffers, so that the last ones stay
    readable.

    Args:
        weights: The folded weights of the model.
        state: Where to start from; left as it is.
        remember: How many of the last logits ``recent`` can give, at least 1.
    """

    def __init__(self, weights: FoldedWeights, state: NumpyState, remember: int = 1) -> None:
        self._weights, self._ring_size = weights, remember + 1
        count = len(weights.layers)
        self._make_buffers(state[:count], state[count:])

    @property
    def state(self) -> NumpyState:
        """The state of the batch, copied."""
        memory = (cell.memory for cell in self._cells)
        return tuple(part.copy() for part in (*memory, *self._all_products()))

    def _all_products(self) -> list[Array]:
        """The products of every layer, that of the top one where it lies now."""
        return [*self._products, self._slots[self._slot if self._whole else 0]]

    def _make_buffers(self, memory: NumpyState, products: NumpyState) -> None:
        """Cells and buffers for a state, which is copied."""
        width, batch = self._weights.gates, len(memory[0])
        logits = slice(width, width + self._weights.vocabulary)
        kind = LSTMCell if self._weights.lstm else GRUCell
        self._cells = [kind(part) for part in memory]
        self._top, self._gates = self._cells[-1], self._cells[0].gates
        self._readout = self._weights.layers[-1].product
        self._token_rows = self._weights.token_rows
        self._products = [part.copy() for part in products[:-1]]
        self._upward = [self._by_gate(part[:, width : 2 * width]) for part in self._products]
        self._recurrent = [self._by_block(part) for part in self._products]
        self._slot = 0
        self._whole = batch <= _FEW
        if self._whole:
            ring = aligned(self._ring_size, *products[-1].shape)
            ring[0] = products[-1]
            self._slots, self._ring = list(ring), ring[:, :, logits]
        else:
            self._slots = [aligned(*products[-1].shape)]
            self._slots[0][...] = products[-1]
            self._ring = np.empty((self._ring_size, batch, self._weights.vocabulary), np.float32)
            self._ring[0] = products[-1][:, logits]
        self._slot_recurrent = [self._by_block(slot) for slot in self._slots]
        self._slot_logits: list[Array] = list(self._ring)
        self._fresh = self._slots[0][:, logits]

    def _by_gate(self, gates: Array) -> Array:
        """Gates ``(B, n * units)`` as a view ``(n, B, units)``."""
        units = self._weights.units
        return gates.reshape(len(gates), gates.shape[1] // units, units).transpose(1, 0, 2)

    def _by_block(self, product: Array) -> list[Array]:
        """The recurrent part of a product, as the cells take it."""
        gates = self._by_gate(product[:, : self._weights.gates])
        return [gates[:, rows] for rows in self._top.blocks]

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> Array:
        # "clip" spares the copy that the default's check of the indices makes.
        self._token_rows.take(tokens, 1, self._gates, "clip")
        if self._weights.context_rows:
            assert context is not None, "this model reads context"
            for column, rows in enumerate(self._weights.context_rows):
                np.add(self._gates, rows[:, context[:, column]], self._gates)
        if self._upward:
            self._climb()
        # The product of the top layer, its logits into the next buffer of the ring.
        slot = self._slot = (self._slot + 1) % self._ring_size
        logits = self._slot_logits[slot]
        if self._whole:
            self._top.step(self._slot_recurrent[slot - 1])
            np.dot(self._top.hidden, self._readout, self._slots[slot])
        else:
            self._top.step(self._slot_recurrent[0])
            np.dot(self._top.hidden, self._readout, self._slots[0])
            np.copyto(logits, self._fresh)
        return logits

    def _climb(self) -> None:
        """A step of every layer but the top one."""
        for layer, upward in enumerate(self._upward):
            cell = self._cells[layer]
            cell.step(self._recurrent[layer])
            np.dot(cell.hidden, self._weights.layers[layer].product, self._products[layer])
            np.copyto(self._cells[layer + 1].gates, upward)

    def recent(self, reads: int) -> Array:
        after = self._slot + 1
        if reads <= after:
            return self._ring[after - reads : after]
        return self._ring[np.arange(after - reads, after) % self._ring_size]

    def keep(self, rows: NDArray[np.int64]) -> None:
        memory = tuple(cell.memory[rows] for cell in self._cells)
        self._make_buffers(memory, tuple(part[rows] for part in self._all_products()))
