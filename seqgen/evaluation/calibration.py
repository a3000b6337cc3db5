"""Calibration: whether tokens given 70 % occur 70 % of the time; the loss by position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.evaluation.confidence_intervals import Estimate, mean, proportion
from seqgen.evaluation.likelihood import measure_tokens
from seqgen.models.sequence_model import SequenceModel, log_softmax

#: Bins of equal width over the probability of the most probable token, as in the source.
BINS = 15
#: Maximum number of position ranges; all have the same length.
RANGES = 40


@final
@dataclass(frozen=True, slots=True)
class Bin:
    """The positions at which the probability of the most probable token is in one range.

    Args:
        tokens: The number of positions.
        confidence: The mean probability of the most probable token.
        accuracy: The proportion of positions at which that token occurs.
    """

    tokens: int
    confidence: float
    accuracy: Estimate


@final
@dataclass(frozen=True, slots=True)
class Calibration:
    """Reliability of the most probable token at each position, end tokens included.

    Source: C. Guo, G. Pleiss, Y. Sun and K. Weinberger, On Calibration of Modern Neural
    Networks, arXiv 1706.04599, section 2: ``BINS`` bins of equal width, each with its upper
    edge; the error is the mean distance of accuracy from confidence, weighted by tokens.

    Args:
        bins: The bins that are not empty, ascending.
        error: The expected calibration error, 0 to 1.
    """

    bins: tuple[Bin, ...]
    error: float


def measure_calibration(
    model: SequenceModel[Any], items: Sequence[Encoded], vocabulary: Vocabulary
) -> Calibration:
    """The calibration of a model on real items that it was not trained on."""
    tables = measure_tokens(model, items, vocabulary, _top_token, 2)
    return calibrate(*np.concatenate(tables).T)


def calibrate(confidences: NDArray[np.float64], hits: NDArray[np.float64]) -> Calibration:
    """The calibration of predictions.

    Args:
        confidences: The probability of the most probable token, in (0, 1], ``(N,)``.
        hits: 1 if that token occurs, else 0, ``(N,)``.
    """
    numbers = np.clip(np.ceil(confidences * BINS).astype(int) - 1, 0, BINS - 1)
    bins, error = [], 0.0
    for number in np.unique(numbers):
        chosen = numbers == number
        count, correct = int(chosen.sum()), int(hits[chosen].sum())
        confidence = float(confidences[chosen].mean())
        bins.append(Bin(count, confidence, proportion(correct, count)))
        error += abs(correct / count - confidence) * count / len(confidences)
    return Calibration(tuple(bins), error)


def _top_token(logits: NDArray[np.float32], targets: NDArray[np.int32]) -> NDArray[np.float64]:
    """The probability of the most probable token, and whether it is the target, ``(B, 2)``."""
    best = logits.argmax(axis=1)
    probabilities = np.exp(log_softmax(logits)[np.arange(len(best)), best])
    return np.stack([probabilities, (best == targets).astype(float)], axis=1)


@final
@dataclass(frozen=True, slots=True)
class PositionRange:
    """The loss over a range of positions.

    Args:
        first: The first position, counted from 1.
        last: The last position.
        items: The number of items that reach the range.
        nats: Nats per token in the range, the mean over these items.
    """

    first: int
    last: int
    items: int
    nats: Estimate


def loss_by_position(
    nats: Sequence[NDArray[np.float64]], max_ranges: int = RANGES
) -> list[PositionRange]:
    """The loss by position, end tokens included.

    Args:
        nats: The nats of the tokens of each item; see ``token_nats``.
        max_ranges: Maximum number of ranges.
    """
    longest = max(map(len, nats))
    width = -(-longest // max_ranges)
    ranges = []
    for start in range(0, longest, width):
        means = [float(item[start : start + width].mean()) for item in nats if len(item) > start]
        last = min(start + width, longest)
        ranges.append(PositionRange(start + 1, last, len(means), mean(means)))
    return ranges
