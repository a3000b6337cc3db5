"""Ranking: which of several solos are most like real ones; the one seam between takes and score."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqgen_jazz.solo import Solo


def ranking(solos: Sequence[Solo]) -> list[int]:
    """The places of the solos, the one nearest to real solos first; of equals the earlier.

    One that is too short for figures comes last.
    """
    return sorted(range(len(solos)), key=lambda place: (distance(solos[place]), place))


def distance(solo: Solo) -> float:
    """How far a solo is from real ones by the score card: 0 at best, see ``judging.rank``."""
    from seqgen_jazz.judging.rank import score

    return -score(solo)
