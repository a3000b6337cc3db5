"""Fixed choices: tokens that never come, tokens that must come at a position, a least length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.logits_processor import Logits, LogitsProcessor, StatelessProcessor


@final
class BannedTokens(StatelessProcessor):
    """Tokens that never come; none banned changes nothing.

    Args:
        tokens: Their ids.
    """

    may_leave_none = True

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = np.array(tokens, dtype=np.int64)

    def change(self, logits: Logits) -> None:
        logits[:, self._tokens] = -np.inf


@final
class FixedPositions(LogitsProcessor[int]):
    """Tokens that must come at given positions, and no end before a least length.

    The state is the position, which all rows of a batch share. No position and a least
    length of 0 change nothing.

    Args:
        forced: Token id by position, counted from 0.
        min_tokens: The end token is not allowed before so many tokens.
        end: The id of the end token.
    """

    may_leave_none = True

    def __init__(self, forced: Mapping[int, int], min_tokens: int, end: int) -> None:
        self._forced, self._min_tokens, self._end = dict(forced), min_tokens, end

    def start(self, batch: int) -> int:
        return 0

    def apply(self, logits: Logits, state: int) -> None:
        if state < self._min_tokens:
            logits[:, self._end] = -np.inf
        token = self._forced.get(state)
        if token is not None:
            kept = logits[:, token].copy()
            logits[:] = -np.inf
            logits[:, token] = kept

    def advance(self, state: int, tokens: NDArray[np.int64]) -> int:
        return state + 1

    def select(self, state: int, rows: NDArray[np.int64]) -> int:
        return state
