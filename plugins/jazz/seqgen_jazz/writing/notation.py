"""MusicXML: a lead sheet of a solo, the line in notes with chord symbols above.

Written here and not through a notation library because the cuts of every length are known
exactly, the file is the same bytes every time, and it takes milliseconds instead of seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seqgen_jazz.instruments import instrument
from seqgen_jazz.solo import TICKS_PER_QUARTER
from seqgen_jazz.writing.beams import beams
from seqgen_jazz.writing.harmony import harmony
from seqgen_jazz.writing.signs import Sign, cut_bar
from seqgen_jazz.writing.spelling import Spelled, spell

if TYPE_CHECKING:
    from seqgen_jazz.chart import Bar
    from seqgen_jazz.solo import Note, Solo

_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b'<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    b'"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_BARS_A_LINE = 4
_MIDDLE_C = 60
_ACCIDENTALS = {-1: "flat", 0: "natural", 1: "sharp"}


@final
class _Written(NamedTuple):
    """A sign and what it says; ``name`` is None for a rest."""

    sign: Sign
    name: Spelled | None
    tied_from: bool
    tied_to: bool
    accidental: str = ""


def musicxml(solo: Solo) -> bytes:
    """A MusicXML 4.0 lead sheet, UTF-8: concert pitch, no key signature, four bars a line."""
    player = instrument(solo.instrument)
    score = Element("score-partwise", version="4.0")
    work = SubElement(score, "work")
    SubElement(work, "work-title").text = _printable(solo.title) or "Solo"
    part = SubElement(SubElement(score, "part-list"), "score-part", id="P1")
    SubElement(part, "part-name").text = "Solo"
    SubElement(
        SubElement(part, "score-instrument", id="P1-I1"), "instrument-name"
    ).text = player.name
    midi = SubElement(part, "midi-instrument", id="P1-I1")
    SubElement(midi, "midi-channel").text = "1"
    SubElement(midi, "midi-program").text = str(player.program + 1)
    bars = SubElement(score, "part", id="P1")
    for number, events in enumerate(_events_of_bars(solo)):
        bars.append(_measure(solo, number, events))
    indent(score)
    body: bytes = tostring(score, encoding="utf-8")
    return _HEAD + body + b"\n"


_Event = tuple[int, "Note | None"]  # its end as a tick of the chart, and its note


def _events_of_bars(solo: Solo) -> list[list[_Event]]:
    """The notes and rests of each bar; what crosses a bar line stands in both bars."""
    events: list[_Event] = []
    tick = 0
    for note in solo.notes:
        if note.onset > tick:
            events.append((note.onset, None))
        events.append((note.end, note))
        tick = note.end
    if tick < solo.chart.ticks:
        events.append((solo.chart.ticks, None))
    bars: list[list[_Event]] = []
    place = 0
    for end in solo.chart.bar_starts[1:]:
        first = place
        while events[place][0] < end:
            place += 1
        bars.append([*events[first:place], (end, events[place][1])])
        if events[place][0] == end:
            place += 1
    return bars


def _measure(solo: Solo, number: int, events: list[_Event]) -> Element:
    """One bar: its signs, and the chords that begin in it."""
    bar = solo.chart.bars[number]
    measure = Element("measure", number=str(number + 1))
    if number and number % _BARS_A_LINE == 0:
        SubElement(measure, "print", {"new-system": "yes"})
    if number == 0 or solo.chart.bars[number - 1].meter != bar.meter:
        measure.append(_attributes(bar, solo if number == 0 else None))
    if number == 0:
        measure.append(_tempo(solo.tempo))
    written = _written(solo, number, events)
    rests = [item.name is None for item in written]
    beamed = beams([item.sign for item in written], rests, max(bar.beat_ticks, 24))
    changes = list(bar.changes)
    for item, joined in zip(written, beamed, strict=True):
        while changes and changes[0][0] < item.sign.end:
            tick, chord = changes.pop(0)
            measure.append(harmony(chord, tick - item.sign.start))
        measure.append(_note(item, joined, bar.ticks))
    if number + 1 == len(solo.chart.bars):
        line = SubElement(measure, "barline", location="right")
        SubElement(line, "bar-style").text = "light-heavy"
    return measure


def _written(solo: Solo, number: int, events: list[_Event]) -> list[_Written]:
    """The signs of a bar with their pitches and ties."""
    start, bar = solo.chart.bar_starts[number], solo.chart.bars[number]
    ends = [end - start for end, _ in events]
    cut = cut_bar(ends, [note is None for _, note in events], bar.meter)
    written = []
    altered: dict[tuple[str, int], int] = {}  # what the accidentals of this bar hold
    for (_, note), signs in zip(events, cut, strict=True):
        for sign in signs:
            if note is None:
                written.append(_Written(sign, None, False, False))
                continue
            name = spell(note.pitch, solo.chart.chord_at(note.onset))
            before, after = start + sign.start > note.onset, start + sign.end < note.end
            accidental = ""
            if not before and altered.get((name.step, name.octave), 0) != name.alter:
                accidental = _ACCIDENTALS[name.alter]
                altered[name.step, name.octave] = name.alter
            written.append(_Written(sign, name, before, after, accidental))
    return written


def _note(item: _Written, joined: list[str], bar_ticks: int) -> Element:
    """The ``note`` element of a sign, its children in the order the schema wants."""
    sign, name = item.sign, item.name
    note = Element("note")
    silent_bar = name is None and sign.ticks == bar_ticks
    if name is None:
        SubElement(note, "rest", {"measure": "yes"} if silent_bar else {})
    else:
        pitch = SubElement(note, "pitch")
        SubElement(pitch, "step").text = name.step
        if name.alter:
            SubElement(pitch, "alter").text = str(name.alter)
        SubElement(pitch, "octave").text = str(name.octave)
    SubElement(note, "duration").text = str(sign.ticks)
    if item.tied_from:
        SubElement(note, "tie", type="stop")
    if item.tied_to:
        SubElement(note, "tie", type="start")
    SubElement(note, "voice").text = "1"
    if not silent_bar:
        SubElement(note, "type").text = sign.name
    if sign.dotted:
        SubElement(note, "dot")
    if item.accidental:
        SubElement(note, "accidental").text = item.accidental
    if sign.window:
        bent = SubElement(note, "time-modification")
        SubElement(bent, "actual-notes").text = "3"
        SubElement(bent, "normal-notes").text = "2"
    for level, text in enumerate(joined, 1):
        SubElement(note, "beam", number=str(level)).text = text
    _notations(note, item)
    return note


def _notations(note: Element, item: _Written) -> None:
    """Ties and triplet brackets as they are drawn."""
    sign = item.sign
    marks = [("tied", "stop", item.tied_from), ("tied", "start", item.tied_to)]
    if sign.window:
        marks.append(("tuplet", "start", sign.start == sign.window[0]))
        marks.append(("tuplet", "stop", sign.end == sign.window[1]))
    drawn = [(what, kind) for what, kind, there in marks if there]
    if drawn:
        notations = SubElement(note, "notations")
        for what, kind in drawn:
            SubElement(notations, what, type=kind)


def _attributes(bar: Bar, first: Solo | None) -> Element:
    """The meter; for the first bar of a solo the grid, the key and the clef as well."""
    attributes = Element("attributes")
    if first is not None:
        SubElement(attributes, "divisions").text = str(TICKS_PER_QUARTER)
        SubElement(SubElement(attributes, "key"), "fifths").text = "0"
    time = SubElement(attributes, "time")
    SubElement(time, "beats").text = str(bar.meter[0])
    SubElement(time, "beat-type").text = str(bar.meter[1])
    if first is not None:
        pitches = [note.pitch for note in first.notes] or [_MIDDLE_C]
        low = sum(pitches) / len(pitches) < _MIDDLE_C - 5
        clef = SubElement(attributes, "clef")
        SubElement(clef, "sign").text = "F" if low else "G"
        SubElement(clef, "line").text = "4" if low else "2"
    return attributes


def _tempo(tempo: float) -> Element:
    direction = Element("direction", placement="above")
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    SubElement(metronome, "beat-unit").text = "quarter"
    SubElement(metronome, "per-minute").text = f"{tempo:g}"
    SubElement(direction, "sound", tempo=f"{tempo:g}")
    return direction


def _printable(text: str) -> str:
    """The text without control characters, which XML cannot hold."""
    return "".join(character for character in text if character.isprintable())
