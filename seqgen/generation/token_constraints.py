"""Banned tokens, forced tokens at positions, and a minimum length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np

from seqgen.generation.logits_processor import Logits, PositionProcessor, StatelessProcessor


@final
class BannedTokens(StatelessProcessor):
    """Excludes tokens; an empty list changes nothing.

    Args:
        tokens: The excluded ids.
    """

    may_leave_none = True

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = np.array(tokens, dtype=np.int64)

    def change(self, logits: Logits) -> None:
        logits[:, self._tokens] = -np.inf


@final
class FixedPositions(PositionProcessor):
    """Requires tokens at positions, and excludes the end before a minimum length.

    No position and a minimum length of 0 change nothing.

    Args:
        forced: Token id by position, counted from 0.
        min_tokens: The minimum length in tokens.
        end: The id of the end token.
    """

    may_leave_none = True

    def __init__(self, forced: Mapping[int, int], min_tokens: int, end: int) -> None:
        self._forced, self._min_tokens, self._end = dict(forced), min_tokens, end

    def apply(self, logits: Logits, state: int) -> None:
        if state < self._min_tokens:
            logits[:, self._end] = -np.inf
        token = self._forced.get(state)
        if token is not None:
            kept = logits[:, token].copy()
            logits[:] = -np.inf
            logits[:, token] = kept
