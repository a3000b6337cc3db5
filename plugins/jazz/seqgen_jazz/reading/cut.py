"""Cut: stretches of bars out of a solo, each a solo of its own."""

from __future__ import annotations

from dataclasses import replace

from seqgen import DataError
from seqgen_jazz.reading.choices import bar_ranges
from seqgen_jazz.reading.raw import MIN_NOTES
from seqgen_jazz.solo import Note, Solo


def cut_solo(solo: Solo, bars: str) -> list[Solo]:
    """The stretches of a solo that a list such as ``1-32,41-64`` names; itself for an empty one.

    A note that begins before its stretch is left out, one that goes on behind it is cut.

    Raises:
        DataError: A stretch lies outside the solo or has too few notes.
    """
    ranges = bar_ranges(bars)
    return [_stretch(solo, first - 1, last) for first, last in ranges] if ranges else [solo]


def _stretch(solo: Solo, first: int, last: int) -> Solo:
    chart = solo.chart
    if last > len(chart.bars):
        raise DataError(f"bars {first + 1}-{last} are asked for; the solo has {len(chart.bars)}")
    start, end = chart.bar_starts[first], chart.bar_starts[last]
    head, *others = chart.bars[first:last]
    if not head.changes or head.changes[0][0] > 0:
        head = replace(head, changes=((0, chart.chord_at(start)), *head.changes))
    notes = tuple(
        Note(note.onset - start, min(note.end, end) - note.onset, note.pitch)
        for note in solo.notes
        if start <= note.onset < end
    )
    if len(notes) < MIN_NOTES:
        raise DataError(
            f"bars {first + 1}-{last} hold {len(notes)} notes; at least {MIN_NOTES} are needed"
        )
    return replace(solo, chart=replace(chart, bars=(head, *others)), notes=notes)
