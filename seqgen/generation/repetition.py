"""Repetition: a penalty for tokens that occurred before, and no repeated n-gram."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.logits_processor import ArrayProcessor, Logits


@final
class RepetitionPenalty(ArrayProcessor):
    """Makes tokens less probable that the item already contains; 1 changes nothing.

    A positive logit is divided by the penalty, a negative one multiplied. The state is which
    tokens each row contains, ``(B, V)``. Source: N. S. Keskar et al., "CTRL", 2019, section 4.1,
    in the form that preserves the sign of a logit.

    Args:
        penalty: At least 1.
        size: ``V``.
    """

    def __init__(self, penalty: float, size: int) -> None:
        self._penalty, self._size = np.array(penalty, np.float32), size

    def start(self, batch: int) -> NDArray[np.bool_]:
        return np.zeros((batch, self._size), dtype=bool)

    def apply(self, logits: Logits, state: NDArray[np.bool_]) -> None:
        # As the penalty is at least 1, the minimum is the quotient of a positive logit and the
        # product of a negative one.
        penalised = logits * self._penalty
        np.minimum(penalised, logits / self._penalty, out=penalised)
        np.copyto(logits, penalised, where=state)

    def advance(self, state: NDArray[np.bool_], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        after = state.copy()
        after[np.arange(len(tokens)), tokens] = True
        return after


@final
class NoRepeatNGram(ArrayProcessor):
    """Excludes every token that would repeat ``n`` consecutive tokens of the item.

    The state is the tokens of each row so far, ``(B, T)``. If it excludes every allowed token,
    the row is at a dead end. Source: R. Paulus, C. Xiong and R. Socher, "A deep reinforced model
    for abstractive summarization", ICLR 2018.

    Args:
        n: At least 1. In the settings 0 turns it off.
    """

    may_leave_none = True

    def __init__(self, n: int) -> None:
        self._n = n

    def start(self, batch: int) -> NDArray[np.int64]:
        return np.empty((batch, 0), dtype=np.int64)

    def apply(self, logits: Logits, state: NDArray[np.int64]) -> None:
        rows, excluded = continuations(state, self._n - 1)
        logits[rows, excluded] = -np.inf

    def advance(self, state: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([state, tokens[:, None]], axis=1)


def continuations(
    state: NDArray[np.int64], context: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """What followed each earlier occurrence of the last ``context`` values of each row.

    Args:
        state: The values of each row so far, ``(B, T)``.
        context: From 0.

    Returns:
        The rows and the values that followed, one pair per occurrence.
    """
    if state.shape[1] <= context:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(state, context + 1, axis=1)
    last = state[:, state.shape[1] - context :]
    rows, places = np.nonzero((windows[:, :, :context] == last[:, None, :]).all(axis=-1))
    return rows, windows[rows, places, context]
