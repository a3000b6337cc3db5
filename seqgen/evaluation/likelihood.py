"""Likelihood: nats per token of real items under a model, beside baselines, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.models.sequence_model import SequenceModel, log_softmax
from seqgen.models.windows import Window, whole

#: Rows scored side by side; changes speed and memory only.
ROWS = 128
#: From logits ``(B, V)`` and the ids that came ``(B,)`` to figures of them ``(B, K)``.
Measure = Callable[[NDArray[np.float32], NDArray[np.int32]], NDArray[np.float64]]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """What a model makes of some items.

    Args:
        nats: Minus log-probability of each item in nats, end token included, ``(N,)``.
        tokens: Tokens of each item, end token counted, ``(N,)``.
    """

    nats: NDArray[np.float64]
    tokens: NDArray[np.int64]

    @property
    def per_token(self) -> float:
        """Nats per token over all items together (micro-average)."""
        return float(self.nats.sum() / self.tokens.sum())

    def minus(self, other: Likelihood) -> Likelihood:
        """The difference item by item; its interval is that of a paired comparison.

        Args:
            other: Another model's figures of the same items.
        """
        assert np.array_equal(self.tokens, other.tokens), "the same items in the same order"
        return Likelihood(self.nats - other.nats, self.tokens)

    def interval(self, seed: int = 0, draws: int = 2000) -> tuple[float, float]:
        """95 % bootstrap interval of ``per_token`` over items (percentile method).

        Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), ch. 13.
        """
        rng = np.random.Generator(np.random.Philox(key=[seed, 1]))
        count = len(self.nats)
        figures = np.empty(draws)
        for draw in range(draws):  # one row at a time: a large corpus would not fit as a table
            chosen = rng.integers(0, count, count)
            figures[draw] = self.nats[chosen].sum() / self.tokens[chosen].sum()
        low, high = np.percentile(figures, [2.5, 97.5])
        return float(low), float(high)


def token_nats(
    model: SequenceModel[Any], items: Sequence[Encoded], vocabulary: Vocabulary
) -> list[NDArray[np.float64]]:
    """Minus log-probability in nats of each token of each item, end token last.

    Args:
        model: Any next-token model.
        items: The encoded items.
        vocabulary: Their vocabulary.

    Returns:
        One array ``(T + 1,)`` an item, in the order given.
    """

    def measure(logits: NDArray[np.float32], targets: NDArray[np.int32]) -> NDArray[np.float64]:
        return -log_softmax(logits)[np.arange(len(targets)), targets][:, None]

    return [table[:, 0] for table in measure_tokens(model, items, vocabulary, measure, 1)]


def measure_tokens(
    model: SequenceModel[Any],
    items: Sequence[Encoded],
    vocabulary: Vocabulary,
    measure: Measure,
    columns: int,
) -> list[NDArray[np.float64]]:
    """Figures of each token of each item, end token last.

    Args:
        model: Any next-token model.
        items: The encoded items.
        vocabulary: Their vocabulary.
        measure: From logits ``(B, V)`` and the ids that came ``(B,)`` to figures ``(B, K)``.
        columns: ``K``.

    Returns:
        One array ``(T + 1, K)`` an item, in the order given.
    """
    rows = [whole(item, vocabulary) for item in items]
    order = sorted(range(len(rows)), key=lambda k: -len(rows[k].inputs))
    result: list[NDArray[np.float64]] = [np.empty(0)] * len(rows)
    for at in range(0, len(order), ROWS):
        chosen = order[at : at + ROWS]
        tables = _score(model, [rows[k] for k in chosen], measure, columns)
        for place, figures in zip(chosen, tables, strict=True):
            result[place] = figures
    return result


def _score(
    model: SequenceModel[Any], rows: Sequence[Window], measure: Measure, columns: int
) -> list[NDArray[np.float64]]:
    """Rows longest first, stepped together; the ones that are finished leave the batch."""
    figures = [np.empty((len(row.inputs), columns)) for row in rows]
    walker, active = model.walker(len(rows)), len(rows)
    for t in range(len(rows[0].inputs)):
        going = sum(len(row.inputs) > t for row in rows[:active])
        if going < active:
            walker.keep(np.arange(going))
            active = going
        live = rows[:active]
        context = None
        if live[0].context is not None:
            context = np.stack([row.context[t] for row in live if row.context is not None])
        logits = walker.read(np.array([row.inputs[t] for row in live]), context)
        scored = measure(logits, np.array([row.targets[t] for row in live]))
        for row in range(active):
            figures[row][t] = scored[row]
    return figures


def likelihood(
    model: SequenceModel[Any], items: Sequence[Encoded], vocabulary: Vocabulary
) -> Likelihood:
    """The likelihood of some items under a model; see ``token_nats``."""
    scored = token_nats(model, items, vocabulary)
    return Likelihood(
        np.array([figures.sum() for figures in scored]), np.array([len(f) for f in scored])
    )


def uniform_per_token(vocabulary: Vocabulary) -> float:
    """Nats per token when every token is equally likely."""
    return math.log(vocabulary.size)
