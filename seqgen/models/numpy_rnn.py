"""NumpyRNN: the stepping half of ShareWeightRNN, on NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.sequence_model import forward_by_steps
from seqgen.models.share_weight_rnn import ShareWeightRNN, check_weights

Array = NDArray[np.float32]
#: For each layer the hidden state, and for LSTM the cell state after it; each ``(B, units)``.
NumpyState = tuple[Array, ...]


@final
class NumpyRNN(ShareWeightRNN[NumpyState]):
    """Steps a trained model from its weights.

    What every step would compute again is computed once: the rows that each token and each
    context value add to the gates (embedding times kernel, plus bias), and the half-angle
    identity ``sigmoid(x) = (1 + tanh(x / 2)) / 2``, folded into the weights so that one
    ``tanh`` serves all gates.

    Args:
        config: The shape of the model.
        shape: The vocabulary size and the context columns.
        weights: Named float32 arrays.

    Raises:
        ModelFileError: If a weight is missing, of another shape or not finite.
    """

    def __init__(
        self, config: ModelConfig, shape: ModelShape, weights: Mapping[str, NDArray[np.float32]]
    ) -> None:
        check_weights(config, shape, weights)
        self.config, self.shape = config, shape
        self._weights = dict(weights)
        self._layers = [self._fold(layer) for layer in range(config.layers)]
        self._token_rows, self._context_rows = self._input_rows()
        self._step_layer = self._lstm if config.cell == "lstm" else self._gru

    @property
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        return self._weights

    def _fold(self, layer: int) -> tuple[Array, Array, Array]:
        """Kernel, recurrent kernel and bias with the half angle of the sigmoid gates folded in."""
        units = self.config.units
        names = ("kernel", "recurrent_kernel", "bias")
        parts = [self._weights[f"layer{layer}.{name}"].copy() for name in names]
        sigmoid = np.ones(parts[0].shape[-1], np.float32)
        if self.config.cell == "lstm":
            sigmoid[: 2 * units] = sigmoid[3 * units :] = 0.5
        else:
            sigmoid[: 2 * units] = 0.5
        kernel, recurrent, bias = (part * sigmoid for part in parts)
        return kernel, np.ascontiguousarray(recurrent), bias

    def _input_rows(self) -> tuple[Array, list[Array]]:
        """What each token ``(V + 1, gates)`` and each context value adds in the first layer."""
        kernel, _, bias = self._layers[0]
        size = self.shape.vocabulary_size
        if self.config.embedding:
            tokens = self._weights["embedding"] @ kernel[: self.config.embedding]
        else:
            tokens = np.vstack([kernel[:size], np.zeros((1, kernel.shape[1]), np.float32)])
        tokens = tokens + (bias if bias.ndim == 1 else bias[0])
        context, start = [], self.config.embedding or size
        for values in self.shape.context_sizes:
            context.append(kernel[start : start + values])
            start += values
        return np.ascontiguousarray(tokens), context

    def initial_state(self, batch: int) -> NumpyState:
        count = self.config.layers * (2 if self.config.cell == "lstm" else 1)
        return tuple(np.zeros((batch, self.config.units), np.float32) for _ in range(count))

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NumpyState
    ) -> tuple[NDArray[np.float32], NumpyState]:
        gates = self._token_rows[tokens]  # (B, gates * units), a copy
        for column, rows in enumerate(self._context_rows):
            assert context is not None, "this model reads context"
            gates += rows[context[:, column]]
        after: list[Array] = []
        for layer in range(self.config.layers):
            if layer:
                kernel, _, bias = self._layers[layer]
                gates = self._hidden(after) @ kernel
                gates += bias if bias.ndim == 1 else bias[0]
            after.extend(self._step_layer(layer, gates, state))
        logits = self._hidden(after) @ self._weights["readout.kernel"]
        return logits + self._weights["readout.bias"], tuple(after)

    def _hidden(self, after: list[Array]) -> Array:
        """The output of the layer that was stepped last; an LSTM keeps its cell state behind it."""
        return after[-2] if self.config.cell == "lstm" else after[-1]

    def _lstm(self, layer: int, gates: Array, state: NumpyState) -> tuple[Array, Array]:
        """One LSTM step from the input part of the gates ``(B, 4 * units)``."""
        units, (hidden, cell) = self.config.units, state[2 * layer : 2 * layer + 2]
        gates += hidden @ self._layers[layer][1]
        np.tanh(gates, out=gates)
        in_gate, forget, candidate, out_gate = (
            gates[:, k * units : (k + 1) * units] for k in range(4)
        )
        # (1 + tanh) / 2 for both products; the common factor 1/2 is applied once.
        new_cell = ((forget + 1) * cell + (in_gate + 1) * candidate) * np.float32(0.5)
        new_hidden = (out_gate + 1) * np.tanh(new_cell) * np.float32(0.5)
        return new_hidden, new_cell

    def _gru(self, layer: int, gates: Array, state: NumpyState) -> tuple[Array]:
        """One GRU step (``reset_after``) from the input part of the gates ``(B, 3 * units)``."""
        units, hidden = self.config.units, state[layer]
        _, recurrent, bias = self._layers[layer]
        inner = hidden @ recurrent + bias[1]
        both = np.tanh(gates[:, : 2 * units] + inner[:, : 2 * units])
        update, reset = (both[:, :units] + 1) / 2, (both[:, units:] + 1) / 2
        candidate = np.tanh(gates[:, 2 * units :] + reset * inner[:, 2 * units :])
        return (update * hidden + (1 - update) * candidate,)

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: NumpyState, rows: NDArray[Any]) -> NumpyState:
        return tuple(part[rows] for part in state)
