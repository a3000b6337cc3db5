"""NumpyRNN: the stepping half of ShareWeightRNN, on NumPy alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.numpy_rnn.folded_weights import fold
from seqgen.models.numpy_rnn.stepper import NumpyState, NumpyWalker
from seqgen.models.sequence_model import forward_by_steps
from seqgen.models.share_weight_rnn import ShareWeightRNN, check_weights


@final
class NumpyRNN(ShareWeightRNN[NumpyState]):
    """Steps a trained model from its weights.

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
        self._folded = fold(config, shape, self._weights)

    @property
    def weights(self) -> Mapping[str, NDArray[np.float32]]:
        return self._weights

    def initial_state(self, batch: int) -> NumpyState:
        memory = np.zeros((batch, self.config.units), np.float32)
        products = [np.tile(layer.start, (batch, 1)) for layer in self._folded.layers]
        return (*(memory.copy() for _ in products), *products)

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NumpyState
    ) -> tuple[NDArray[np.float32], NumpyState]:
        walker = NumpyWalker(self._folded, state)
        logits = walker.read(tokens, context)
        return logits.copy(), walker.state

    def walker(self, batch: int, remember: int = 1) -> NumpyWalker:
        return NumpyWalker(self._folded, self.initial_state(batch), remember)

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: NumpyState, rows: NDArray[Any]) -> NumpyState:
        return tuple(part[rows] for part in state)
