"""A part of a page as MusicXML: its bars with meters, notes, chord symbols and line breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final
from xml.etree.ElementTree import Element, SubElement

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar
from seqgen_jazz.output.musicxml.accidentals import Accidentals
from seqgen_jazz.output.musicxml.beams import beams
from seqgen_jazz.output.musicxml.chord_symbol import chord_symbol
from seqgen_jazz.output.musicxml.directions import directions
from seqgen_jazz.output.musicxml.layout import Layout
from seqgen_jazz.output.musicxml.note import Drawn, note_element
from seqgen_jazz.output.musicxml.note_values import Sign, cut_bar
from seqgen_jazz.output.musicxml.readable_rhythm import Written, as_played, for_reading
from seqgen_jazz.output.musicxml.scale_degrees import why
from seqgen_jazz.output.spelling import Speller, signature

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Solo
    from seqgen_jazz.harmony.chord import Chord

#: Lines whose middle is below stand in the bass clef: C4 would have a second ledger line.
_LOW: Final = 55
_Event = tuple[int, "Written | None"]  # its end as a tick of the chart, and its note


def part_element(solo: Solo, number: int) -> Element:
    """The ``<part>`` of a line; the first one has the chord symbols and what stands above."""
    return _PartWriter(solo, number).part()


@final
class _PartWriter:
    def __init__(self, solo: Solo, number: int) -> None:
        self._solo, self._number = solo, number
        chart = solo.chart
        exact = solo.performance is None
        self._notes = as_played(solo.notes) if exact else for_reading(solo.notes, chart)
        following = [written.note.pitch for written in self._notes[1:]]
        self._following = dict(
            zip((one.note.onset for one in self._notes), following, strict=False)
        )
        self._speller = Speller(chart)
        key = chart.key
        self._fifths = None if key is None else signature(key.root, 3 in key.intervals)
        self._accidentals = Accidentals(self._fifths or 0)
        self._layout = Layout(chart, solo.performance.form if solo.performance else 0)

    def part(self) -> Element:
        part = Element("part", id=f"P{self._number}")
        for place, events in enumerate(_events_of_bars(self._notes, self._solo.chart.bar_starts)):
            part.append(self._measure(place, events))
        return part

    def _measure(self, place: int, events: list[_Event]) -> Element:
        bars, layout = self._solo.chart.bars, self._layout
        measure = Element("measure", number=str(layout.number(place)))
        whole = Bar((), layout.meter(place))
        lead = whole.ticks - bars[place].ticks  # of a pickup, which stands under the next meter
        if place < layout.pickup:
            measure.set("implicit", "yes")
        if layout.breaks(place):
            SubElement(measure, "print", {"new-system": "yes"})
        self._attributes(measure, place)
        if self._number == 1:
            measure.extend(directions(self._solo, place, layout.marks(place)))
        start = self._solo.chart.bar_starts[place]
        ends = [end - start for end, _ in events]
        rests = [written is None for _, written in events]
        cut = cut_bar(ends, rests, whole.meter, lead)
        line = [
            (note, sign) for (_, note), signs in zip(events, cut, strict=True) for sign in signs
        ]
        signs = [sign for _, sign in line]
        silent = [note is None for note, _ in line]
        joined = beams(signs, silent, max(whole.beat_ticks, 24), lead)
        symbols = list(bars[place].changes) if self._number == 1 else []
        self._accidentals.bar()
        for (written, sign), names in zip(line, joined, strict=True):
            while symbols and symbols[0][0] < sign.end:
                measure.append(self._symbol(start, sign, *symbols.pop(0)))
            measure.append(note_element(sign, self._drawn(written, sign, start, names)))
        style = layout.barline(place)
        if style:
            SubElement(SubElement(measure, "barline", location="right"), "bar-style").text = style
        return measure

    def _attributes(self, measure: Element, place: int) -> None:
        """What holds from this bar on, where it is new."""
        meter, before = self._layout.meter(place), self._layout.meter(place - 1) if place else None
        if meter == before:
            return
        attributes = SubElement(measure, "attributes")
        if place == 0:
            SubElement(attributes, "divisions").text = str(TICKS_PER_QUARTER)
            if self._fifths is not None:
                self._key(SubElement(attributes, "key"))
        time = SubElement(attributes, "time")
        SubElement(time, "beats").text, SubElement(time, "beat-type").text = map(str, meter)
        if place == 0:
            self._clef(SubElement(attributes, "clef"))

    def _key(self, element: Element) -> None:
        key = self._solo.chart.key
        SubElement(element, "fifths").text = str(self._fifths)
        minor = key is not None and 3 in key.intervals
        SubElement(element, "mode").text = "minor" if minor else "major"

    def _clef(self, element: Element) -> None:
        pitches = [written.note.pitch for written in self._notes]
        low = bool(pitches) and sum(pitches) / len(pitches) < _LOW
        bass = self._solo.instrument == "bass"
        SubElement(element, "sign").text = "F" if low or bass else "G"
        SubElement(element, "line").text = "4" if low or bass else "2"
        if bass:  # sounds an octave lower than it is read
            SubElement(element, "clef-octave-change").text = "-1"

    def _symbol(self, bar_start: int, sign: Sign, tick: int, chord: Chord) -> Element:
        at = bar_start + tick
        root = self._speller.root(at) if chord.root >= 0 else None
        bass = self._speller.bass(at) if chord.bass is not None else None
        symbol = chord_symbol(chord, root, bass)
        if tick > sign.start:
            SubElement(symbol, "offset").text = str(tick - sign.start)
        return symbol

    def _drawn(
        self, written: Written | None, sign: Sign, bar_start: int, names: list[str]
    ) -> Drawn:
        """What is drawn for a sign; the signs of one note are tied."""
        if written is None:
            return Drawn(None)
        note, solo = written.note, self._solo
        name = self._speller.note(note.pitch, note.onset, self._following.get(note.onset))
        from_before, goes_on = (
            bar_start + sign.start > written.start,
            bar_start + sign.end < written.end,
        )
        ties = ("stop",) * from_before + ("start",) * goes_on
        if from_before:
            return Drawn(name, None, ties, names)
        lyrics = solo.performance is not None and solo.performance.lyrics
        words = why(note.pitch, solo.chart.chord_at(note.onset)) if lyrics else ()
        dot = written.short and not goes_on
        return Drawn(name, self._accidentals.sign(name), ties, names, dot, words)


def _events_of_bars(notes: list[Written], bar_starts: tuple[int, ...]) -> list[list[_Event]]:
    """The notes and rests of each bar; what crosses a bar line stands in both bars."""
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
    place = 0
    for end in bar_starts[1:]:
        first = place
        while events[place][0] < end:
            place += 1
        bars.append([*events[first:place], (end, events[place][1])])
        if events[place][0] == end:
            place += 1
    return bars
