"""MusicXML: a lead sheet of a solo, the line in notes with chord symbols above, by music21.

Bars are cut into signs here, see ``signs``, before music21 sees them: left to itself it writes
lengths that sound right but cannot be read, tuplets of 96 to 61 and triplets that are not
whole (in 189 of 220 random solos under the guide; the figures are in the plugin's README).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from seqgen_jazz.instruments import instrument
from seqgen_jazz.solo import TICKS_PER_QUARTER
from seqgen_jazz.writing.beams import beams
from seqgen_jazz.writing.harmony import PLAIN, chord_symbol
from seqgen_jazz.writing.signs import Sign, cut_bar
from seqgen_jazz.writing.spelling import Spelled, spell
from seqgen_jazz.writing.why import why

if TYPE_CHECKING:
    from seqgen_jazz.solo import Note, Solo

_BARS_A_LINE = 4
#: What music21 calls the beams of MusicXML.
_BEAMS = {
    **{"begin": ("start",), "continue": ("continue",), "end": ("stop",)},
    **{"forward hook": ("partial", "right"), "backward hook": ("partial", "left")},
}
#: The plain sign of which two last as long as a triplet group.
_TRIPLET_UNITS = {24: "eighth", 12: "16th", 6: "32nd", 3: "64th"}


def musicxml(solo: Solo, receipt: str = "") -> bytes:
    """A MusicXML lead sheet, UTF-8: concert pitch, no key signature, four bars a line.

    Its ``playing`` says whether degree and class stand below the notes, and whether the bass
    has a part. The same solo gives the same bytes every time, with the same release of music21.

    Args:
        solo: At least one bar long.
        receipt: A line that stands in the file as it is; empty for none.
    """
    from music21.musicxml.m21ToXml import ScoreExporter

    # The notation is complete: what music21 would make of it again is left out.
    exporter = ScoreExporter(_score(solo), makeNotation=False)
    exporter.parse()
    _mend(exporter.xmlRoot)
    if receipt:
        _keep(exporter.xmlRoot, receipt)
    written: bytes = exporter.asBytes()
    return written


def _score(solo: Solo) -> Any:
    from music21 import metadata, stream

    score = stream.Score()
    score.insert(0, metadata.Metadata(title=_printable(solo.title) or "Solo"))
    score.insert(0, _part(solo, "Solo", 1))
    if solo.playing is not None and solo.playing.bass_part:
        bass = _part(_bass(solo), "Bass", 2)
        bass.remove(list(bass.recurse().getElementsByClass("MetronomeMark")), recurse=True)
        score.insert(0, bass)
    return score


def _bass(solo: Solo) -> Solo:
    """What the band's bass plays, as a line of its own."""
    from seqgen_jazz.band.bass import bass_line
    from seqgen_jazz.band.parts import style_of
    from seqgen_jazz.playing import Playing
    from seqgen_jazz.solo import Note, Solo

    playing = solo.playing or Playing()
    hits = bass_line(solo.chart, style_of(playing), playing.seed)
    notes = tuple(Note(hit.start, hit.end - hit.start, hit.pitch) for hit in hits)
    return Solo(solo.chart, notes, tempo=solo.tempo, instrument="bass")


def _part(solo: Solo, name: str, number: int) -> Any:
    """One line; the first one carries the chord symbols."""
    from music21 import bar, clef, stream

    part = stream.Part()
    part.partName = name
    part.insert(0, _player(solo, number))
    for place, events in enumerate(_events_of_bars(solo)):
        part.insert(_quarters(solo.chart.bar_starts[place]), _measure(solo, place, events))
    measures = list(part.getElementsByClass(stream.Measure))
    low = solo.instrument == "bass"
    measures[0].clef = clef.Bass8vbClef() if low else clef.bestClef(part, recurse=True)
    measures[-1].rightBarline = bar.Barline("final")
    _accidentals(part)
    stream.makeNotation.setStemDirectionForBeamGroups(part)
    # Only now: music21 takes the tones of a chord symbol for notes of the line.
    for measure, written in zip(
        measures, solo.chart.bars if number == 1 else (), strict=number == 1
    ):
        for tick, chord in written.changes:
            measure.insert(_quarters(tick), chord_symbol(chord))
    return part


def _player(solo: Solo, number: int) -> Any:
    from music21.instrument import Instrument

    player = instrument(solo.instrument)
    written = Instrument(player.name)
    written.midiProgram, written.midiChannel = player.program, number - 1
    # music21 would draw these by chance.
    written.partId, written.instrumentId = f"P{number}", f"P{number}-I1"
    return written


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


