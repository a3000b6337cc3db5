"""Likelihood: negative log-likelihood of items under a model, in nats per token, with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.evaluation.confidence_intervals import DRAWS, bootstrap, confidence_interval
from seqgen.models.padded_batch import pad, whole
from seqgen.models.sequence_model import SequenceModel, log_softmax

#: Items scored in one batch; affects speed and memory only.
BATCH_SIZE = 128
#: From logits ``(B, V)`` and target ids ``(B,)`` to ``K`` values of each, ``(B, K)``.
Measure = Callable[[NDArray[np.float32], NDArray[np.int32]], NDArray[np.float64]]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The negative log-likelihood of items under a model.

    Args:
        nats: That of each item in nats, end token included, ``(N,)``.
        tokens: The number of tokens of each item, end token included, ``(N,)``.
        groups: The group of each item, ``(N,)``; None if each is its own group. Items of one
            group are near-duplicates or belong together in the domain, so intervals resample
            groups.
    """

    nats: NDArray[np.float64]
    tokens: NDArray[np.int64]
    groups: NDArray[np.int64] | None = None

    @classmethod
    def from_token_nats(
        cls, items: Sequence[NDArray[np.float64]], groups: NDArray[np.int64] | None = None
    ) -> Likelihood:
        """The likelihood of items by the nats of their tokens; see ``token_nats``."""
        return cls(
            np.array([item.sum() for item in items]), np.array(list(map(len, items))), groups
        )

    @property
    def per_token(self) -> float:
        """Nats per token over all items (micro-average)."""
        return float(self.nats.sum() / self.tokens.sum())

    def minus(self, other: Likelihood) -> Likelihood:
        """The difference item by item; its interval is that of a paired comparison.

        Args:
            other: The likelihood of the same items under another model.
        """
        assert np.array_equal(self.tokens, other.tokens), "the same items in the same order"
        return Likelihood(self.nats - other.nats, self.tokens, self.groups)

    def by_group(self) -> Likelihood:
        """One entry for each group, groups in ascending order."""
        if self.groups is None:
            return self
        _, index = np.unique(self.groups, return_inverse=True)
        nats, tokens = np.bincount(index, self.nats), np.bincount(index, self.tokens)
        return Likelihood(nats.astype(np.float64), tokens.astype(np.int64))

    def interval(self, seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
        """95 % bootstrap interval of ``per_token`` over groups; nan if there is one group.

        See ``confidence_interval``.
        """
        samples = self._bootstrap(seed, draws)
        return confidence_interval(self.per_token, samples, len(self.by_group().nats))

    def percentiles(self, seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
        """The 2.5 % and 97.5 % percentiles of ``per_token`` over resampled groups.

        Good enough for a decision, but too narrow to report if there are few groups.
        """
        low, high = np.percentile(self._bootstrap(seed, draws), [2.5, 97.5])
        return float(low), float(high)

    def _bootstrap(self, seed: int, draws: int) -> NDArray[np.float64]:
        data = self.by_group()

        def per_token(chosen: NDArray[np.int64]) -> Any:
            return data.nats[chosen].sum() / data.tokens[chosen].sum()

        return bootstrap(len(data.nats), per_token, seed, 1, draws)

    def to_json(self) -> dict[str, Any]:
        """Nats per token and its interval; both bounds are None if there is one group."""
        interval = [None if math.isnan(bound) else bound for bound in self.interval()]
        return {"nats_per_token": self.per_token, "interval": interval}


def likelihood(
    model: SequenceModel[Any],
    items: Sequence[Encoded],
    vocabulary: Vocabulary,
    groups: NDArray[np.int64] | None = None,
) -> Likelihood:
    """The likelihood of encoded items under a model.

    Args:
        model: Any next-token model.
        items: The encoded items.
        vocabulary: Their vocabulary.
        groups: See ``Likelihood``.
    """
    return Likelihood.from_token_nats(token_nats(model, items, vocabulary), groups)


def token_nats(
    model: SequenceModel[Any], items: Sequence[Encoded], vocabulary: Vocabulary
) -> list[NDArray[np.float64]]:
    """The negative log-likelihood of each token of each item in nats, end token last.

    Args:
        model: Any next-token model.
        items: The encoded items.
        vocabulary: Their vocabulary.

    Returns:
        One array ``(T + 1,)`` per item, in the order of the items.
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
    """``K`` values of each token of each item, end token last.

    Args:
        model: Any next-token model.
        items: The encoded items.
        vocabulary: Their vocabulary.
        measure: From logits ``(B, V)`` and target ids ``(B,)`` to values ``(B, K)``.
        columns: ``K``.

    Returns:
        One array ``(T + 1, K)`` per item, in the order of the items.
    """
    rows = [whole(item, vocabulary) for item in items]
    order = sorted(range(len(rows)), key=lambda k: -len(rows[k].inputs))
    result: list[NDArray[np.float64]] = [np.empty(0)] * len(rows)
    for at in range(0, len(order), BATCH_SIZE):
        chosen = order[at : at + BATCH_SIZE]
        batch = pad([rows[k] for k in chosen], vocabulary)
        lengths = np.array([len(rows[k].inputs) for k in chosen])
        values = np.empty((*batch.inputs.shape, columns))
        stepper, active = model.stepper(len(chosen)), len(chosen)
        for t in range(lengths[0]):
            if lengths[active - 1] <= t:  # a finished item leaves the batch, the shortest first
                active = int(np.count_nonzero(lengths > t))
                stepper.select(np.arange(active))
            context = None if batch.context is None else batch.context[:active, t]
            logits = stepper.read(batch.inputs[:active, t], context)
            values[:active, t] = measure(logits, batch.targets[:active, t])
        for k, table, length in zip(chosen, values, lengths, strict=True):
            result[k] = table[:length]
    return result
