"""SoloCondition: the chart that a solo is generated over, and the spans of it that are fixed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.grammar import longest_duration
from seqgen_jazz.encoding.grammar_state import ChartGrammar, GrammarState, Phase
from seqgen_jazz.encoding.solo import Note, Performance, Solo, line_events

Span = tuple[int, int]


@final
@dataclass(frozen=True)
class FixedSpans:
    """The notes and rests of a solo that are fixed, in some spans of time.

    No note crosses the edge of a span: a note that does is cut there, and its part inside the span
    is struck at the start of the span.

    Args:
        spans: Start and end in ticks, ascending, not adjacent.
        notes: The notes in them, ascending.
    """

    spans: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()

    @classmethod
    def cut(cls, notes: Iterable[Note], spans: Sequence[Span]) -> FixedSpans:
        """The parts of a line in some spans; adjacent spans are joined."""
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

    def free_end(self, ticks: int) -> Span:
        """The last free span of a chart of ``ticks`` ticks, before a fixed silence at its end."""
        spans, end = self.spans, ticks
        silent = not self.notes or self.notes[-1].end <= spans[-1][0]
        if spans and spans[-1][1] == ticks and silent:
            spans, end = spans[:-1], spans[-1][0]
        return (spans[-1][1] if spans else 0), end

    def with_silent_end(self, ticks: int) -> FixedSpans:
        """The spans and a beat of silence at the end of a chart of ``ticks`` ticks, unless its end
        is fixed already."""
        start = ticks - TICKS_PER_QUARTER
        if start <= (self.spans[-1][1] if self.spans else 0):
            return self
        return FixedSpans((*self.spans, (start, ticks)), self.notes)

    @property
    def edges(self) -> tuple[int, ...]:
        """The ticks at which spans begin and end."""
        return tuple(tick for span in self.spans for tick in span)

    @cached_property
    def _events(self) -> tuple[list[int], list[tuple[int, int | None]]]:
        """The starts of the notes and rests of the spans, and the end and pitch of each."""
        events = [
            event
            for start, end in self.spans
            for event in line_events([n for n in self.notes if start <= n.onset < end], start, end)
        ]
        return [start for start, _, _ in events], [(end, pitch) for _, end, pitch in events]

    def next_token(self, line: ChartGrammar, state: GrammarState) -> int | None:
        """The only token that continues a fixed span; None outside of the spans."""
        starts, events = self._events
        number = bisect_right(starts, state.tick) - 1
        if number < 0 or state.tick >= events[number][0]:
            return None
        end, pitch = events[number]
        grammar = line.grammar
        if state.phase >= Phase.LENGTH:
            return grammar.first_duration + longest_duration(end - state.tick)
        if state.tick != starts[number]:
            return grammar.tie
        if pitch is None:
            return grammar.rest
        moves, _ = grammar.interval_tokens(pitch - state.reference)
        if moves:
            return moves[0]
        return grammar.pitches.token(line.chord(state.tick), state.reference, pitch)


#: All of the solo is free.
NOTHING_FIXED = FixedSpans()


@final
@dataclass(frozen=True)
class SoloCondition:
    """The condition of this domain: the chart, and the labels that its solos get.

    Args:
        chart: The chart that is played over.
        instrument: A name in ``INSTRUMENTS``; "any" for no particular one.
        tempo: Quarter notes per minute.
        title: Title of the solo.
        performance: How it is performed; None for the line alone.
        fixed: The parts of the solo that are fixed.
        lands: Whether the last note must be a chord tone. Solos of a corpus end as they end.
    """

    chart: Chart
    instrument: str = field(default="any", compare=False)
    tempo: float = field(default=160.0, compare=False)
    title: str = field(default="", compare=False)
    performance: Performance | None = field(default=None, compare=False)
    fixed: FixedSpans = NOTHING_FIXED
    lands: bool = False

    @classmethod
    def from_solo(cls, solo: Solo) -> SoloCondition:
        """The condition of a solo of a corpus."""
        return cls(solo.chart, solo.instrument, solo.tempo, solo.title, solo.performance)
