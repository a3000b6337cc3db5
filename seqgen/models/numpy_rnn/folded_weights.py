"""FoldedWeights: the weights of a recurrent model, rearranged once so that a step does less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.cells.cell import CELLS, Cell
from seqgen.models.cells.numpy_cells import Array, NumpyCell, aligned
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.share_weight_rnn import readout_kernel

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


def fold(config: ModelConfig, shape: ModelShape, weights: Mapping[str, Array]) -> FoldedWeights:
    """The folded form of named weights, see ``weight_shapes``."""
    cell, units = CELLS[config.cell], config.units
    step = cell.numpy_cell()
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
    tokens, context = _input_rows(config, shape, inputs[0], biases[0][0], weights)
    vocabulary, gates = len(weights["readout.bias"]), len(columns)
    return FoldedWeights(step, units, gates, vocabulary, tokens, context, tuple(kernels))


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
) -> tuple[Array, tuple[Array, ...]]:
    """The terms that each token and each context value add to the first layer, by gate."""
    size = shape.vocabulary_size
    if config.embedding:
        tokens = weights["embedding"] @ kernel[: config.embedding]
    else:
        tokens = np.vstack([kernel[:size], np.zeros((1, kernel.shape[1]), np.float32)])
    starts = np.cumsum([config.embedding or size, *shape.context_sizes])
    context = tuple(
        _by_gate(kernel[start : start + values], config.units)
        for start, values in zip(starts[:-1], shape.context_sizes, strict=True)
    )
    return _by_gate(tokens + bias, config.units), context


def _by_gate(rows: Array, units: int) -> Array:
    """Rows ``(N, gates)`` as ``(n, N, units)``, contiguous."""
    return np.ascontiguousarray(rows.reshape(len(rows), -1, units).transpose(1, 0, 2))
