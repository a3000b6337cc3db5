"""Readable rhythm: note times for a score, without the small irregularities of a performance."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final, NamedTuple, final

from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.encoding.solo import Note

_BEAT, _EIGHTH, _THIRD = 24, 12, 8
#: Ticks of the grid of a beat -> its cost, in ticks of error.
_GRIDS: Final = {12: 0.0, 8: 1.0, 6: 1.0, 4: 3.0, 3: 3.5}
#: The maximum shift of a note in ticks, a twelfth of a beat.
_MAX_SHIFT: Final = 2


@final
class WrittenNote(NamedTuple):
    """A note, and the ticks at which it begins and ends in the score."""

    note: Note
    start: int
    end: int

    @property
    def is_short(self) -> bool:
        """Whether it sounds at most half of its written length: it gets a dot above."""
        return 2 * self.note.duration <= self.end - self.start


def exact_rhythm(notes: Sequence[Note]) -> list[WrittenNote]:
    """Every note as it is on the grid of 24 ticks per quarter note."""
    return [WrittenNote(note, note.onset, note.end) for note in notes]


def readable_rhythm(notes: Sequence[Note], chart: Chart) -> list[WrittenNote]:
    """The notes in eighths, triplets, sixteenths and finer values where necessary.

    Each beat is written on the simplest grid near its onsets. No note moves by more than a
    twelfth of a beat, or onto another note. A note lasts until the next one if the rest between
    them is shorter than an eighth, else until the next eighth, or third of a beat if it begins
    on one: players shorten notes, and very short rests are hard to read.

    Args:
        notes: Ascending, without overlap.
        chart: Their chart.
    """
    starts = _starts([note.onset for note in notes], chart)
    found = []
    for note, start, following in zip(
        notes, starts, [*starts[1:], chart.ticks], strict=bool(notes)
    ):
        first = _beat_origin(chart, chart.bar_at(start))
        into = start - first
        grid = _EIGHTH if into % _EIGHTH == 0 or into % _THIRD else _THIRD
        rounded = first - (first - max(note.end, start + 1)) // grid * grid
        near = following - note.end < _EIGHTH
        found.append(WrittenNote(note, start, following if near else min(rounded, following)))
    return found


def _starts(onsets: Sequence[int], chart: Chart) -> list[int]:
    """The ticks in the score at which notes with these onsets begin."""

    def beat(onset: int) -> tuple[int, int]:
        bar = chart.bar_at(onset)
        start, end = _beat_origin(chart, bar), chart.bar_starts[bar + 1]
        # If three eighths are a beat, the score is read in eighths.
        length = _EIGHTH if chart.bars[max(bar, chart.pickup)].beat_ticks == 36 else _BEAT
        first = start + (onset - start) // length * length
        return first, min(length, end - first)  # the last beat of 7/8 is a half one

    found: list[int] = []
    for (start, length), together in groupby(onsets, beat):
        inside = [onset - start for onset in together]
        after = [*onsets, chart.ticks][len(found) + len(inside)] - start
        found += [start + position for position in _snap(inside, after, length)]
    return found


def _beat_origin(chart: Chart, bar: int) -> int:
    """The tick from which the beats of a bar are counted: its start, or the end of a pickup."""
    return chart.bar_starts[max(bar, chart.pickup)]


def _snap(inside: list[int], after: int, length: int) -> list[int]:
    """The onsets of a beat on the cheapest grid; unchanged if no grid fits.

    Args:
        inside: Ticks from the start of the beat.
        after: The next onset, or the end of the chart.
        length: Of the beat.
    """
    best, least = inside, float("inf")
    for grid, cost in _GRIDS.items():
        if length % grid:
            continue
        snapped = [round(onset / grid) * grid for onset in inside]
        errors = [abs(one - onset) for one, onset in zip(snapped, inside, strict=True)]
        # The next onset may move closer by as much as this one.
        room = after - snapped[-1] > (_MAX_SHIFT if snapped[-1] >= length else 0)
        distinct = len(set(snapped)) == len(snapped) and room
        if distinct and max(errors) <= _MAX_SHIFT and sum(errors) + cost < least:
            best, least = snapped, sum(errors) + cost
    return best
