"""NGram: an interpolated Kneser-Ney n-gram, the baseline of every run."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.sequence_model import ModelShape, SequenceModel

#: Maximum number of cached distributions, and of their bytes; each is ``(V,)`` of 8 bytes.
MOST_CACHED, CACHED_BYTES = 20_000, 2**27
History = tuple[int, ...]
Counts = Counter[int]
#: The last ``order - 1`` tokens of each row.
NGramState = tuple[History, ...]


@final
class NGram(SequenceModel[NGramState]):
    """Modified Kneser-Ney smoothing, interpolated down to the uniform distribution.

    Histories that begin with the start token keep their raw counts, because no token precedes
    them; every other lower-order count is the number of distinct tokens that precede the n-gram.
    Each order has three discounts, estimated from the counts of counts. Context columns are
    ignored.

    Source: S. F. Chen and J. Goodman, "An empirical study of smoothing techniques for
    language modeling", Computer Speech and Language 13 (1999), section 3 (modified
    Kneser-Ney); R. Kneser and H. Ney, ICASSP 1995.

    Args:
        order: ``n``, the number of tokens of an n-gram. 1 is the unigram model.
        shape: The vocabulary size and context columns of the data.
        counts: How often each token followed each history of ``order - 1`` tokens, or of
            fewer that begin with the start token; see ``count_ngrams``.
    """

    def __init__(self, order: int, shape: ModelShape, counts: Mapping[History, Counts]) -> None:
        self.order, self.shape, self.counts = order, shape, counts
        self._seen = self._lower_orders()
        self._discounts = [_discounts(histories) for histories in self._seen]
        self._cache: dict[History, NDArray[np.float64]] = {}
        fit = CACHED_BYTES // (8 * shape.vocabulary_size)
        self._most_cached = min(max(fit, order), MOST_CACHED)

    def of_order(self, order: int) -> NGram:
        """The model of a lower order on the same data."""
        shorter: dict[History, Counts] = defaultdict(Counter)
        for history, counts in self.counts.items():
            shorter[history[max(0, len(history) - order + 1) :]] += counts
        return NGram(order, self.shape, shorter)

    def _lower_orders(self) -> list[dict[History, Counts]]:
        """Counts of the next token by history length, shortest first."""
        raw: list[dict[History, Counts]] = [defaultdict(Counter) for _ in range(self.order)]
        for history, counts in self.counts.items():
            # A shorter history begins with the start token and keeps its raw counts. The loop
            # below adds nothing to them, so they are not copied.
            raw[len(history)][history] = counts
        for length in range(self.order - 2, -1, -1):
            for history, counts in list(raw[length + 1].items()):
                for token in counts:
                    raw[length][history[1:]][token] += 1
        return raw

    def _smooth(
        self, counts: Counts, discounts: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
        """The tokens seen after a history, their discounted shares, and the remaining share.

        Computed when a history occurs, because a command needs few of those in a file.
        """
        tokens = np.fromiter(counts.keys(), np.int64, len(counts))
        values = np.fromiter(counts.values(), np.float64, len(counts))
        total = values.sum()
        kept = values - discounts[np.minimum(values, 3).astype(np.int64)]
        return tokens, kept / total, float(1 - kept.sum() / total)

    def _distribution(self, history: History) -> NDArray[np.float64]:
        """Probabilities of the next token, shape ``(V,)``."""
        known = self._cache.get(history)
        if known is not None:
            return known
        size = self.shape.vocabulary_size
        below = self._distribution(history[1:]) if history else np.full(size, 1.0 / size)
        counts = self._seen[len(history)].get(history)
        if counts is None:
            return below
        tokens, shares, left = self._smooth(counts, self._discounts[len(history)])
        result = left * below
        result[tokens] += shares
        if len(self._cache) >= self._most_cached:
            self._cache.clear()
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

    def select(self, state: NGramState, rows: NDArray[Any]) -> NGramState:
        return tuple(state[row] for row in rows.tolist())


def count_ngrams(
    order: int, shape: ModelShape, sequences: Iterable[Sequence[int]]
) -> dict[History, Counts]:
    """The counts for ``NGram``, from the token ids of items without their end token."""
    end = shape.vocabulary_size - 1
    counts: dict[History, Counts] = defaultdict(Counter)
    for sequence in sequences:
        padded = (end + 1, *sequence, end)  # the start token is one past the end token
        for place in range(1, len(padded)):
            counts[padded[max(0, place - order + 1) : place]][padded[place]] += 1
    return counts


def counts_to_arrays(counts: Mapping[History, Counts], order: int) -> dict[str, NDArray[Any]]:
    """Counts as two arrays: rows of history and token, padded on the left with -1, and counts."""
    rows = [
        (*((-1,) * (order - 1 - len(history))), *history, token)
        for history, followers in counts.items()
        for token in followers
    ]
    values = [count for followers in counts.values() for count in followers.values()]
    return {
        "ngram.rows": np.array(rows, np.int32).reshape(-1, order),
        "ngram.counts": np.array(values, np.int64),
    }


def counts_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> dict[History, Counts]:
    """The inverse of ``counts_to_arrays``."""
    counts: dict[History, Counts] = defaultdict(Counter)
    rows, values = arrays["ngram.rows"].tolist(), arrays["ngram.counts"].tolist()
    for (*history, token), count in zip(rows, values, strict=True):
        counts[tuple(part for part in history if part >= 0)][token] = count
    return counts


def _discounts(histories: dict[History, Counts]) -> NDArray[np.float64]:
    """The discounts of counts 1, 2 and 3 or more (index 0 is unused).

    Chen and Goodman's estimate needs counts of one to four; a small corpus without them gets the
    1/2 of absolute discounting.
    """
    of_counts = Counter(min(c, 5) for counts in histories.values() for c in counts.values())
    one, two, three, four = (of_counts[k] for k in (1, 2, 3, 4))
    if not (one and two and three and four):
        return np.array([0.0, 0.5, 0.5, 0.5])
    base = one / (one + 2 * two)
    estimates = (1 - 2 * base * two / one, 2 - 3 * base * three / two, 3 - 4 * base * four / three)
    bounded = [min(max(value, 0.1), k - 0.1) for k, value in enumerate(estimates, start=1)]
    return np.array([0.0, *bounded])
