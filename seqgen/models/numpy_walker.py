"""NumpyWalker: a batch of rows through a NumpyRNN, in buffers that are written again and again."""

from __future__ import annotations

from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.folded import FoldedWeights
from seqgen.models.walker import Walker

Array = NDArray[np.float32]
#: For each layer its memory (LSTM: the cell state, GRU: the hidden state), each ``(B, units)``,
#: then for each layer the products of its hidden state, ``(B, gates + next layer's width)``.
NumpyState = tuple[Array, ...]

#: Gates that fit into a second-level cache with what else a step touches.
_CACHED = 1 << 17
# Arrays without dimensions: a scalar would be made into one again at every call.
_ONE, _HALF = np.array(1.0, np.float32), np.array(0.5, np.float32)


@final
class NumpyWalker(Walker):
    """Steps a batch by few and large NumPy calls.

    For each layer one matrix product gives its own recurrent part of the next step and the
    input of the layer above (or the logits), biases included, because both read the same
    hidden state. The products of the top layer go round through a ring of buffers, so that
    the last logits stay readable without being copied.

    Args:
        weights: The folded weights of the model.
        state: Where to start from; left as it is.
        remember: How many of the last logits ``recent`` can give, at least 1.
    """

    def __init__(self, weights: FoldedWeights, state: NumpyState, remember: int = 1) -> None:
        self._weights, self._ring_size = weights, remember + 1
        count = len(weights.layers)
        self._memory = [part.copy() for part in state[:count]]
        self._products = [part.copy() for part in state[count:]]
        self._make_buffers(len(state[0]))

    @property
    def state(self) -> NumpyState:
        """The state of the batch, copied."""
        return tuple(part.copy() for part in (*self._memory, *self._products))

    def _make_buffers(self, batch: int) -> None:
        units, width = self._weights.units, self._weights.gates
        self._gates = np.empty((batch, width), np.float32)
        # So many rows at a time that their gates stay in the cache between two calls.
        rows = max(16, _CACHED // width)
        self._blocks = [slice(at, min(at + rows, batch)) for at in range(0, batch, rows)]
        self._spare, self._other = np.empty((2, batch, units), np.float32)
        # The hidden state with a one behind it, which the row of biases is multiplied by.
        self._hidden = np.ones((batch, units + 1), np.float32)
        self._ring = np.empty((self._ring_size, *self._products[-1].shape), np.float32)
        self._ring[0] = self._products[-1]
        self._products[-1] = self._ring[0]
        self._slot = 0
        # Views that every step uses; making one costs as much as a small NumPy call.
        self._output = self._hidden[:, :units]
        self._parts = [self._gates[:, at : at + units] for at in range(0, width, units)]
        self._sigmoids = self._gates[:, :-units]
        self._slots: list[Array] = list(self._ring)
        self._slot_recurrent = [slot[:, :width] for slot in self._slots]
        self._slot_logits: list[Array] = [slot[:, width:] for slot in self._slots]
        self._recurrent = [product[:, :width] for product in self._products]
        self._upward = [product[:, width:] for product in self._products]

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> Array:
        weights, gates = self._weights, self._gates
        # "clip" spares the copy that the default's check of the indices makes.
        weights.token_rows.take(tokens, 0, gates, "clip")
        for column, rows in enumerate(weights.context_rows):
            assert context is not None, "this model reads context"
            np.add(gates, rows[context[:, column]], gates)
        step = self._lstm if weights.lstm else self._gru
        for layer in range(len(weights.layers) - 1):
            step(layer)
            np.dot(self._hidden, weights.layers[layer].product, self._products[layer])
            np.copyto(gates, self._upward[layer])
        step(-1)
        return self._turn()

    def _turn(self) -> Array:
        """The product of the top layer, into the next buffer of the ring."""
        slot = self._slot = (self._slot + 1) % self._ring_size
        self._products[-1] = self._slots[slot]
        self._recurrent[-1] = self._slot_recurrent[slot]
        np.dot(self._hidden, self._weights.layers[-1].product, self._slots[slot])
        return self._slot_logits[slot]

    def recent(self, reads: int) -> Array:
        after = self._slot + 1
        logits = self._ring[:, :, self._weights.gates :]
        if reads <= after:
            return logits[after - reads : after]
        return logits[np.arange(after - reads, after) % self._ring_size]

    def _lstm(self, layer: int) -> None:
        """One LSTM step; the gates hold what comes from below, in folded order."""
        recurrent, cell = self._recurrent[layer], self._memory[layer]
        if len(cell) == 1:
            self._lstm_row(recurrent, cell)
            return
        units = self._weights.units
        for rows in self._blocks:
            gates = self._gates[rows]
            into, forget, out, candidate = (
                gates[:, at : at + units] for at in range(0, 4 * units, units)
            )
            spare, other, kept = self._spare[: len(gates)], self._other[: len(gates)], cell[rows]
            np.add(gates, recurrent[rows], gates)
            np.tanh(gates, gates)
            # (1 + x) * y as y + x * y: these sums are over a quarter of the width.
            np.multiply(into, candidate, spare)
            np.add(spare, candidate, spare)
            np.multiply(kept, forget, other)
            np.add(kept, other, kept)
            np.add(kept, spare, kept)
            np.multiply(kept, _HALF, kept)
            np.tanh(kept, spare)
            np.multiply(out, spare, other)
            np.add(other, spare, self._output[rows])  # twice the hidden state

    def _lstm_row(self, recurrent: Array, cell: Array) -> None:
        """The same for a single row, where only the number of calls counts."""
        gates, spare = self._gates, self._spare
        into, forget, out, candidate = self._parts
        np.add(gates, recurrent, gates)
        np.tanh(gates, gates)
        np.add(self._sigmoids, _ONE, self._sigmoids)  # twice the sigmoid
        np.multiply(cell, forget, cell)
        np.multiply(into, candidate, spare)
        np.add(cell, spare, cell)
        np.multiply(cell, _HALF, cell)
        np.tanh(cell, spare)
        np.multiply(out, spare, self._output)

    def _gru(self, layer: int) -> None:
        """One GRU step with ``reset_after``; the gates hold what comes from below."""
        hidden, spare, inner = self._memory[layer], self._spare, self._recurrent[layer]
        update, reset, candidate = self._parts
        both = 2 * self._weights.units
        np.add(self._sigmoids, inner[:, :both], self._sigmoids)
        np.tanh(self._sigmoids, self._sigmoids)
        np.add(self._sigmoids, _ONE, self._sigmoids)
        np.multiply(self._sigmoids, _HALF, self._sigmoids)
        np.multiply(reset, inner[:, both:], spare)
        np.add(candidate, spare, spare)
        np.tanh(spare, spare)
        np.subtract(hidden, spare, hidden)
        np.multiply(hidden, update, hidden)
        np.add(hidden, spare, hidden)  # update * before + (1 - update) * candidate
        np.copyto(self._output, hidden)

    def keep(self, rows: NDArray[np.int64]) -> None:
        self._memory = [part[rows] for part in self._memory]
        self._products = [part[rows] for part in self._products]
        self._make_buffers(len(rows))
