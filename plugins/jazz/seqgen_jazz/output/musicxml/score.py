"""The score of a solo as MusicXML: its part, measures, layout and directions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Final, final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seqgen_jazz.band.arrangement import performance_style
from seqgen_jazz.band.bass import bass_line
from seqgen_jazz.band.meter_and_swing import can_swing
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar, Chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo, find_instrument
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.output.musicxml.note_values import (
    NoteValue,
    WrittenNote,
    exact_rhythm,
    readable_rhythm,
    split_bar,
)
from seqgen_jazz.output.musicxml.notes_and_chord_symbols import (
    Accidentals,
    Marks,
    beams,
    chord_symbol,
    note_element,
    note_lyrics,
)
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


def directions(solo: Solo, bar: int, marks: tuple[str, str]) -> list[Element]:
    """The ``<direction>`` elements of a bar.

    Args:
        solo: The solo.
        bar: The bar, from 0; the first has the tempo and the feel of the eighths.
        marks: The section and the chorus that begin there; empty for none.
    """
    found = []
    for text, tag in zip(marks, ("rehearsal", "words"), strict=True):
        if text:
            direction = Element("direction", placement="above")
            SubElement(_add_type(direction), tag).text = printable(text)
            found.append(direction)
    return [*found, _tempo(solo)] if bar == 0 else found


def _tempo(solo: Solo) -> Element:
    """Tempo and feel, for readers and for programs."""
    direction = Element("direction", placement="above")
    sound = Element("sound", tempo=f"{solo.tempo:g}")
    if solo.performance is not None:
        words = SubElement(_add_type(direction), "words")
        words.text = _add_feel(solo, solo.performance, sound)
    metronome = SubElement(_add_type(direction), "metronome")
    SubElement(metronome, "beat-unit").text = "quarter"
    SubElement(metronome, "per-minute").text = f"{solo.tempo:g}"
    direction.append(sound)
    return direction


def _add_feel(solo: Solo, performance: Performance, sound: Element) -> str:
    """Add the swing ratio to ``sound``; returns the feel in words."""
    style = performance_style(performance)
    ratio = Fraction(style.swing_ratios(performance.swing, solo.tempo).solo)
    ratio = ratio.limit_denominator(20)
    swing = SubElement(sound, "swing")
    swung = ratio > 1 and any(can_swing(bar.meter) for bar in solo.chart.bars)
    if swung:
        SubElement(swing, "first").text = str(ratio.numerator)
        SubElement(swing, "second").text = str(ratio.denominator)
        SubElement(swing, "swing-type").text = "eighth"
    else:
        SubElement(swing, "straight")
    return f"{printable(style.name).capitalize()} ({'swung' if swung else 'even'} eighths)"


def _add_type(direction: Element) -> Element:
    return SubElement(direction, "direction-type")


def printable(text: str) -> str:
    """The text without control characters, which XML cannot contain."""
    return "".join(filter(str.isprintable, text))


_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def musicxml(solo: Solo, receipt: str = "") -> bytes:
    """A MusicXML score, UTF-8: concert pitch, the chart's key if it has one, four bars per line.

    A line without a ``performance`` is written exactly; that of a performance with a readable
    rhythm. The ``performance`` also says whether the degree and class of each note are below it,
    and whether the bass has a part. The same solo always gives the same bytes.

    Args:
        solo: At least one bar long.
        receipt: A line that the file contains unchanged; empty for none.
    """
    score = Element("score-partwise", version="4.0")
    SubElement(SubElement(score, "work"), "work-title").text = printable(solo.title) or "Solo"
    _add_identification(score, solo, receipt)
    lines = [("Solo", solo)]
    if solo.performance is not None and solo.performance.bass_part:
        lines.append(("Bass", _bass_solo(solo, solo.performance)))
    part_list = SubElement(score, "part-list")
    for number, (name, line) in enumerate(lines, start=1):
        _add_player(part_list, name, line, number)
        score.append(part_element(line, number))
    indent(score)
    text: str = tostring(score, encoding="unicode")
    return (_HEAD + text + "\n").encode()


def _add_identification(score: Element, solo: Solo, receipt: str) -> None:
    identification = SubElement(score, "identification")
    if solo.chart.composer:
        creator = SubElement(identification, "creator", type="composer")
        creator.text = printable(solo.chart.composer)
    encoding = SubElement(identification, "encoding")
    SubElement(encoding, "software").text = "seqgen-jazz"
    for element in ("accidental", "beam"):
        SubElement(encoding, "supports", element=element, type="yes")
    line_breaks = {"element": "print", "attribute": "new-system", "type": "yes", "value": "yes"}
    SubElement(encoding, "supports", line_breaks)
    if receipt:
        # The field of MusicXML for values of other programs.
        other = SubElement(identification, "miscellaneous")
        SubElement(other, "miscellaneous-field", name="seqgen-receipt").text = receipt


def _add_player(part_list: Element, name: str, line: Solo, number: int) -> None:
    player = find_instrument(line.instrument)
    part = SubElement(part_list, "score-part", id=f"P{number}")
    SubElement(part, "part-name").text = name
    instrument = SubElement(part, "score-instrument", id=f"P{number}-I1")
    SubElement(instrument, "instrument-name").text = player.name
    sound = SubElement(part, "midi-instrument", id=f"P{number}-I1")
    SubElement(sound, "midi-channel").text = str(number)
    SubElement(sound, "midi-program").text = str(player.program + 1)


def _bass_solo(solo: Solo, performance: Performance) -> Solo:
    """The bass part as a line of its own."""
    line = bass_line(solo.chart, performance_style(performance), performance.seed)
    notes = tuple(Note(note.start, note.end - note.start, note.pitch) for note in line)
    form = Performance(form=performance.form)
    return Solo(solo.chart, notes, tempo=solo.tempo, instrument="bass", performance=form)


_BARS_PER_LINE: Final = 4


@final
class Layout:
    """The bars of a score.

    Args:
        chart: All choruses.
        form: The bars of a chorus without a pickup; 0 if unknown.
    """

    def __init__(self, chart: Chart, form: int) -> None:
        self._chart, self._form = chart, form
        self.pickup: int = chart.pickup

    def number(self, bar: int) -> int:
        """The number of a bar: from 1, a pickup is 0."""
        return bar + 1 - self.pickup

    def meter(self, bar: int) -> tuple[int, int]:
        """The written meter of a bar."""
        return self._chart.bars[max(bar, self.pickup)].meter

    def marks(self, bar: int) -> tuple[str, str]:
        """The section and the chorus that begin with a bar, empty for none."""
        section = ", ".join(name for at, name in self._chart.section_bars if at == bar)
        into, bars = bar - self.pickup, len(self._chart.bars) - self.pickup
        begins = 0 < self._form < bars and into >= 0 and into % self._form == 0
        return section, f"Chorus {into // self._form + 1}" if begins else ""

    @cached_property
    def _marked_bars(self) -> set[int]:
        return {bar for bar in range(len(self._chart.bars)) if any(self.marks(bar))}

    @cached_property
    def line_breaks(self) -> set[int]:
        """The bars with which lines begin, without the first: every four bars, and from each
        section and chorus on."""
        found: set[int] = set()
        begun = self.pickup
        for bar in range(self.pickup + 1, len(self._chart.bars)):
            new = bar in self._marked_bars and bar - begun > 1
            if new or bar - begun == _BARS_PER_LINE:
                found.add(bar)
                begun = bar
        return found

    def bar_style(self, bar: int) -> str:
        """The style of the bar line after a bar; empty for a plain one."""
        if bar == len(self._chart.bars) - 1:
            return "light-heavy"
        return "light-light" if bar + 1 in self._marked_bars else ""
