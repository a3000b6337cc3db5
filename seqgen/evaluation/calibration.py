"""Calibration: whether what a model calls 70 % likely comes 70 % of the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.intervals import Figure, share
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
