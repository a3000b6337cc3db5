"""Sampler: the abstract choice of one token a row, and its two ways: greedy and inverse CDF."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation import processors
from seqgen.generation.config import GenerateConfig
from seqgen.models.sequence_model import log_softmax


class Sampler(ABC):
    """From the logits of a batch to one token a row. Holds no state and draws no noise."""

    @abstractmethod
    def settle(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        """The log-probabilities that ``choose`` draws by, shape ``(B, V)``.

        Args:
            logits: Shape ``(B, V)``; minus infinity where a token is not allowed, and at
                least one finite value a row.
        """

    @abstractmethod
    def choose(
        self, log_probabilities: NDArray[np.float64], uniforms: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """One token id a row, shape ``(B,)``, never one of probability zero.

        Args:
            log_probabilities: What ``settle`` gave.
            uniforms: Shape ``(B,)``, each in ``[0, 1)``.
        """


@final
class GreedySampler(Sampler):
    """The likeliest token; of several equally likely the one with the lowest id."""

    def settle(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        best = logits.argmax(axis=-1)
        result = np.full(logits.shape, -np.inf)
        result[np.arange(len(best)), best] = 0.0
        return result

    def choose(
        self, log_probabilities: NDArray[np.float64], uniforms: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        return np.asarray(log_probabilities.argmax(axis=-1), dtype=np.int64)


@final
class InverseCDFSampler(Sampler):
    """Draws a token by inverting the cumulative distribution at the given uniform.

    The order is fixed: temperature, then top-k, then top-p, each on what the one before left.

    Args:
        temperature: Above 0; 1 changes nothing.
        top_k: 0 changes nothing.
        top_p: Above 0; 1 changes nothing.
    """

    def __init__(self, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> None:
        self._temperature, self._top_k, self._top_p = temperature, top_k, top_p

    def settle(self, logits: NDArray[Any]) -> NDArray[np.float64]:
        wide = processors.temperature(logits.astype(np.float64), self._temperature)
        wide = processors.top_p(processors.top_k(wide, self._top_k), self._top_p)
        return log_softmax(wide)

    def choose(
        self, log_probabilities: NDArray[np.float64], uniforms: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        cumulative = np.cumsum(np.exp(log_probabilities), axis=-1)
        # Scaled by the last entry, which rounding leaves a little beside 1, so that the
        # threshold always lies below it and the first entry above is a token with mass.
        threshold = uniforms[:, None] * cumulative[:, -1:]
        return np.asarray((cumulative <= threshold).sum(axis=-1), dtype=np.int64)


def make_sampler(config: GenerateConfig) -> Sampler:
    """The sampler that the settings ask for."""
    if config.sampler == "greedy":
        return GreedySampler()
    return InverseCDFSampler(config.temperature, config.top_k, config.top_p)