def _measure(solo: Solo, number: int, events: list[_Event]) -> Any:
    """One bar: its meter where it is new, its notes and rests."""
    from music21 import layout, meter, stream, tempo

    bars, start = solo.chart.bars, solo.chart.bar_starts[number]
    measure = stream.Measure(number=number + 1)
    if number == 0:
        measure.insert(0, tempo.MetronomeMark(number=solo.tempo))
    elif number % _BARS_A_LINE == 0:
        measure.insert(0, layout.SystemLayout(isNew=True))
    if number == 0 or bars[number - 1].meter != bars[number].meter:
        upper, lower = bars[number].meter
        measure.timeSignature = meter.TimeSignature(f"{upper}/{lower}")
    ends = [end - start for end, _ in events]
    cut = cut_bar(ends, [note is None for _, note in events], bars[number].meter)
    line = [(note, sign) for (_, note), signs in zip(events, cut, strict=True) for sign in signs]
    rests = [note is None for note, _ in line]
    joined = beams([sign for _, sign in line], rests, max(bars[number].beat_ticks, 24))
    for (note, sign), names in zip(line, joined, strict=True):
        measure.insert(_quarters(sign.start), _element(solo, note, sign, start, names))
    return measure


def _element(
    solo: Solo, note: Note | None, sign: Sign, bar_start: int, beam_names: list[str]
) -> Any:
    """The note or rest of a sign; the signs of one note are tied."""
    from music21.note import Note as WrittenNote
    from music21.note import Rest
    from music21.tie import Tie

    if note is None:
        return Rest(duration=_duration(sign))
    name = spell(note.pitch, solo.chart.chord_at(note.onset))
    written = WrittenNote(_pitch(name), duration=_duration(sign))
    tied_from, tied_to = bar_start + sign.start > note.onset, bar_start + sign.end < note.end
    if tied_from or tied_to:
        written.tie = Tie("start" if not tied_from else "continue" if tied_to else "stop")
    if solo.playing is not None and solo.playing.lyrics and not tied_from:
        for words in why(note.pitch, solo.chart.chord_at(note.onset)):
            written.addLyric(words)
    for beam in beam_names:
        written.beams.append(*_BEAMS[beam])
    return written


def _pitch(name: Spelled) -> Any:
    from music21.pitch import Accidental, Pitch

    accidental = Accidental(name.alter) if name.alter else None
    return Pitch(step=name.step, accidental=accidental, octave=name.octave)


def _duration(sign: Sign) -> Any:
    """The duration of a sign as it is written, never as music21 would analyse its length."""
    from music21.duration import Duration, Tuplet

    if sign.name is None:
        return Duration(_quarters(sign.ticks))
    duration = Duration(type=sign.name, dots=int(sign.dotted))
    if sign.window:
        start, end = sign.window
        triplet = Tuplet(3, 2, _TRIPLET_UNITS[end - start])
        triplet.type = "start" if sign.start == start else "stop" if sign.end == end else None
        duration.appendTuplet(triplet)
    return duration


def _accidentals(part: Any) -> None:
    """Decide which accidentals are drawn: those that are needed, and naturals as a caution."""
    from music21.note import Note as WrittenNote
    from music21.pitch import Accidental

    part.makeAccidentals(inPlace=True, cautionaryNotImmediateRepeat=False)
    for written in part.recurse().getElementsByClass(WrittenNote):
        if written.pitch.accidental is None:
            # To music21 a natural and a note without a sign are two pitches: when it reads
            # the file it would not join them by a tie.
            natural = Accidental("natural")
            natural.displayStatus = False
            written.pitch.accidental = natural


def _mend(root: Any) -> None:
    """Take away what music21 makes up, and say what its objects have no words for."""
    from music21 import defaults

    for parent, what in (("identification", "creator"), ("encoding", "encoding-date")):
        for element in root.iter(parent):
            for made_up in element.findall(what):
                element.remove(made_up)
    tick = defaults.divisionsPerQuarter // TICKS_PER_QUARTER
    for harmony in root.iter("harmony"):
        if harmony.find("kind").get("text") != PLAIN:
            for degree in harmony.findall("degree"):
                degree.set("print-object", "no")
        for offset in harmony.findall("offset"):
            # music21 adds up the notes before as floats and cuts off what is behind the point.
            offset.text = str(round(int(offset.text) / tick) * tick)
            if offset.text == "0":
                harmony.remove(offset)


def _keep(root: Any, receipt: str) -> None:
    """Put a line into the field of a score that MusicXML has for programs' own notes."""
    from xml.etree.ElementTree import SubElement

    miscellaneous = SubElement(root.find("identification"), "miscellaneous")
    SubElement(miscellaneous, "miscellaneous-field", name="seqgen-receipt").text = receipt


def _quarters(ticks: int) -> Fraction:
    return Fraction(ticks, TICKS_PER_QUARTER)


def _printable(text: str) -> str:
    """The text without control characters, which XML cannot hold."""
    return "".join(character for character in text if character.isprintable())
