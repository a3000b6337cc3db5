"""Verdict: whether a model is better than its n-gram, in words that claim nothing too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: More digits are never shown.
MOST_DIGITS = 6


def verdict(difference: Mapping[str, Any]) -> str:
    """Whether the model is better than the n-gram, never claimed inside the interval."""
    (low, high), gap = difference["interval"], difference["nats_per_token"]
    digits = _digits(low, high)
    range_ = f"{gap:+.{digits}f} nats per token [{low:+.{digits}f}, {high:+.{digits}f}]"
    if high < 0:
        return f"Better than the n-gram: {range_}, paired by item."
    if low > 0:
        return f"The n-gram is better: {range_}, paired by item."
    return f"Not to be told apart from the n-gram: {range_}, paired by item."


def _digits(*bounds: float) -> int:
    """Three, and more where a bound would be shown as zero: on which side it lies decides."""
    digits = 3
    while digits < MOST_DIGITS and any(bound and not round(bound, digits) for bound in bounds):
        digits += 1
    return digits
