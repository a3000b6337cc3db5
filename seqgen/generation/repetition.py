"""Logits processors that use what an item contains: penalties, n-grams, the continuous cache."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.generation.logits_processor import ArrayProcessor, Logits, Stage
from seqgen.generation.sampling_config import CacheOptions, RepetitionOptions


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

    name, Options, stage = "repetition-penalty", RepetitionOptions, Stage.ADJUST

    @classmethod
    def make(cls, options: RepetitionOptions, encoder: Encoder[Any]) -> RepetitionPenalty | None:
        if options.repetition_penalty == 1.0:
            return None
        return cls(options.repetition_penalty, encoder.vocabulary.size)

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

    name, Options, stage = "no-repeat-ngram", RepetitionOptions, Stage.EXCLUDE
    may_leave_none = True

    @classmethod
    def make(cls, options: RepetitionOptions, encoder: Encoder[Any]) -> NoRepeatNGram | None:
        return cls(options.no_repeat_ngram) if options.no_repeat_ngram else None

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


#: The key of a token that is skipped, and of positions before the first token.
SKIPPED = -1


@final
class ContinuousCache(ArrayProcessor):
    """Mixes in what followed earlier in the item after the same keys: the setting ``recall``.

    Every token has a key; tokens with the same key count as equal, and those with key -1 are
    skipped. If the last ``context`` keys of a row occurred in it before, its probabilities become
    ``(1 - weight) p + weight q``: ``q`` counts the keys that followed there, among those of allowed
    tokens, and distributes each over its tokens in proportion to ``p``. Skipped tokens keep their
    probability, and ``q`` sums to the rest. Otherwise nothing changes. A recurrent network forgets
    the figures it has generated; this is a cache of them. The state is the keys of each row so
    far, right-aligned, ``(B, T)``.

    Source: E. Grave, A. Joulin and N. Usunier, "Improving neural language models with a
    continuous cache", ICLR 2017, with equal contexts instead of similar hidden states.

    Args:
        weight: In [0, 1).
        context: At least 1.
        keys: The key of each token, ``V`` integers from -1.
    """

    name, Options, stage = "recall", CacheOptions, Stage.MIX

    @classmethod
    def make(cls, options: CacheOptions, encoder: Encoder[Any]) -> ContinuousCache | None:
        if not options.recall:
            return None
        keys = encoder.token_keys or range(encoder.vocabulary.end)
        return cls(options.recall, options.recall_after, [*keys, SKIPPED])

    def __init__(self, weight: float, context: int, keys: Sequence[int]) -> None:
        self._weight, self._context = weight, context
        self._keys = np.array(keys, np.int64)
        #: Which tokens have which key, ``(V, K)``; skipped tokens have none.
        self._has = self._keys[:, None] == np.arange(self._keys.max(initial=0) + 1)

    def start(self, batch: int) -> NDArray[np.int64]:
        return np.empty((batch, 0), dtype=np.int64)

    def apply(self, logits: Logits, state: NDArray[np.int64]) -> None:
        rows, keys = continuations(state, self._context)
        if len(rows):
            complete = state[rows, -self._context] != SKIPPED
            rows, keys = rows[complete], keys[complete]
        if not len(rows):
            return
        counts = np.zeros((len(logits), self._has.shape[1]))
        np.add.at(counts, (rows, keys), 1.0)
        rows = np.unique(rows)
        chosen = logits[rows].astype(np.float64)
        p = np.exp(chosen - chosen.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        key_p = p @ self._has
        weights = np.where(key_p > 0, counts[rows], 0.0)
        known = weights.any(axis=1)
        rows, p, key_p, weights = rows[known], p[known], key_p[known], weights[known]
        weights /= weights.sum(axis=1, keepdims=True)
        factor = np.divide(weights, key_p, out=np.zeros_like(weights), where=key_p > 0)
        q = p * (factor @ self._has.T) * key_p.sum(axis=1, keepdims=True)
        mixed = (1 - self._weight) * p + self._weight * q
        with np.errstate(divide="ignore"):  # excluded tokens stay at minus infinity
            logits[rows] = np.log(np.where(self._keys == SKIPPED, p, mixed))

    def advance(self, state: NDArray[np.int64], tokens: NDArray[np.int64]) -> NDArray[np.int64]:
        keys = self._keys[tokens][:, None]
        empty = np.full_like(keys, SKIPPED)
        longer = np.where(
            keys == SKIPPED, np.concatenate([empty, state], 1), np.concatenate([state, keys], 1)
        )
        return longer if (longer[:, 0] != SKIPPED).any() else longer[:, 1:]
