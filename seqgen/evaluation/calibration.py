"""Calibration: whether what a model calls 70 % likely comes 70 % of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.bootstrap import Figure, mean, share
from seqgen.evaluation.likelihood import measure_tokens
from seqgen.models.sequence_model import SequenceModel, log_softmax

#: Bins of equal width over the probability of the likeliest token, as in the source.
BINS = 15


@final
@dataclass(frozen=True, slots=True)
class Bin:
    """The places where the likeliest token's probability lies in one range.

    Args:
        tokens: How many places.
        confidence: The mean probability of the likeliest token there.
        hits: The share of places where that token came.
    """

    tokens: int
    confidence: float
    hits: Figure


@final
@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability of the likeliest token at each place, end tokens included.

    Source: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On Calibration of Modern Neural
    Networks, arXiv 1706.04599, section 2: ``BINS`` bins of equal width, each holding its upper
    edge; the error is the mean distance of hits from confidence, weighted by tokens.

    Args:
        bins: Those that are not empty, ascending.
        error: The expected calibration error, 0 to 1.
    """

    bins: tuple[Bin, ...]
    error: float


def calibration(
    model: SequenceModel[Any], items: Sequence[Encoded], vocabulary: Vocabulary
) -> Calibration:
    """The calibration of a model on real items it was not trained on."""
    tables = measure_tokens(model, items, vocabulary, _top, 2)
    return calibrate(*np.concatenate(tables).T)


def calibrate(confidences: NDArray[np.float64], hits: NDArray[np.float64]) -> Calibration:
    """The calibration of forecasts.

    Args:
        confidences: Probabilities of the likeliest token, above 0 and at most 1, ``(N,)``.
        hits: 1 where it came, else 0, ``(N,)``.
    """
    places = np.clip(np.ceil(confidences * BINS).astype(int) - 1, 0, BINS - 1)
    bins, error = [], 0.0
    for place in np.unique(places):
        chosen = places == place
        count, right = int(chosen.sum()), int(hits[chosen].sum())
        confidence = float(confidences[chosen].mean())
        bins.append(Bin(count, confidence, share(right, count)))
        error += abs(right / count - confidence) * count / len(confidences)
    return Calibration(tuple(bins), error)


def _top(logits: NDArray[np.float32], targets: NDArray[np.int32]) -> NDArray[np.float64]:
    """Probability of the likeliest token and whether it came, ``(B, 2)``."""
    best = logits.argmax(axis=1)
    likely = np.exp(log_softmax(logits)[np.arange(len(best)), best])
    return np.stack([likely, (best == targets).astype(float)], axis=1)


#: Long items are shown in so many stretches at most, of equal length.
STRETCHES = 40


@final
@dataclass(frozen=True, slots=True)
class Stretch:
    """Some places in a row.

    Args:
        first: The first place, counted from 1.
        last: The last.
        items: How many items reach it.
        nats: Nats per token there, the mean over the items that reach it.
    """

    first: int
    last: int
    items: int
    nats: Figure


def by_position(nats: Sequence[NDArray[np.float64]], most: int = STRETCHES) -> list[Stretch]:
    """The loss by position, end tokens included.

    Args:
        nats: Of each token of each item, as ``token_nats`` gives them.
        most: Stretches at most.
    """
    longest = max(map(len, nats))
    width = -(-longest // most)
    found = []
    for at in range(0, longest, width):
        parts = [float(item[at : at + width].mean()) for item in nats if len(item) > at]
        found.append(Stretch(at + 1, min(at + width, longest), len(parts), mean(parts)))
    return found
