"""Ranking: which of several solos are most like real ones; the one seam between takes and score."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqgen_jazz.solo import Solo

#: A figure that lies this many standard deviations off counts no further.
_WORST = 4.0


def ranking(solos: Sequence[Solo]) -> list[int]:
    """The places of the solos, the one nearest to real solos first; of equals the earlier.

    A solo's distance is the mean, over the figures of ``reference.FIGURES``, of how many
    standard deviations of real solos it lies from their mean, at most 4 each. One that is too
    short for figures comes last.
    """
    return sorted(range(len(solos)), key=lambda place: (distance(solos[place]), place))


def distance(solo: Solo) -> float:
    """How far a solo is from real ones, 0 to 4."""
    from seqgen_jazz.metrics import describe
    from seqgen_jazz.reference import FIGURES, WIDTH

    if len(solo.notes) < 2:
        return _WORST
    found = describe(solo)
    off = []
    for figure in FIGURES:
        value = found.get(figure.key)
        if value is not None:
            off.append(min(_WORST, WIDTH * abs(value - figure.mean) / figure.reach))
    return sum(off) / len(off)
