"""One line of text for a solo: names, lengths in quarters, bar lines."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.harmony.chord import NAMES

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Solo


def note_name(pitch: int) -> str:
    """The name of a MIDI pitch with its octave, 60 is C4; flats, but F#."""
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def solo_text(solo: Solo) -> str:
    """The notes and rests of a solo, bar by bar: ``F4:1/2 r:1/2 A4:3 | ~A4:1 ...``.

    Lengths are in quarter notes; ``~`` stands before a note that goes on from the bar before.
    """
    bars: list[list[str]] = [[] for _ in solo.chart.bars]
    for start, end, name in _events(solo):
        here, mark = start, ""
        while here < end:
            bar = solo.chart.bar_at(here)
            until = min(end, solo.chart.bar_starts[bar + 1])
            bars[bar].append(f"{mark}{name}:{Fraction(until - here, TICKS_PER_QUARTER)}")
            here, mark = until, "~" if name != "r" else ""
    return " | ".join(" ".join(bar) for bar in bars)


def _events(solo: Solo) -> list[tuple[int, int, str]]:
    """Notes and the rests between them, as start, end and name."""
    events: list[tuple[int, int, str]] = []
    tick = 0
    for note in solo.notes:
        events += [(tick, note.onset, "r"), (note.onset, note.end, note_name(note.pitch))]
        tick = note.end
    return [*events, (tick, solo.chart.ticks, "r")]
