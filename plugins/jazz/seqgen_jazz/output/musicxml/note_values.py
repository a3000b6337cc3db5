"""Rhythms as notation can express them: readable onsets, then the note values of a bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Final, NamedTuple, final

from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.encoding.solo import Note

#: The ticks of plain values, whole note to 32nd, and of dotted ones.
_PLAIN = {96: "whole", 48: "half", 24: "quarter", 12: "eighth", 6: "16th", 3: "32nd"}
_DOTTED = {ticks * 3 // 2: name for ticks, name in _PLAIN.items() if ticks * 3 % 2 == 0}
#: The ticks of values in a triplet: two thirds of their length outside.
_TRIPLET = {16: "quarter", 8: "eighth", 4: "16th", 2: "32nd", 1: "64th"}
_TRIPLET_DOTTED = {12: "eighth", 6: "16th", 3: "32nd"}


@final
@dataclass(frozen=True, slots=True)
class NoteValue:
    """A written note or rest.

    Args:
        start: Tick in the bar.
        ticks: Its length as it sounds.
        name: "whole" to "64th"; None for the rest of a silent bar in any meter.
        dotted: Whether it has a dot.
        triplet: Start and end of its triplet group, ticks in the bar; None outside triplets.
    """

    start: int
    ticks: int
    name: str | None
    dotted: bool
    triplet: tuple[int, int] | None = None

    @property
    def end(self) -> int:
        """The tick in the bar at which it ends."""
        return self.start + self.ticks


def split_bar(
    ends: Sequence[int], rests: Sequence[bool], meter: tuple[int, int], lead: int = 0
) -> list[list[NoteValue]]:
    """Divide the events of a bar into note values.

    A part of the bar is written in triplets if an event begins or ends in it off the grid of
    32nds; its triplet group is then complete. Elsewhere the values show the beats.

    Args:
        ends: The tick in the bar at which each event ends, ascending; the last is the bar's
            end. The first event begins at 0, every other one where the previous one ends.
        rests: Whether each event is a rest.
        meter: Beats and beat unit, which is at most 32.
        lead: The ticks that are missing at the beginning of the bar: those of a pickup, whose
            beats are counted from its end. A silent pickup has values of its length, at most
            a half: the rest of a silent bar, and a whole one, would be read as an entire bar.

    Returns:
        The values of each event. A note of several values is tied.
    """
    beat = 36 if meter[1] >= 8 and meter[0] % 3 == 0 and meter[0] > 3 else 24
    edges = [lead + tick for tick in (0, *ends)]
    if list(rests) == [True]:
        if lead:
            return [_shift_left(_silent_pickup(edges[0], edges[-1], beat), lead)]
        return [[NoteValue(0, ends[0], None, False)]]
    windows = [
        (start, end, _is_triplet(start, end, edges))
        for window in _windows(edges[-1], 24 if meter[1] <= 4 else 12, lead)
        for start, end in _halves(*window, edges)
    ]
    split = []
    for start, end, rest in zip(edges, edges[1:], rests, strict=False):
        values: list[NoteValue] = []
        for first, last, triplet in _runs(windows):
            here, until = max(start, first), min(end, last)
            if here < until:
                values += (
                    _triplet_values(here, until, (first, last))
                    if triplet
                    else _plain_values(here, until, beat, rest)
                )
        split.append(_shift_left(values, lead))
    return split


def _shift_left(values: list[NoteValue], ticks: int) -> list[NoteValue]:
    """The values some ticks earlier."""
    return [
        replace(
            value,
            start=value.start - ticks,
            triplet=value.triplet and (value.triplet[0] - ticks, value.triplet[1] - ticks),
        )
        for value in values
    ]


def _silent_pickup(start: int, end: int, beat: int) -> list[NoteValue]:
    cuts = [start, *(tick for tick in range(48, end, 48) if tick > start), end]
    return [
        value
        for one, other in pairwise(cuts)
        for value in _plain_values(one, other, beat, rest=True)
    ]


def _windows(end: int, length: int, lead: int) -> list[tuple[int, int]]:
    """The bar in equal windows, with smaller ones for the remainder at its end; for a pickup, which
    begins at ``lead``, at its beginning."""
    windows, here, ticks = [], 0, end - lead
    while here < ticks:
        while length > ticks - here:
            length //= 2
        windows.append((end - here - length, end - here) if lead else (here, here + length))
        here += length
    return sorted(windows)


def _halves(start: int, end: int, ends: Sequence[int]) -> list[tuple[int, int]]:
    """A window in two halves if an event ends in its middle, so that only one is a triplet."""
    middle = (start + end) // 2
    if end - start == 24 and middle in ends:
        return [(start, middle), (middle, end)]
    return [(start, end)]


def _is_triplet(start: int, end: int, ends: Sequence[int]) -> bool:
    return any((tick - start) % 3 for tick in ends if start < tick < end)


def _runs(windows: Sequence[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """The windows, with neighbours outside triplets joined."""
    runs: list[tuple[int, int, bool]] = []
    for start, end, triplet in windows:
        if runs and not triplet and not runs[-1][2]:
            runs[-1] = (runs[-1][0], end, False)
        else:
            runs.append((start, end, triplet))
    return runs


def _triplet_values(start: int, end: int, triplet: tuple[int, int]) -> list[NoteValue]:
    """Greedy: the longest value of the triplet first."""
    if (start, end) == triplet:  # nothing begins inside
        return _plain_values(start, end, 24, rest=True)
    values = []
    table = {**_TRIPLET, **_TRIPLET_DOTTED}
    while start < end:
        ticks = max(ticks for ticks in table if ticks <= end - start)
        values.append(NoteValue(start, ticks, table[ticks], ticks in _TRIPLET_DOTTED, triplet))
        start += ticks
    return values


def _plain_values(start: int, end: int, beat: int, rest: bool) -> list[NoteValue]:
    """The longest value first that still shows the beats."""
    values = []
    table = {**_PLAIN, **_DOTTED}
    while start < end:
        fitting = [ticks for ticks in table if ticks <= end - start]
        clear = [ticks for ticks in fitting if _shows_beats(start, ticks, beat, rest)]
        ticks = max(clear or [3])
        values.append(NoteValue(start, ticks, table[ticks], ticks in _DOTTED))
        start += ticks
    return values


def _shows_beats(start: int, ticks: int, beat: int, rest: bool) -> bool:
    """Whether a reader still recognizes the beats if a value of this length begins here."""
    end, on_beat = start + ticks, start % beat == 0
    if beat == 36:
        # Within its dotted quarter, or entire beats from a beat on.
        within = start // beat == (end - 1) // beat
        return within if not on_beat else (ticks <= beat or ticks in (2 * beat, 4 * beat))
    grid = next(grid for grid in (96, 48, 24, 12, 6, 3) if start % grid == 0)
    if rest:
        return ticks in _PLAIN and ticks <= grid
    if grid < 12 and start // 24 != (end - 1) // 24:
        return False  # sixteenths do not hide a beat
    if grid < 24 and start // 48 != (end - 1) // 48:
        return False  # eighths do not hide the middle of the bar
    if ticks in _DOTTED:
        return grid * 3 >= ticks
    return ticks <= 2 * grid


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
