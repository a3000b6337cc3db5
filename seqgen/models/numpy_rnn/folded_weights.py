"""FoldedWeights: the weights of a recurrent model, arranged so that a step is little work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.share_weight_rnn import readout_kernel

Array = NDArray[np.float32]

#: Rows of products are filled up to a multiple of so many numbers, 64 bytes, and begin at a
#: multiple of that: matrix products into such rows take up to 7 % less time.
_LINE = 16


def aligned(*shape: int) -> Array:
    """An array without values that begins at a multiple of 64 bytes."""
    size = int(np.prod(shape)) * 4
    room = np.empty(size + 64, np.uint8)
    first = -room.ctypes.data % 64
    return room[first : first + size].view(np.float32).reshape(shape)


@final
@dataclass(frozen=True, slots=True, eq=False)
class FoldedLayer:
    """One recurrent layer.

    Args:
        product: What the hidden state is multiplied by in one go, ``(units + 1, gates +
            next, filled up)``: the layer's recurrent kernel and, beside it, the kernel of the layer
            above or of the readout. The last row holds the biases of both; a one stands
            behind the hidden state for it.
        start: What that product is before the first step, of the same width: the hidden
            state is zero then, so only the bias of the recurrent part counts.
    """

    product: Array
    start: Array


@final
@dataclass(frozen=True, slots=True, eq=False)
class FoldedWeights:
    """All weights of a model for stepping.

    Computed once is what every step would compute again: the row that each token adds to the
    gates of the first layer (embedding times kernel, plus bias; all that is left of a one-hot
    input is a row of the kernel), and the half-angle identity
    ``sigmoid(x) = (1 + tanh(x / 2)) / 2``, folded into the kernels so that one ``tanh`` serves
    all gates. The gates lie with the sigmoid ones first, those of an LSTM as output, input,
    forget, candidate, so that two neighbours meet candidate and memory. Its hidden state is kept
    doubled, ``(1 + tanh(o / 2)) * tanh(c)``, and its products are halved instead; both are
    exact, as they only change exponents.

    Args:
        lstm: Whether the cells are LSTM; GRU otherwise.
        units: Width of each layer.
        gates: Width of all gates of a layer: 4 or 3 times ``units``.
        vocabulary: How many logits.
        token_rows: By gate, ``(n, V + 1, units)``.
        context_rows: For each context column by gate, ``(n, values, units)``.
        layers: Lowest first.
    """

    lstm: bool
    units: int
    gates: int
    vocabulary: int
    token_rows: Array
    context_rows: tuple[Array, ...]
    layers: tuple[FoldedLayer, ...]


def fold(config: ModelConfig, shape: ModelShape, weights: Mapping[str, Array]) -> FoldedWeights:
    """The folded form of named weights, see ``weight_shapes``."""
    lstm, units = config.cell == "lstm", config.units
    order = _gate_order(lstm, units)
    kernels = [weights[f"layer{k}.kernel"][:, order[0]] * order[1] for k in range(config.layers)]
    biases = [
        _two_biases(weights[f"layer{k}.bias"])[:, order[0]] * order[1] for k in range(config.layers)
    ]
    layers = []
    for k in range(config.layers):
        recurrent = weights[f"layer{k}.recurrent_kernel"][:, order[0]] * order[1]
        top = k + 1 == config.layers
        above = readout_kernel(config, weights) if top else kernels[k + 1]
        bias_above = weights["readout.bias"] if top else biases[k + 1][0]
        product = np.hstack([recurrent, above]) * np.float32(0.5 if lstm else 1.0)
        start = np.concatenate([biases[k][1], bias_above])
        layers.append(_filled_up(np.vstack([product, start])))
    tokens, context = _input_rows(config, shape, kernels[0], biases[0][0], weights)
    vocabulary, gates = len(weights["readout.bias"]), kernels[0].shape[1]
    return FoldedWeights(lstm, units, gates, vocabulary, tokens, context, tuple(layers))


def _filled_up(product: Array) -> FoldedLayer:
    """A layer whose product has columns of zeros at its end, up to a whole line."""
    rows, columns = product.shape
    filled = aligned(rows, -(-columns // _LINE) * _LINE)
    filled[...] = 0.0
    filled[:, :columns] = product
    return FoldedLayer(filled, filled[-1].copy())


def _gate_order(lstm: bool, units: int) -> tuple[NDArray[np.int64], Array]:
    """Columns in the order of the folded gates, and the factor of each: 1/2 for a sigmoid.

    Keras has input, forget, candidate, output for LSTM and update, reset, candidate for GRU.
    """
    blocks = (3, 0, 1, 2) if lstm else (0, 1, 2)
    columns = np.concatenate([np.arange(b * units, (b + 1) * units) for b in blocks])
    factors = np.full(len(columns), 0.5, np.float32)
    factors[-units:] = 1.0
    return columns, factors


def _two_biases(bias: Array) -> Array:
    """Input and recurrent bias, ``(2, gates)``; an LSTM has only the first."""
    return bias if bias.ndim == 2 else np.stack([bias, np.zeros_like(bias)])


def _input_rows(
    config: ModelConfig,
    shape: ModelShape,
    kernel: Array,
    bias: Array,
    weights: Mapping[str, Array],
) -> tuple[Array, tuple[Array, ...]]:
    """What each token and each context value adds in the first layer, by gate."""
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
    """Rows ``(N, gates)`` as ``(n, N, units)``, in memory too."""
    return np.ascontiguousarray(rows.reshape(len(rows), -1, units).transpose(1, 0, 2))
