"""Kept: the parts of a solo that are given, and the token that goes on with them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.grammar import durations_that_fit
from seqgen_jazz.encoding.grammar_state import Phase
from seqgen_jazz.encoding.solo import Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from seqgen_jazz.encoding.grammar_state import Line, Place

Span = tuple[int, int]
_RESTING = -1


@final
@dataclass(frozen=True)
class Kept:
    """What is given of a solo: notes and rests in some spans of time.

    A line stops at both ends of a span: a note that reaches over an end is cut there, and its
    part inside a span is struck where the span begins.

    Args:
        spans: Start and end in ticks, ascending, apart from each other.
        notes: The notes within them, ascending.
    """

    spans: tuple[Span, ...]
    notes: tuple[Note, ...]

    @classmethod
    def of(cls, notes: Iterable[Note], spans: Sequence[Span]) -> Kept:
        """What lies in the spans of a line; spans that touch become one."""
        joined: list[Span] = []
        for start, end in sorted(spans):
            if joined and joined[-1][1] == start:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        inside = [
            Note(max(note.onset, start), min(note.end, end) - max(note.onset, start), note.pitch)
            for note in notes
            for start, end in joined
            if note.onset < end and note.end > start
        ]
        return cls(tuple(joined), tuple(inside))

    def before_silence(self, ticks: int) -> tuple[int, int]:
        """Where the given part before the end of a line ends, 0 for none, and where the line
        ends: before a silence that is given there.

        Args:
            ticks: The length of the chart.
        """
        spans, end = self.spans, ticks
        silent = not self.notes or self.notes[-1].end <= spans[-1][0]
        if spans and spans[-1][1] == ticks and silent:
            spans, end = spans[:-1], spans[-1][0]
        return (spans[-1][1] if spans else 0), end

    @property
    def seams(self) -> tuple[int, ...]:
        """The ticks at which a line stops."""
        return tuple(tick for span in self.spans for tick in span)

    @cached_property
    def _events(self) -> tuple[list[int], list[tuple[int, int]]]:
        """The starts of the notes and rests of the spans, and (end, pitch) of each."""
        starts: list[int] = []
        events: list[tuple[int, int]] = []
        for start, end in self.spans:
            tick = start
            inside = [note for note in self.notes if start <= note.onset < end]
            for note in (*inside, Note(end, 1, _RESTING)):
                if note.onset > tick:
                    starts.append(tick)
                    events.append((note.onset, _RESTING))
                if note.pitch != _RESTING:
                    starts.append(note.onset)
                    events.append((note.end, note.pitch))
                tick = note.end
        return starts, events

    def token(self, line: Line, place: Place) -> int | None:
        """The only token that goes on with what is given; None where nothing is given."""
        starts, events = self._events
        number = bisect_right(starts, place.tick) - 1
        if number < 0 or place.tick >= events[number][0]:
            return None
        end, pitch = events[number]
        grammar = line.grammar
        if place.phase >= Phase.LENGTH:
            return grammar.first_duration + durations_that_fit(end - place.tick) - 1
        if place.tick != starts[number]:
            return grammar.tie
        if pitch == _RESTING:
            return grammar.rest
        moves, _ = grammar.interval_tokens(pitch - place.reference)
        if moves:
            return moves[0]
        return grammar.pitches.token(line.chord(place.tick), place.reference, pitch)


def with_silent_end(kept: Kept | None, ticks: int) -> Kept | None:
    """What is given, and a beat of silence at the end of the chart where nothing is given there.

    Args:
        kept: What is given; None for nothing.
        ticks: The length of the chart.
    """
    spans, notes = (kept.spans, kept.notes) if kept else ((), ())
    start = ticks - TICKS_PER_QUARTER
    if start <= (spans[-1][1] if spans else 0):
        return kept
    return Kept((*spans, (start, ticks)), notes)
