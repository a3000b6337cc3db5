"""A part of a score as MusicXML: its measures with meters, notes, chord symbols and line breaks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, final
from xml.etree.ElementTree import Element, SubElement

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.output.musicxml.chord_symbol import chord_symbol
from seqgen_jazz.output.musicxml.directions import directions
from seqgen_jazz.output.musicxml.layout import Layout
from seqgen_jazz.output.musicxml.note import Accidentals, Marks, beams, note_element, note_lyrics
from seqgen_jazz.output.musicxml.note_values import NoteValue, split_bar
from seqgen_jazz.output.musicxml.readable_rhythm import WrittenNote, exact_rhythm, readable_rhythm
from seqgen_jazz.output.spelling import Speller, key_signature

#: Lines with a lower mean pitch have a bass clef: C4 would need a second ledger line.
_LOW: Final = 55
_Event = tuple[int, "WrittenNote | None"]  # its end as a tick of the chart, and its note


def part_element(solo: Solo, number: int) -> Element:
    """The ``<part>`` of a line; the first one has the chord symbols and directions."""
    return _PartWriter(solo, number).part()


@final
class _PartWriter:
    def __init__(self, solo: Solo, number: int) -> None:
        self._solo, self._first = solo, number == 1
        notes, chart, performance = solo.notes, solo.chart, solo.performance
        self._notes = readable_rhythm(notes, chart) if performance else exact_rhythm(notes)
        self._next_pitch = {one.onset: other.pitch for one, other in pairwise(notes)}
        self._speller = Speller(chart)
        key = chart.key
        self._fifths = None if key is None else key_signature(key.root, 3 in key.intervals)
        self._accidentals = Accidentals(self._fifths or 0)
        self._layout = Layout(chart, performance.form if performance else 0)
        self._number = number

    def part(self) -> Element:
        part = Element("part", id=f"P{self._number}")
        for bar, events in enumerate(_events_by_bar(self._notes, self._solo.chart.bar_starts)):
            part.append(self._measure(bar, events))
        return part

    def _measure(self, bar: int, events: Sequence[_Event]) -> Element:
        layout, start = self._layout, self._solo.chart.bar_starts[bar]
        measure = Element("measure", number=str(layout.number(bar)))
        if bar < layout.pickup:
            measure.set("implicit", "yes")
        if bar in layout.line_breaks:
            SubElement(measure, "print", {"new-system": "yes"})
        self._add_attributes(measure, bar)
        if self._first:
            measure.extend(directions(self._solo, bar, layout.marks(bar)))
        whole = Bar((), layout.meter(bar))
        lead = whole.ticks - self._solo.chart.bars[bar].ticks  # of a pickup
        rests = [note is None for _, note in events]
        split = split_bar([end - start for end, _ in events], rests, whole.meter, lead)
        values = [value for group in split for value in group]
        notes = [note for (_, note), group in zip(events, split, strict=True) for _ in group]
        silent = [note is None for note in notes]
        joined = beams(values, silent, max(whole.beat_ticks, 24), lead)
        symbols = list(self._solo.chart.bars[bar].changes) if self._first else []
        self._accidentals.start_bar()
        for note, value, names in zip(notes, values, joined, strict=True):
            while symbols and symbols[0][0] < value.end:
                measure.append(self._symbol(start, value, *symbols.pop(0)))
            marks = self._marks(note, value, start, names) if note else Marks(None)
            measure.append(note_element(value, marks))
        if style := layout.bar_style(bar):
            SubElement(SubElement(measure, "barline", location="right"), "bar-style").text = style
        return measure

    def _add_attributes(self, measure: Element, bar: int) -> None:
        """The attributes that change with this bar."""
        meter = self._layout.meter(bar)
        if bar and meter == self._layout.meter(bar - 1):
            return
        attributes = SubElement(measure, "attributes")
        if bar == 0:
            SubElement(attributes, "divisions").text = str(TICKS_PER_QUARTER)
            if self._fifths is not None:
                self._add_key(SubElement(attributes, "key"))
        time = SubElement(attributes, "time")
        SubElement(time, "beats").text, SubElement(time, "beat-type").text = map(str, meter)
        if bar == 0:
            self._add_clef(SubElement(attributes, "clef"))

    def _add_key(self, element: Element) -> None:
        key = self._solo.chart.key
        SubElement(element, "fifths").text = str(self._fifths)
        minor = key is not None and 3 in key.intervals
        SubElement(element, "mode").text = "minor" if minor else "major"

    def _add_clef(self, element: Element) -> None:
        pitches = [note.pitch for note in self._solo.notes]
        bass = self._solo.instrument == "bass"
        low = bass or (bool(pitches) and sum(pitches) / len(pitches) < _LOW)
        SubElement(element, "sign").text = "F" if low else "G"
        SubElement(element, "line").text = "4" if low else "2"
        if bass:  # sounds an octave lower than written
            SubElement(element, "clef-octave-change").text = "-1"

    def _symbol(self, bar_start: int, value: NoteValue, tick: int, chord: Chord) -> Element:
        at = bar_start + tick
        root = self._speller.root(at) if chord.root >= 0 else None
        bass = self._speller.bass(at) if chord.bass is not None else None
        symbol = chord_symbol(chord, root, bass)
        if tick > value.start:
            SubElement(symbol, "offset").text = str(tick - value.start)
        return symbol

    def _marks(
        self, written: WrittenNote, value: NoteValue, bar_start: int, note_beams: Sequence[str]
    ) -> Marks:
        """The marks of a note value; the values of a note are tied."""
        note, performance = written.note, self._solo.performance
        name = self._speller.note(note.pitch, note.onset, self._next_pitch.get(note.onset))
        continued = bar_start + value.start > written.start
        continues = bar_start + value.end < written.end
        ties = ("stop",) * continued + ("start",) * continues
        if continued:
            return Marks(name, None, ties, note_beams)
        lyrics = performance is not None and performance.lyrics
        words = note_lyrics(note.pitch, self._solo.chart.chord_at(note.onset)) if lyrics else ()
        staccato = written.is_short and not continues
        return Marks(name, self._accidentals.mark(name), ties, note_beams, staccato, words)


def _events_by_bar(notes: Sequence[WrittenNote], bar_starts: Sequence[int]) -> list[list[_Event]]:
    """The notes and rests of each bar; an event across a bar line is in both bars."""
    events: list[_Event] = []
    tick = 0
    for written in notes:
        if written.start > tick:
            events.append((written.start, None))
        events.append((written.end, written))
        tick = written.end
    if tick < bar_starts[-1]:
        events.append((bar_starts[-1], None))
    bars: list[list[_Event]] = []
    index = 0
    for end in bar_starts[1:]:
        first = index
        while events[index][0] < end:
            index += 1
        bars.append([*events[first:index], (end, events[index][1])])
        index += events[index][0] == end
    return bars
