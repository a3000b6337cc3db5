"""Sampler: the abstract choice of one token a row, and its two ways: greedy and inverse CDF."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.processors import Logits

#: Sums of exponentials outside these bounds have lost precision: their row is shifted first.
_LEAST, _MOST = 1e-30, 1e30
_ZERO = np.float32(0)


class Sampler(ABC):
    """From the logits of a batch to one token a row. Holds no state and draws no noise."""

    @abstractmethod
    def choose(
        self, logits: Logits, uniforms: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """One token id a row, never one at minus infinity.

        Args:
            logits: Shape ``(B, V)``; minus infinity where a token cannot come, and at least
                one finite value a row.
            uniforms: Shape ``(B,)``, each in ``[0, 1)``.

        Returns:
            The ids, ``(B,)``, and the logarithm of the sum of the exponentials of each row,
            ``(B,)``: a logit minus that is a log-probability.
        """


@final
class GreedySampler(Sampler):
    """The likeliest token; of several equally likely the one with the lowest id."""

    def choose(
        self, logits: Logits, uniforms: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        return np.asarray(logits.argmax(axis=-1), dtype=np.int64), log_sum_exp(logits)


@final
class InverseCDFSampler(Sampler):
    """Draws a token by inverting the cumulative distribution at the given uniform.

    Chosen is the first token at which the cumulative probability exceeds the uniform, so each
    token has its probability as the length of its interval, in order of the ids. Every number
    is a function of its own row, whatever else is in the batch.

    It keeps buffers of the last shape, so one object serves one thread.
    """

    def __init__(self) -> None:
        self._make_buffers(0, 0)

    def choose(
        self, logits: Logits, uniforms: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if logits.shape != self._sums.shape:
            self._make_buffers(*logits.shape)
        if len(logits) == 1:
            token, log_mass = self._choose_one(logits[0], float(uniforms[0]))
            return np.array([token]), np.array([log_mass])
        with np.errstate(over="ignore", invalid="ignore"):  # such rows are shifted and redone
            np.exp(logits, self._sums)
            np.add.accumulate(self._sums, axis=-1, out=self._sums)
        last = self._sums[:, -1]
        total = last.astype(np.float64)
        shift = _shifts(logits, total)
        if shift is not None:
            np.add.accumulate(np.exp(logits - shift[:, None]), axis=-1, out=self._sums)
            total = last.astype(np.float64)
        # Rounding must not lift the threshold to the total, which no entry exceeds.
        below = np.minimum((uniforms * total).astype(np.float32), np.nextafter(last, _ZERO))
        np.less_equal(self._sums, below[:, None], self._passed)
        tokens = self._passed.argmin(axis=-1)  # the first that is not passed
        return tokens, np.log(total) if shift is None else np.log(total) + shift

    def _choose_one(self, logits: NDArray[np.float32], uniform: float) -> tuple[int, float]:
        """The same for one row in fewer calls; every number is the same to the last bit."""
        sums = self._sums[0]
        with np.errstate(over="ignore", invalid="ignore"):
            np.exp(logits, sums)
            np.add.accumulate(sums, 0, None, sums)
        total, shift = float(sums[-1]), 0.0
        if not _LEAST <= total <= _MOST:
            shift = float(logits.max())
            np.add.accumulate(np.exp(logits - np.float32(shift)), 0, None, sums)
            total = float(sums[-1])
        below = np.float32(uniform * total)
        if below >= total:
            below = np.nextafter(sums[-1], _ZERO)
        return int(sums.searchsorted(below, "right")), float(np.log(total)) + shift

    def _make_buffers(self, batch: int, size: int) -> None:
        self._sums = np.empty((batch, size), np.float32)
        self._passed = np.empty((batch, size), dtype=bool)


def _shifts(logits: Logits, total: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """What to take off each row before its exponentials; None where no row needs it."""
    if total.min() >= _LEAST and total.max() <= _MOST:
        return None
    unsafe = ~((total >= _LEAST) & (total <= _MOST))
    return np.where(unsafe, logits.max(axis=-1), _ZERO)


def log_sum_exp(logits: Logits) -> NDArray[np.float64]:
    """The logarithm of the sum of the exponentials of each row, shape ``(B,)``."""
    with np.errstate(over="ignore"):
        total = np.exp(logits).sum(axis=-1, dtype=np.float32).astype(np.float64)
    shift = _shifts(logits, total)
    if shift is None:
        return np.asarray(np.log(total))
    total = np.exp(logits - shift[:, None]).sum(axis=-1).astype(np.float64)
    return np.asarray(np.log(total) + shift)


def make_sampler(name: str) -> Sampler:
    """The sampler of a name in the settings, "sample" or "greedy"."""
    return GreedySampler() if name == "greedy" else InverseCDFSampler()
