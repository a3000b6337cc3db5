"""Likelihood: nats per token of real items under a model, beside baselines, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.bootstrap import DRAWS, bootstrap, bounds
from seqgen.models.batch import Window, whole
from seqgen.models.sequence_model import SequenceModel, log_softmax

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
        groups: The group of each item, ``(N,)``; None where each stands alone. Items of one
            group are alike (equal, a token apart, of one tune), so an interval takes them for
            one thing.
    """

    nats: NDArray[np.float64]
    tokens: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None

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
        return Likelihood(self.nats - other.nats, self.tokens, self.groups)

    def by_group(self) -> Likelihood:
        """The same with the items of each group as one, groups in ascending order."""
        if self.groups is None:
            return self
        _, of = np.unique(self.groups, return_inverse=True)
        return Likelihood(
            np.bincount(of, self.nats).astype(np.float64),
            np.bincount(of, self.tokens).astype(np.int64),
        )

    def interval(self, seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
        """95 % bootstrap interval of ``per_token`` over groups; nan for one group: see ``bounds``.

        Args:
            seed: Seeds the draws.
            draws: How many.
        """
        drawn = self._drawn(seed, draws)
        return bounds(self.per_token, drawn, len(self.by_group().nats))

    def percentiles(self, seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
        """The middle 95 % of ``per_token`` over resampled groups: enough for a decision, but too
        narrow to claim anything by where groups are few."""
        low, high = np.percentile(self._drawn(seed, draws), [2.5, 97.5])
        return float(low), float(high)

    def _drawn(self, seed: int, draws: int) -> NDArray[np.float64]:
        one = self.by_group()
        return bootstrap(
            len(one.nats),
            lambda chosen: one.nats[chosen].sum() / one.tokens[chosen].sum(),
            seed,
            1,
            draws,
        )

    def to_json(self) -> dict[str, Any]:
        """Nats per token and its interval, of None where one group gives none."""
        interval = [None if math.isnan(bound) else bound for bound in self.interval()]
        return {"nats_per_token": self.per_token, "interval": interval}


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
    model: SequenceModel[Any],
    items: Sequence[Encoded],
    vocabulary: Vocabulary,
    groups: NDArray[np.int64] | None = None,
) -> Likelihood:
    """The likelihood of some items under a model; see ``token_nats``.

    Args:
        model: Any next-token model.
        items: The encoded items.
        vocabulary: Their vocabulary.
        groups: See ``Likelihood``.
    """
    return in_all(token_nats(model, items, vocabulary), groups)


def in_all(
    scored: Sequence[NDArray[np.float64]], groups: NDArray[np.int64] | None = None
) -> Likelihood:
    """The likelihood of items whose token figures are known, as ``token_nats`` gives them."""
    nats, tokens = (np.array([of(figures) for figures in scored]) for of in (np.sum, len))
    return Likelihood(nats, tokens, groups)


def uniform_per_token(vocabulary: Vocabulary) -> float:
    """Nats per token when every token is equally likely."""
    return math.log(vocabulary.size)
