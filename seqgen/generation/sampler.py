"""Sampler: the abstract choice of one token a row, and its two ways: greedy and inverse CDF."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SettingError
from seqgen.generation.logits_processor import Logits

#: Sums of exponentials outside these bounds have lost precision: their row is shifted first.
_LEAST, _MOST = 1e-30, 1e30
#: Factors are arrays without dimensions: a scalar would be made into one at every call.
Scalar = NDArray[np.float32]
ONE: Scalar = np.array(1.0, np.float32)
#: Uniforms are cut here, so that rounding cannot lift a threshold to the total of a row.
_BELOW_ONE = 1.0 - 2.0**-23
#: From so many rows on the sums are taken token by token for all rows at once.
_TALL = 128


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """What a sampler chose; unpacks as ``tokens, log_mass``.

    Args:
        tokens: One id a row, shape ``(B,)``.
        total: The sum of the exponentials of each row's logits, less ``shift``, ``(B,)``.
        shift: What was taken off each row's logits before, ``(B,)``; None where nothing was.
    """

    tokens: NDArray[np.int64]
    total: NDArray[np.float64]
    shift: NDArray[np.float32] | None = None

    @property
    def log_mass(self) -> NDArray[np.float64]:
        """The logarithm of the sum of exponentials, ``(B,)``: a logit less that is a
        log-probability."""
        log_total = np.log(self.total)
        return log_total if self.shift is None else log_total + self.shift

    def __iter__(self) -> Iterator[NDArray[Any]]:
        yield self.tokens
        yield self.log_mass


class Sampler(ABC):
    """From the logits of a batch to one token a row. Draws no noise, and nothing that it keeps
    between two calls changes what it chooses."""

    @abstractmethod
    def choose(self, logits: Logits, uniforms: NDArray[np.float64], factor: Scalar = ONE) -> Choice:
        """One token id a row, never one at minus infinity.

        Args:
            logits: Shape ``(B, V)``; minus infinity where a token cannot come, and at least
                one finite value a row. Left as they are.
            uniforms: Shape ``(B,)``, each in ``[0, 1)``.
            factor: What the logits are multiplied by, above 0.
        """


@final
class GreedySampler(Sampler):
    """The likeliest token; of several equally likely the one with the lowest id."""

    def choose(self, logits: Logits, uniforms: NDArray[np.float64], factor: Scalar = ONE) -> Choice:
        tokens = np.asarray(logits.argmax(axis=-1), dtype=np.int64)
        return Choice(tokens, *_sums(logits * factor))


@final
class InverseCDFSampler(Sampler):
    """Draws a token by inverting the cumulative distribution at the given uniform.

    Chosen is the first token at which the cumulative probability exceeds the uniform, so each
    token has its probability as the length of its interval, in order of the ids. Every number
    is a function of its own row, whatever else is in the batch.

    It keeps buffers of the last shape, so one object serves one thread.
    """

    _sums: NDArray[np.float32]
    _one_mass: NDArray[np.float32]
    _one_sums: NDArray[np.float32]

    def __init__(self) -> None:
        self._make_buffers(0, 0)

    def prepare(self, batch: int, size: int) -> None:
        """Make the buffers for a shape, as ``choose_one`` does not look."""
        if (batch, size) != self._shape:
            self._make_buffers(batch, size)

    def choose(self, logits: Logits, uniforms: NDArray[np.float64], factor: Scalar = ONE) -> Choice:
        with np.errstate(over="ignore"):
            return self.choose_many(logits, uniforms, factor)

    def choose_many(
        self, logits: Logits, uniforms: NDArray[np.float64], factor: Scalar = ONE
    ) -> Choice:
        """``choose`` for a caller who silences overflow: it is expected here and mended."""
        self.prepare(*logits.shape)
        if len(logits) == 1:
            token, one, off = self.choose_one(logits[0], float(uniforms[0]), factor)
            shifts = np.array([off], np.float32) if off else None
            return Choice(np.array([token]), np.array([one]), shifts)
        total = self._accumulate(logits, factor)
        shift = _shifts(logits, total, factor)
        if shift is not None:
            total = self._accumulate(logits * factor - shift[:, None], ONE)
        below = (np.minimum(uniforms, _BELOW_ONE) * total).astype(np.float32)
        if self._rows is None:
            np.less_equal(self._sums, below[:, None], self._passed)
            return Choice(self._passed.argmin(axis=1), total, shift)
        np.less_equal(self._sums, below, self._passed)  # (V, B)
        # The passed ones stand first, so that their number is the first that is not.
        # Counted in bytes where that is enough: no call has to convert them.
        counts = np.add.reduce(self._passed.view(np.uint8), 0, self._counted)
        tokens = counts.astype(np.int64)
        return Choice(tokens, total, shift)

    def choose_one(
        self, logits: NDArray[np.float32], uniform: float, factor: Scalar
    ) -> tuple[int, float, float]:
        """The same for one row ``(V,)`` in fewer calls, to the last bit.

        Overflow of an exponential is expected here and mended; the caller silences it.

        Returns:
            The token, the sum of exponentials, and the shift, 0 where there was none.
        """
        mass, sums, shift = self._one_mass, self._one_sums, 0.0
        np.multiply(logits, factor, mass)
        np.exp(mass, mass)
        np.add.accumulate(mass, 0, None, sums)
        total = sums.item(-1)
        if not _LEAST <= total <= _MOST:
            shift = float(logits.max() * factor)
            np.exp(logits * factor - np.float32(shift), mass)
            np.add.accumulate(mass, 0, None, sums)
            total = sums.item(-1)
        below = float(np.float32(min(uniform, _BELOW_ONE) * total))
        return bisect_right(self._one_view, below), total, shift

    def _make_buffers(self, batch: int, size: int) -> None:
        self._shape = (batch, size)
        shape = (size, batch) if batch >= _TALL else (batch, size)
        self._sums, self._passed = np.empty(shape, np.float32), np.empty(shape, dtype=bool)
        self._counted = np.uint8 if size <= np.iinfo(np.uint8).max else np.int32
        self._rows = list(self._sums) if batch >= _TALL else None
        self._one_mass, self._one_sums = np.empty((2, size), np.float32)
        # For one number Python's bisection is quicker than NumPy's.
        self._one_view = self._one_sums.data

    def _accumulate(self, logits: Logits, factor: Scalar) -> NDArray[np.float64]:
        """Running sums of the exponentials of each row; gives the totals, ``(B,)``.

        Tall batches are summed by columns laid side by side: the same additions in the same
        order, so the same numbers, but for all rows at once.
        """
        sums = self._sums
        if self._rows is None:
            np.multiply(logits, factor, sums)
            np.exp(sums, sums)
            np.add.accumulate(sums, 1, None, sums)
            return np.asarray(sums[:, -1], dtype=np.float64)
        np.multiply(logits.T, factor, sums)
        np.exp(sums, sums)
        before = self._rows[0]
        for row in self._rows[1:]:
            np.add(before, row, row)
            before = row
        return np.asarray(before, dtype=np.float64)


def _shifts(
    logits: Logits, total: NDArray[np.float64], factor: Scalar = ONE
) -> NDArray[np.float32] | None:
    """What to take off each row before its exponentials; None where no row needs it."""
    if np.minimum.reduce(total) >= _LEAST and np.maximum.reduce(total) <= _MOST:
        return None
    unsafe = ~((total >= _LEAST) & (total <= _MOST))
    return np.where(unsafe, logits.max(axis=-1) * factor, np.float32(0))


def _sums(logits: Logits) -> tuple[NDArray[np.float64], NDArray[np.float32] | None]:
    """The sums of exponentials of each row, and what was taken off the row before."""
    total = _plain_sums(logits)
    shift = _shifts(logits, total)
    return (total, None) if shift is None else (_plain_sums(logits - shift[:, None]), shift)


def _plain_sums(logits: Logits) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):  # such a row is shifted
        return np.asarray(np.add.reduce(np.exp(logits), 1), dtype=np.float64)


def log_sum_exp(logits: Logits) -> NDArray[np.float64]:
    """The logarithm of the sum of the exponentials of each row, shape ``(B,)``."""
    total, shift = _sums(logits)
    return np.asarray(np.log(total) if shift is None else np.log(total) + shift)


def make_sampler(name: str) -> Sampler:
    """The sampler of a name in the settings, "sample" or "greedy".

    Raises:
        SettingError: Another name: beams are searches, see ``searches.SEARCH_OF``.
    """
    samplers: dict[str, type[Sampler]] = {"sample": InverseCDFSampler, "greedy": GreedySampler}
    if name not in samplers:
        raise SettingError(f"a Generator draws tokens one by one; sampler {name!r} is a search")
    return samplers[name]()
