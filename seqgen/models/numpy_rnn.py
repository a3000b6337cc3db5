"""NumpyRNN: the generating half of ShareWeightRNN on NumPy alone, weights folded for speed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.cells.builtin_cells import find_cell
from seqgen.models.cells.cell import Cell
from seqgen.models.cells.numpy_cells import Array, NumpyCell, aligned
from seqgen.models.sequence_model import ModelShape, ModelStepper, Stepper
from seqgen.models.share_weight_rnn import (
    ModelConfig,
    ShareWeightRNN,
    check_weights,
    readout_kernel,
)

#: Rows of products are padded to a multiple of this many numbers, 64 bytes, and are aligned to
#: it: matrix products into such rows take up to 7 % less time.
_LINE = 16


@final
@dataclass(frozen=True, slots=True, eq=False)
class FoldedWeights:
    """All weights of a model for stepping.

    The input of the first layer is not multiplied but looked up: each token adds one row to the
    gates, its embedding times the kernel plus the bias. For each layer one matrix product of its
    hidden state gives the layer's own recurrent term of the next step and the input of the next
    layer (or the logits), biases included.

    Args:
        cell: The NumPy step of each layer, which defines the order and the factors of the gates.
        units: The width of each layer.
        gates: The width of all gates of a layer, a multiple of ``units``.
        vocabulary: ``V``, the number of logits.
        token_rows: By gate, ``(n, V + 1, units)``.
        context_rows: For each context column by gate, ``(n, values, units)``.
        kernels: For each layer ``(units + 1, gates + next, padded)``: the recurrent kernel and
            the kernel of the next layer or of the readout. The last row, for the column of ones,
            has the biases of both; it is also the product of the initial hidden state, zero.
    """

    cell: type[NumpyCell]
    units: int
    gates: int
    vocabulary: int
    token_rows: Array
    context_rows: tuple[Array, ...]
    kernels: tuple[Array, ...]


def fold(
    config: ModelConfig,
    shape: ModelShape,
    weights: Mapping[str, Array],
    cell: Cell,
    step: type[NumpyCell],
) -> FoldedWeights:
    """The folded form of named weights, see ``weight_shapes``."""
    units = config.units
    columns, factors = _gate_columns(cell, step, units)
    inputs, recurrents, biases = [], [], []
    for k in range(config.layers):
        inputs.append(weights[f"layer{k}.kernel"][:, columns] * factors)
        recurrents.append(weights[f"layer{k}.recurrent_kernel"][:, columns] * factors)
        bias = np.atleast_2d(weights[f"layer{k}.bias"])
        bias = bias if len(bias) == 2 else np.vstack([bias, np.zeros_like(bias)])
        biases.append(bias[:, columns] * factors)
    kernels = []
    for k in range(config.layers):
        top = k + 1 == config.layers
        above = readout_kernel(config, weights) if top else inputs[k + 1]
        bias_above = weights["readout.bias"] if top else biases[k + 1][0]
        product = np.hstack([recurrents[k], above]) * np.float32(1.0 / step.hidden_scale)
        kernels.append(_padded(np.vstack([product, np.concatenate([biases[k][1], bias_above])])))
    rows = _input_rows(config, shape, inputs[0], biases[0][0], weights)
    tokens, *context = (_by_gate(part, units) for part in rows)
    vocabulary, gates = len(weights["readout.bias"]), len(columns)
    return FoldedWeights(step, units, gates, vocabulary, tokens, tuple(context), tuple(kernels))


def _padded(product: Array) -> Array:
    """A product with columns of zeros at its end, up to a multiple of ``_LINE``."""
    rows, columns = product.shape
    padded = aligned(rows, -(-columns // _LINE) * _LINE)
    padded[...] = 0.0
    padded[:, :columns] = product
    return padded


def _gate_columns(cell: Cell, step: type[NumpyCell], units: int) -> tuple[NDArray[np.int64], Array]:
    """The columns of the kernels in the order of the NumPy step, and the factor of each."""
    blocks = np.array([cell.gates.index(gate) for gate in step.factors])
    columns = (blocks[:, None] * units + np.arange(units)).ravel()
    return columns, np.repeat(np.array([*step.factors.values()], np.float32), units)


def _input_rows(
    config: ModelConfig,
    shape: ModelShape,
    kernel: Array,
    bias: Array,
    weights: Mapping[str, Array],
) -> list[Array]:
    """What each token adds to the gates of the first layer, ``(V + 1, gates)``, then what each
    value of each context column adds."""
    size = shape.vocabulary_size
    if config.embedding:
        tokens = weights["embedding"] @ kernel[: config.embedding]
    else:
        tokens = np.vstack([kernel[:size], np.zeros((1, kernel.shape[1]), np.float32)])
    starts = np.cumsum([config.embedding or size, *shape.context_sizes])
    context = (
        kernel[start : start + values]
        for start, values in zip(starts[:-1], shape.context_sizes, strict=True)
    )
    return [tokens + bias, *context]


def _by_gate(rows: Array, units: int) -> Array:
    """Rows ``(N, gates)`` as ``(n, N, units)``, contiguous."""
    return np.ascontiguousarray(rows.reshape(len(rows), -1, units).transpose(1, 0, 2))


@final
@dataclass(frozen=True, slots=True, eq=False)
class PlainWeights:
    """All weights of a model whose cell has no step in place.

    Args:
        rows: What each token adds to the gates of the first layer, ``(V + 1, gates)``, then what
            each value of each context column adds, ``(values, gates)``.
        layers: The weights of each layer by name.
        products: The kernel and the bias that read each layer: those of the next layer or of the
            readout.
    """

    rows: list[Array]
    layers: list[dict[str, Array]]
    products: list[tuple[Array, Array]]

    @classmethod
    def of(
        cls, config: ModelConfig, shape: ModelShape, weights: Mapping[str, Array], cell: Cell
    ) -> PlainWeights:
        """From named weights, see ``weight_shapes``."""
        names = cell.weight_shapes(1, config.units)
        layers = [
            {name: weights[f"layer{k}.{name}"] for name in names} for k in range(config.layers)
        ]
        products = [(layer["kernel"], np.atleast_2d(layer["bias"])[0]) for layer in layers]
        rows = _input_rows(config, shape, *products[0], weights)
        readout = (readout_kernel(config, weights), weights["readout.bias"])
        return cls(rows, layers, [*products[1:], readout])

    def step(
        self, cell: Cell, tokens: NDArray[Any], context: NDArray[Any] | None, state: NumpyState
    ) -> tuple[Array, NumpyState]:
        """One step of all layers; see ``SequenceModel.step``."""
        projected = self.rows[0][tokens]
        for column, rows in enumerate(self.rows[1:]):
            assert context is not None, "this model reads context"
            projected = projected + rows[context[:, column]]
        parts, after = len(cell.state), list[Array]()
        for k, (weights, (kernel, bias)) in enumerate(zip(self.layers, self.products, strict=True)):
            new = cell.numpy_step(projected, state[k * parts : (k + 1) * parts], weights)
            after.extend(new)
            projected = new[0] @ kernel + bias
        return projected, tuple(after)


#: Of a cell with a step in place: for each layer its memory (LSTM: the cell state, GRU: the hidden
#: state), each ``(B, units)``, then for each layer the product of its hidden state,
#: ``(B, gates + next layer's width, padded)``. Of any other cell: the state of each layer.
NumpyState = tuple[Array, ...]


@final
class NumpyRNN(ShareWeightRNN[NumpyState]):
    """Steps a trained model from its weights.

    Args:
        config: The architecture of the model.
        shape: The vocabulary size and the context columns.
        weights: Named float32 arrays.
        cell: A cell that no plugin provides; None for the one that the configuration names.

    Raises:
        ModelFileError: A weight is missing, has another shape or is not finite.
        PluginError: There is no cell of the configured name.
    """

    def __init__(
        self,
        config: ModelConfig,
        shape: ModelShape,
        weights: Mapping[str, NDArray[np.float32]],
        cell: Cell | None = None,
    ) -> None:
        self.config, self.shape, self.cell = config, shape, cell or find_cell(config.cell)
        check_weights(config, shape, weights, self.cell)
        self._weights = dict(weights)
        step, parts = self.cell.in_place_step(), (config, shape, self._weights, self.cell)
        #: The weights as the steps need them.
        self.folded = PlainWeights.of(*parts) if step is None else fold(*parts, step)

    @property
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        return self._weights

    def initial_state(self, batch: int) -> NumpyState:
        folded, zero = self.folded, np.zeros((batch, self.config.units), np.float32)
        if isinstance(folded, PlainWeights):
            return tuple(zero.copy() for _ in folded.layers for _ in self.cell.state)
        memory = (zero.copy() for _ in folded.kernels)
        return (*memory, *(np.tile(kernel[-1], (batch, 1)) for kernel in folded.kernels))

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NumpyState
    ) -> tuple[NDArray[np.float32], NumpyState]:
        if isinstance(self.folded, PlainWeights):
            return self.folded.step(self.cell, tokens, context, state)
        stepper = NumpyStepper(self.folded, state)
        return stepper.read(tokens, context).copy(), stepper.state

    def stepper(self, batch: int) -> Stepper:
        if isinstance(self.folded, PlainWeights):
            return ModelStepper(self, batch)
        return NumpyStepper(self.folded, self.initial_state(batch))

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
