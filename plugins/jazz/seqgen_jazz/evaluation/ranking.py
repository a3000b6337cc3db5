"""How near a solo is to real ones, as one number to rank takes by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.metrics import describe
from seqgen_jazz.evaluation.reference_ranges import Figure, figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqgen_jazz.encoding.solo import Solo


#: Figures that tell a model from a baseline weigh so much more than others.
SEPARATES = 3.0
#: Of one figure no more than this many half ranges count: a take is not lost by one of them.
MOST = 4.0
#: The score of a solo that cannot be described: below any other.
SILENT = -MOST


def score(solo: Solo) -> float:
    """How near a solo is to real ones: 0 at best, ``SILENT`` for fewer than two notes.

    The weighted mean, over the figures of the score card, of how far each lies outside the
    range of 90 % of real solos, in halves of that range; inside, a tenth of its distance from
    the middle counts, so that of two takes inside every range the more usual one is ahead. A
    figure that the solo is too short for is left out.
    """
    if len(solo.notes) < 2:
        return SILENT
    found = describe(solo)
    total = weight = 0.0
    for figure in figures():
        value = found.get(figure.key)
        if value is None or figure.low is None or figure.high is None:
            continue
        own = SEPARATES if figure.separates else 1.0
        total += own * _far(value, figure)
        weight += own
    return -total / weight


def _far(value: float, figure: Figure) -> float:
    """0 in the middle of the range, 0.1 at its ends, then 1 more for each half range."""
    assert figure.low is not None and figure.high is not None
    half = (figure.high - figure.low) / 2 or 1.0
    off = abs(value - (figure.low + figure.high) / 2) / half
    return min(MOST, 0.1 * off if off <= 1 else 0.1 + off - 1)


def ranking(solos: Sequence[Solo]) -> list[int]:
    """The places of the solos, the one nearest to real solos first; of equals the earlier.

    One that is too short for figures comes last.
    """
    return sorted(range(len(solos)), key=lambda place: (distance(solos[place]), place))


def distance(solo: Solo) -> float:
    """How far a solo is from real ones by the score card: 0 at best, see ``judging.rank``."""

    return -score(solo)
