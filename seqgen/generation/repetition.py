"""Repetition: a penalty for tokens that stand in the item already, and no n-gram twice."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.logits_processor import Logits, LogitsProcessor


@final
class RepetitionPenalty(LogitsProcessor[NDArray[np.bool_]]):
    """Makes tokens less likely that the item holds already; 1 changes nothing.

    A positive logit is divided by the penalty, a negative one multiplied. The state is which
    tokens each row holds, ``(B, V)``. Source: N. S. Keskar et al., "CTRL", 2019, section 4.1,
    in the form that leaves the sign of a logit alone.

    Args:
        penalty: At least 1.
        size: ``V``.
    """

    def __init__(self, penalty: float, size: int) -> None:
        self._penalty, self._size = np.array(penalty, np.float32), size

    def start(self, batch: int) -> NDArray[np.bool_]:
        return np.zeros((batch, self._size), dtype=bool)

    def apply(self, logits: Logits, state: NDArray[np.bool_]) -> None:
        # The penalty is at least 1: the lesser of the two is the quotient of a positive logit
        # and the product of a negative one.
        penalised = logits * self._penalty
        np.minimum(penalised, logits / self._penalty, out=penalised)
        np.copyto(logits, penalised, where=state)

    def advance(self, state: NDArray[np.bool_], tokens: NDArray[np.int64]) -> NDArray[np.bool_]:
        after = state.copy()
        after[np.arange(len(tokens)), tokens] = True
        return after

    def select(self, state: NDArray[np.bool_], rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        return state[rows]


@final
class NoRepeatNGram(LogitsProcessor[NDArray[np.int64]]):
    """Lets no sequence of ``n`` tokens come twice in an item.

    The state is the tokens of each row so far, ``(B, T)``. Where every allowed token would
    close a second n-gram, none is left and the row is at a dead end. The no-op is to leave
    it out, which ``n = 0`` stands for in the settings. Source: R. Paulus, C. Xiong and
    R. Socher, "A deep reinforced model for abstractive summarization", ICLR 2018.

    Args:
        n: At least 1.
    """

    may_leave_none = True

    def __init__(self, n: int) -> None:
        self._n = n

    def start(self, batch: int) -> NDArray[np.int64]:
        return np.empty((batch, 0), dtype=np.int64)

    def apply(self, logits: Logits, state: NDArray[np.int64]) -> None:
        before = self._n - 1
        if state.shape[1] <= before:
            return
        # Every place where the last n - 1 tokens stood before: what came then must not come now.
        windows = np.lib.stride_tricks.sliding_window_view(state, before + 1, axis=1)
        last = state[:, state.shape[1] - before :]
        same = (windows[:, :, :before] == last[:, None, :]).all(axis=-1)
        rows, places = np.nonzero(same)
        logits[rows, windows[rows, places, before]] = -np.inf

    def advance(self, state: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([state, tokens[:, None]], axis=1)

    def select(self, state: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return state[rows]
