"""Recall: an item takes up again what it said before, with a share of the probability."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.logits_processor import Logits, LogitsProcessor

#: The key of a token that is passed over, and what stands before the first one.
PASSED = -1


@final
class Recall(LogitsProcessor[NDArray[np.int64]]):
    """Mixes in what followed earlier in the item on the same ``after`` keys.

    Every token has a key; tokens of one key count as the same, and those of key -1 are passed
    over. Where the last ``after`` keys of a row stood in it before, the probabilities become
    ``(1 - share) p + share q``: ``q`` counts the keys that came next at those places, among
    those that an allowed token has, and shares each out over its tokens in proportion to ``p``.
    Tokens that are passed over keep their probability, and ``q`` sums to what is left.
    Elsewhere nothing changes. A recurrent network forgets the figures it has played; this is a
    cache of them. The state is the keys of each row so far, at its right end, ``(B, T)``. The
    no-op is to leave it out, which ``share = 0`` stands for in the settings.

    Source: E. Grave, A. Joulin and N. Usunier, "Improving neural language models with a
    continuous cache", ICLR 2017, with equal contexts in place of similar hidden states.

    Args:
        share: From 0 to below 1.
        after: At least 1.
        keys: The key of each token, ``V`` whole numbers from -1.
    """

    def __init__(self, share: float, after: int, keys: Sequence[int]) -> None:
        self._share, self._after = share, after
        self._keys = np.array(keys, np.int64)
        #: Which tokens have which key, ``(V, K)``; those that are passed over have none.
        self._has = self._keys[:, None] == np.arange(self._keys.max(initial=0) + 1)

    def start(self, batch: int) -> NDArray[np.int64]:
        return np.empty((batch, 0), dtype=np.int64)

    def apply(self, logits: Logits, state: NDArray[np.int64]) -> None:
        if state.shape[1] <= self._after:
            return
        windows = np.lib.stride_tricks.sliding_window_view(state, self._after + 1, axis=1)
        last = state[:, state.shape[1] - self._after :]
        same = (windows[:, :, :-1] == last[:, None, :]).all(axis=-1) & (last[:, :1] != PASSED)
        rows, places = np.nonzero(same)
        if not len(rows):
            return
        counts = np.zeros((len(logits), self._has.shape[1]))
        np.add.at(counts, (rows, windows[rows, places, -1]), 1.0)
        rows = np.flatnonzero(same.any(axis=1))
        chosen = logits[rows].astype(np.float64)
        likely = np.exp(chosen - chosen.max(axis=1, keepdims=True))
        likely /= likely.sum(axis=1, keepdims=True)
        of_key = likely @ self._has
        weights = np.where(of_key > 0, counts[rows], 0.0)
        known = weights.any(axis=1)
        rows, likely, of_key, weights = rows[known], likely[known], of_key[known], weights[known]
        weights /= weights.sum(axis=1, keepdims=True)
        factor = np.divide(weights, of_key, out=np.zeros_like(weights), where=of_key > 0)
        recalled = likely * (factor @ self._has.T) * of_key.sum(axis=1, keepdims=True)
        mixed = (1 - self._share) * likely + self._share * recalled
        with np.errstate(divide="ignore"):  # what is not allowed stays at minus infinity
            logits[rows] = np.log(np.where(self._keys == PASSED, likely, mixed))

    def advance(self, state: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        keys = self._keys[tokens][:, None]
        empty = np.full_like(keys, PASSED)
        longer = np.where(
            keys == PASSED, np.concatenate([empty, state], 1), np.concatenate([state, keys], 1)
        )
        return longer if (longer[:, 0] != PASSED).any() else longer[:, 1:]

    def select(self, state: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return state[rows]
