"""Intervals of plain figures: of a share, and of a mean over items."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

#: The standard normal quantile of a two-sided 95 % interval.
Z = 1.959964


@final
@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval.

    Args:
        value: The figure; nan where there is nothing to compute it of.
        low: The lower bound.
        high: The upper bound.
    """

    value: float
    low: float
    high: float


def share(count: int, of: int) -> Figure:
    """The share ``count / of`` with its score interval.

    Source: E. B. Wilson, Probable inference, J. Am. Stat. Assoc. 22 (1927).
    """
    if not of:
        return Figure(math.nan, math.nan, math.nan)
    value, square = count / of, Z * Z
    middle = (value + square / (2 * of)) / (1 + square / of)
    reach = Z / (1 + square / of) * math.sqrt(value * (1 - value) / of + square / (4 * of * of))
    return Figure(value, max(middle - reach, 0.0), min(middle + reach, 1.0))


def mean(values: Sequence[float], seed: int = 0, draws: int = 2000) -> Figure:
    """The mean over items with its bootstrap interval (percentile method).

    Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), ch. 13.
    """
    if not len(values):
        return Figure(math.nan, math.nan, math.nan)
    rng = np.random.Generator(np.random.Philox(key=[seed, 2]))
    known = np.asarray(values, float)
    drawn = [known[rng.integers(0, len(known), len(known))].mean() for _ in range(draws)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Figure(float(known.mean()), float(low), float(high))
