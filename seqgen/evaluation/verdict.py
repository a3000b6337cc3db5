"""Verdict: whether a model is better than its n-gram, in words that claim nothing too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def verdict(difference: Mapping[str, Any]) -> str:
    """Whether the model is better than the n-gram, never claimed inside the interval."""
    (low, high), gap = difference["interval"], difference["nats_per_token"]
    range_ = f"{gap:+.3f} nats per token [{low:+.3f}, {high:+.3f}]"
    if high < 0:
        return f"Better than the n-gram: {range_}, paired by item."
    if low > 0:
        return f"The n-gram is better: {range_}, paired by item."
    return f"Not to be told apart from the n-gram: {range_}, paired by item."
