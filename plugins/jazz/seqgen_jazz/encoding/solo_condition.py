"""SoloCondition: the chart that a solo is generated over, its fixed spans, and phrases."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.grammar_state import ChartGrammar, GrammarState, Phase
from seqgen_jazz.encoding.solo import Note, Performance, Solo, check_notes, line_events
from seqgen_jazz.encoding.solo_tokens import longest_duration

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


#: Precedes the notes of a solo in the text of a MIDI file.
SOLO_LINE_PREFIX: Final = "seqgen-jazz-solo "
_LABELS: Final = (
    *("chart", "notes", "tempo", "instrument", "form", "style", "swing", "band_seed"),
    "notices",
)
#: Bounds of the notices of a phrase, and of the length of each.
_MAX_NOTICES: Final = 12
_MAX_NOTICE: Final = 400


@final
@dataclass(frozen=True)
class Phrase:
    """A line of notes that a solo begins with, or that it changes.

    Args:
        notes: Ascending, without overlap, from the start of their file.
        labels: Values that a file of this plugin stores: chart, tempo, instrument and so on; and
            ``notices`` for the user on how the file was read.
        pickup: The length in ticks of the pickup of a foreign file; not part of the text.
    """

    notes: tuple[Note, ...]
    labels: dict[str, Any]
    pickup: int = 0

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return self.notes[-1].end if self.notes else 0

    @property
    def notices(self) -> tuple[str, ...]:
        """Messages for the user on how the phrase was read."""
        return tuple(self.labels.get("notices", ()))

    def add_notices(self, *notices: str) -> Phrase:
        """The same phrase with further notices."""
        if not notices:
            return self
        return replace(self, labels={**self.labels, "notices": [*self.notices, *notices]})

    def shift(self, ticks: int) -> Phrase:
        """The phrase ``ticks`` later; no note may start before tick 0 then."""
        notes = tuple(note._replace(onset=note.onset + ticks) for note in self.notes)
        return replace(self, notes=notes)

    @property
    def text(self) -> str:
        """The phrase as text, which ``parse_phrase`` parses."""
        notes = [[note.onset, note.duration, note.pitch] for note in self.notes]
        return json.dumps({**self.labels, "notes": notes}, separators=(",", ":"))


def format_solo_line(solo: Solo) -> str:
    """The notes of a solo on its grid, its chart and its labels as a line of ASCII text."""
    labels: dict[str, Any] = {
        "chart": solo.chart.sheet,
        "tempo": solo.tempo,
        "instrument": solo.instrument,
    }
    if (played := solo.performance) is not None:
        labels |= {"form": played.form, "style": played.style, "swing": played.swing}
        labels["band_seed"] = played.seed
    return SOLO_LINE_PREFIX + Phrase(solo.notes, labels).text


def is_phrase_text(text: str) -> bool:
    """Whether this is the text of a phrase, as in resolved options, and no file name."""
    return text.lstrip().startswith("{")


def parse_phrase(text: str, where: str) -> Phrase:
    """Parse the text of a phrase, which may come from an untrusted file.

    Raises:
        DataError: The text is no phrase, or its notes or labels are invalid; the message begins
            with ``where``.
    """
    try:
        labels = json.loads(text)
        notes = tuple(Note(*map(_check_int, note)) for note in labels.pop("notes"))
        if "told" in labels:  # the former name of the notices
            labels["notices"] = labels.pop("told")
        check_notes(notes, inf)
    except DataError as error:
        raise DataError(f"{where}: {error}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{where}: not the notes of a solo: {error}") from None
    unknown = sorted(set(labels) - set(_LABELS))
    if unknown:
        raise DataError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(_LABELS)}")
    notices = labels.get("notices", [])
    if not isinstance(notices, list) or len(notices) > _MAX_NOTICES or not all(map(_fits, notices)):
        raise DataError(
            f"{where}: notices must be a list of up to {_MAX_NOTICES} lines of text of up to "
            f"{_MAX_NOTICE} characters"
        )
    return Phrase(notes, labels)


def _fits(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= _MAX_NOTICE


def _check_int(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.40} is no whole number")
    return value
