"""A solo as passages: its intervals, alone and with their times, so that no key hides a copy."""

from __future__ import annotations

from functools import partial

from seqgen import Passages
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.pitch_metrics import intervals
from seqgen_jazz.evaluation.rhythm_metrics import inter_onsets

#: Times between onsets are capped at this many ticks (4 beats), as in the source of ``USUAL``.
CAP = 4 * TICKS_PER_QUARTER
#: The longest run that 95 % of 437 real solos share with one of the others, other takes of the
#: same tune among them: of intervals, and of intervals with the time to the next onset.
USUAL = (19, 10)


def passages(solo: Solo) -> tuple[Passages, Passages]:
    """Both ways to look for copies in a solo."""
    steps, times = intervals(solo), [min(CAP, ticks) for ticks in inter_onsets(solo)]
    timed = [step * (CAP + 1) + ticks for step, ticks in zip(steps, times, strict=True)]
    where = partial(_where, solo)
    return (
        Passages("intervals", steps, where, USUAL[0]),
        Passages("intervals with rhythm", timed, where, USUAL[1]),
    )


def _where(solo: Solo, index: int) -> str:
    """The bar of the note that an interval leads on from, counted as on a page."""
    bar = f"bar {solo.chart.bar_at(solo.notes[index].onset) + 1 - solo.chart.pickup}"
    return f"{solo.title}, {bar}" if solo.title else bar
