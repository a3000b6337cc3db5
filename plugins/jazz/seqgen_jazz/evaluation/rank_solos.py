"""Rank solos by one number: how close each is to real ones."""

from __future__ import annotations

from collections.abc import Sequence

from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.metrics import solo_metrics
from seqgen_jazz.evaluation.reference_ranges import reference_ranges

#: The weight of metrics that separate a model from a baseline.
SEPARATING_WEIGHT = 3.0
#: The maximum distance of a metric, in half ranges, so that one metric does not decide.
MAX_DISTANCE = 4.0


def distance(solo: Solo) -> float:
    """The distance of a solo from real ones: 0 at best, ``MAX_DISTANCE`` for fewer than two notes.

    The weighted mean over the metrics of the score card. The distance of a metric is measured
    from the range of 90 % of real solos, in halves of this range. Inside the range it is a tenth
    of the distance from the middle, so that of two solos inside every range the more usual one is
    better. A metric for which the solo is too short is ignored.
    """
    if len(solo.notes) < 2:
        return MAX_DISTANCE
    metrics = solo_metrics(solo)
    total = weights = 0.0
    for reference in reference_ranges():
        value = metrics.get(reference.key)
        if value is None or reference.low is None or reference.high is None:
            continue
        weight = SEPARATING_WEIGHT if reference.separates else 1.0
        total += weight * _metric_distance(value, reference.low, reference.high)
        weights += weight
    return total / weights


def _metric_distance(value: float, low: float, high: float) -> float:
    """0 in the middle of the range, 0.1 at its ends, then 1 more per half range."""
    half = (high - low) / 2 or 1.0
    offset = abs(value - (low + high) / 2) / half
    return min(MAX_DISTANCE, 0.1 * offset if offset <= 1 else 0.1 + offset - 1)


def rank_solos(solos: Sequence[Solo]) -> list[int]:
    """The indices of the solos by distance, the closest to real solos first; ties by index."""
    return sorted(range(len(solos)), key=lambda index: (distance(solos[index]), index))
