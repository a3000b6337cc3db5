"""NumpyRNN: the generating half of ShareWeightRNN, on NumPy alone; NumpyStepper: its fast loop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.cells.numpy_cells import Array, aligned
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.numpy_rnn.folded_weights import FoldedWeights, fold
from seqgen.models.sequence_model import Stepper
from seqgen.models.share_weight_rnn import ShareWeightRNN, check_weights

#: For each layer its memory (LSTM: the cell state, GRU: the hidden state), each ``(B, units)``,
#: then for each layer the product of its hidden state, ``(B, gates + next layer's width, padded)``.
NumpyState = tuple[Array, ...]


@final
class NumpyRNN(ShareWeightRNN[NumpyState]):
    """Steps a trained model from its weights.

    Args:
        config: The architecture of the model.
        shape: The vocabulary size and the context columns.
        weights: Named float32 arrays.

    Raises:
        ModelFileError: A weight is missing, has another shape or is not finite.
    """

    def __init__(
        self, config: ModelConfig, shape: ModelShape, weights: Mapping[str, NDArray[np.float32]]
    ) -> None:
        check_weights(config, shape, weights)
        self.config, self.shape = config, shape
        self._weights = dict(weights)
        self._folded = fold(config, shape, self._weights)

    @property
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        return self._weights

    def initial_state(self, batch: int) -> NumpyState:
        memory = (np.zeros((batch, self.config.units), np.float32) for _ in self._folded.kernels)
        return (*memory, *(np.tile(kernel[-1], (batch, 1)) for kernel in self._folded.kernels))

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NumpyState
    ) -> tuple[NDArray[np.float32], NumpyState]:
        stepper = NumpyStepper(self._folded, state)
        return stepper.read(tokens, context).copy(), stepper.state

    def stepper(self, batch: int) -> NumpyStepper:
        return NumpyStepper(self._folded, self.initial_state(batch))

    def select(self, state: NumpyState, rows: NDArray[Any]) -> NumpyState:
        return tuple(part[rows] for part in state)


@final
class NumpyStepper(Stepper):
    """Steps a batch in place, with few and large NumPy calls.

    Args:
        weights: The folded weights of the model.
        state: The initial state; copied.
    """

    def __init__(self, weights: FoldedWeights, state: NumpyState) -> None:
        self._weights = weights
        self._allocate(state)

    def _allocate(self, state: NumpyState) -> None:
        """Copy a state into buffers, with the views of them that ``read`` needs."""
        weights, count = self._weights, len(self._weights.kernels)
        self._products = [aligned(*product.shape) for product in state[count:]]
        for product, initial in zip(self._products, state[count:], strict=True):
            product[...] = initial
        self._cells = [
            weights.cell(memory, self._by_gate(product[:, : weights.gates]))
            for memory, product in zip(state[:count], self._products, strict=True)
        ]
        #: The inputs of each layer above the first, and the product that they are copied from.
        upward = [
            (cell.inputs, self._by_gate(product[:, weights.gates : 2 * weights.gates]))
            for cell, product in zip(self._cells[1:], self._products, strict=False)
        ]
        self._layers = [
            (cell.step, cell.hidden, kernel, product, above)
            for cell, kernel, product, above in zip(
                self._cells, weights.kernels, self._products, [*upward, None], strict=True
            )
        ]
        self._inputs, self._token_rows = self._cells[0].inputs, weights.token_rows
        self._logits = self._products[-1][:, weights.gates : weights.gates + weights.vocabulary]

    def _by_gate(self, gates: Array) -> Array:
        """Gates ``(B, n * units)`` as a view ``(n, B, units)``."""
        units = self._weights.units
        return gates.reshape(len(gates), gates.shape[1] // units, units).transpose(1, 0, 2)

    @property
    def state(self) -> NumpyState:
        """The state of the batch, copied."""
        return tuple(part.copy() for part in self._parts())

    def _parts(self) -> NumpyState:
        return (*(cell.memory for cell in self._cells), *self._products)

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> Array:
        # "clip" avoids the copy that the default's check of the indices makes.
        self._token_rows.take(tokens, 1, self._inputs, "clip")
        if self._weights.context_rows:
            assert context is not None, "this model reads context"
            for column, rows in enumerate(self._weights.context_rows):
                np.add(self._inputs, rows[:, context[:, column]], self._inputs)
        for step, hidden, kernel, product, above in self._layers:
            step()
            np.dot(hidden, kernel, product)
            if above is not None:
                np.copyto(*above)
        return self._logits

    def select(self, rows: NDArray[np.int64]) -> None:
        self._allocate(tuple(part[rows] for part in self._parts()))
