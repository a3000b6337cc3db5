"""Notes for reading: times as a page has them, without the small unevenness of playing."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple, final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.solo import Note

_BEAT, _EIGHTH, _THIRD = 24, 12, 8
#: Ticks between the places of a beat -> what is paid for reading it so, in ticks of error.
_GRIDS: Final = {12: 0.0, 8: 1.0, 6: 1.0, 4: 3.0, 3: 3.5}
#: The most that a note is moved, a twelfth of a beat.
_MOST: Final = 2


@final
class Written(NamedTuple):
    """A note, and the ticks at which its sign begins and ends."""

    note: Note
    start: int
    end: int

    @property
    def short(self) -> bool:
        """Whether it sounds at most half as long as it is written: it gets a dot above."""
        return 2 * self.note.duration <= self.end - self.start


def as_played(notes: Sequence[Note]) -> list[Written]:
    """Every note as it stands on the grid of 24 ticks a quarter."""
    return [Written(note, note.onset, note.end) for note in notes]


def for_reading(notes: Sequence[Note], chart: Chart) -> list[Written]:
    """The notes in eighths, triplets, sixteenths and what else a beat needs.

    Each beat is read on the simplest grid near its onsets; none moves by more than a twelfth
    of a beat, and none onto another. A note lasts to the next one where less than an eighth
    lies between, else to the next eighth, or third of a beat where it begins on one: players
    end notes early, and rests of a 32nd say less than they hide.

    Args:
        notes: Ascending, none overlapping the next.
        chart: What they are played over.
    """
    starts = _starts([note.onset for note in notes], chart)
    found = []
    for note, start, following in zip(
        notes, starts, [*starts[1:], chart.ticks], strict=bool(notes)
    ):
        first = _counted_from(chart, chart.bar_at(start))
        into = start - first
        grid = _EIGHTH if into % _EIGHTH == 0 or into % _THIRD else _THIRD
        rounded = first - (first - max(note.end, start + 1)) // grid * grid
        near = following - note.end < _EIGHTH
        found.append(Written(note, start, following if near else min(rounded, following)))
    return found


def _starts(onsets: Sequence[int], chart: Chart) -> list[int]:
    """Where the notes of some onsets are written."""

    def beat(onset: int) -> tuple[int, int]:
        bar = chart.bar_at(onset)
        start, end = _counted_from(chart, bar), chart.bar_starts[bar + 1]
        # Where three eighths are a beat the page is read in eighths.
        length = _EIGHTH if chart.bars[max(bar, chart.pickup)].beat_ticks == 36 else _BEAT
        first = start + (onset - start) // length * length
        return first, min(length, end - first)  # the last beat of 7/8 is half a one

    found: list[int] = []
    for (start, length), together in groupby(onsets, beat):
        inside = [onset - start for onset in together]
        after = [*onsets, chart.ticks][len(found) + len(inside)] - start
        found += [start + place for place in _places(inside, after, length)]
    return found


def _counted_from(chart: Chart, bar: int) -> int:
    """The tick that the beats of a bar are counted from: its start, or the end of a pickup."""
    return chart.bar_starts[max(bar, chart.pickup)]


def _places(inside: list[int], after: int, length: int) -> list[int]:
    """The onsets of a beat on the grid that costs least; as they are where none will do.

    Args:
        inside: Ticks from the start of the beat.
        after: The next onset, or the end of the chart.
        length: Of the beat.
    """
    best, least = inside, float("inf")
    for grid, price in _GRIDS.items():
        if length % grid:
            continue
        places = [round(onset / grid) * grid for onset in inside]
        errors = [abs(place - onset) for place, onset in zip(places, inside, strict=True)]
        # The next onset may come nearer by as much as this one.
        room = after - places[-1] > (_MOST if places[-1] >= length else 0)
        apart = len(set(places)) == len(places) and room
        if apart and max(errors) <= _MOST and sum(errors) + price < least:
            best, least = places, sum(errors) + price
    return best
