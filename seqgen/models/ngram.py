"""NGram: an interpolated Kneser-Ney n-gram, the baseline that every run is measured against."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.config import ModelShape
from seqgen.models.sequence_model import SequenceModel, forward_by_steps

History = tuple[int, ...]
#: For each row the last ``order - 1`` tokens it read.
NGramState = tuple[History, ...]


@final
class NGram(SequenceModel[NGramState]):
    """Modified Kneser-Ney smoothing, interpolated down to the uniform distribution.

    Contexts that begin with the start token keep their raw counts, as nothing can stand
    before them; every other lower-order count is the number of different tokens seen before
    the n-gram. Three discounts an order, from the counts of counts. It ignores context columns.

    Source: S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for
    language modeling", Computer Speech and Language 13 (1999), section 3 (modified
    Kneser-Ney); R. Kneser and H. Ney, ICASSP 1995.

    Args:
        order: ``n``: how many tokens an n-gram has. 1 is the unigram model.
        shape: The vocabulary size and context columns of the data.
        sequences: Token ids of the training items, without the end token.
    """

    def __init__(self, order: int, shape: ModelShape, sequences: Iterable[Sequence[int]]) -> None:
        self.order, self.shape = order, shape
        self._start = self._end_of(shape) + 1
        self._tables = self._smooth(self._count(sequences))
        self._cache: dict[History, NDArray[np.float64]] = {}

    @staticmethod
    def _end_of(shape: ModelShape) -> int:
        return shape.vocabulary_size - 1

    def _count(self, sequences: Iterable[Sequence[int]]) -> list[dict[History, Counter[int]]]:
        """Counts of the next token by history length, lowest order first."""
        top: dict[History, Counter[int]] = defaultdict(Counter)
        raw: list[dict[History, Counter[int]]] = [defaultdict(Counter) for _ in range(self.order)]
        for sequence in sequences:
            padded = (self._start, *sequence, self._end_of(self.shape))
            for place in range(1, len(padded)):
                history = padded[max(0, place - self.order + 1) : place]
                top[history][padded[place]] += 1
        for history, counts in top.items():
            # Shorter than the order allows only at the start of an item: a raw count.
            raw[len(history)][history] += counts
        for length in range(self.order - 2, -1, -1):
            for history, counts in list(raw[length + 1].items()):
                for token in counts:
                    raw[length][history[1:]][token] += 1
        return raw

    def _smooth(
        self, raw: list[dict[History, Counter[int]]]
    ) -> list[dict[History, tuple[NDArray[np.int64], NDArray[np.float64], float]]]:
        """For each history: the tokens seen, their discounted shares, the share left below."""
        tables = []
        for histories in raw:
            discounts = _discounts(histories)
            table = {}
            for history, counts in histories.items():
                tokens = np.fromiter(counts.keys(), np.int64, len(counts))
                values = np.fromiter(counts.values(), np.float64, len(counts))
                total = values.sum()
                kept = values - discounts[np.minimum(values, 3).astype(np.int64)]
                table[history] = (tokens, kept / total, float(1 - kept.sum() / total))
            tables.append(table)
        return tables

    def _distribution(self, history: History) -> NDArray[np.float64]:
        """Probabilities of the next token, shape ``(V,)``."""
        known = self._cache.get(history)
        if known is not None:
            return known
        size = self.shape.vocabulary_size
        below = self._distribution(history[1:]) if history else np.full(size, 1.0 / size)
        entry = self._tables[len(history)].get(history)
        if entry is None:
            return below
        tokens, shares, left = entry
        result = left * below
        result[tokens] += shares
        self._cache[history] = result
        return result

    def initial_state(self, batch: int) -> NGramState:
        return ((),) * batch

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: NGramState
    ) -> tuple[NDArray[np.float32], NGramState]:
        keep = self.order - 1
        after = tuple(
            (*history, token)[-keep:] if keep else ()
            for history, token in zip(state, tokens.tolist(), strict=True)
        )
        rows = np.stack([self._distribution(history) for history in after])
        return np.log(rows).astype(np.float32), after

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: NGramState, rows: NDArray[Any]) -> NGramState:
        return tuple(state[row] for row in rows.tolist())


def _discounts(histories: dict[History, Counter[int]]) -> NDArray[np.float64]:
    """What to take off a count of 1, 2 and 3 or more (index 0 is unused).

    Chen and Goodman's estimate needs counts of one to four; where a small corpus lacks them
    the plain 1/2 of absolute discounting takes its place.
    """
    of_counts = Counter(min(c, 5) for counts in histories.values() for c in counts.values())
    one, two, three, four = (of_counts[k] for k in (1, 2, 3, 4))
    if not (one and two and three and four):
        return np.array([0.0, 0.5, 0.5, 0.5])
    base = one / (one + 2 * two)
    estimates = (1 - 2 * base * two / one, 2 - 3 * base * three / two, 3 - 4 * base * four / three)
    bounded = [min(max(value, 0.1), k - 0.1) for k, value in enumerate(estimates, start=1)]
    return np.array([0.0, *bounded])
