"""MusicXML: the page of a solo, the line in notes with chord symbols above."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seqgen_jazz.encoding.instruments import find_instrument
from seqgen_jazz.output.musicxml.part import part_element

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Solo

_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    '"http://www.musicxml.org/dtds/partwise.dtd">\n'
)


def musicxml(solo: Solo, receipt: str = "") -> bytes:
    """A MusicXML page, UTF-8: concert pitch, the chart's key if it says one, four bars a line.

    A line alone (``performance`` None) is written exactly; of a performance the short rests between
    notes are left out, see ``lengths``. Its ``performance`` says whether degree and class stand
    below the notes, and whether the bass has a part. The same solo gives the same bytes.

    Args:
        solo: At least one bar long.
        receipt: A line that stands in the file as it is; empty for none.
    """
    score = Element("score-partwise", version="4.0")
    SubElement(SubElement(score, "work"), "work-title").text = printable(solo.title) or "Solo"
    _identification(score, solo, receipt)
    lines = [("Solo", solo)]
    if solo.performance is not None and solo.performance.bass_part:
        lines.append(("Bass", _bass(solo)))
    listed = SubElement(score, "part-list")
    for number, (name, line) in enumerate(lines, start=1):
        _player(listed, name, line, number)
        score.append(part_element(line, number))
    indent(score)
    text: str = tostring(score, encoding="unicode")
    return (_HEAD + text + "\n").encode()


def _identification(score: Element, solo: Solo, receipt: str) -> None:
    about = SubElement(score, "identification")
    if solo.chart.composer:
        creator = SubElement(about, "creator", type="composer")
        creator.text = printable(solo.chart.composer)
    encoding = SubElement(about, "encoding")
    SubElement(encoding, "software").text = "seqgen-jazz"
    for element in ("accidental", "beam"):
        SubElement(encoding, "supports", element=element, type="yes")
    line_breaks = {"element": "print", "attribute": "new-system", "type": "yes", "value": "yes"}
    SubElement(encoding, "supports", line_breaks)
    if receipt:
        # The field of a score that MusicXML has for programs' own notes.
        kept = SubElement(about, "miscellaneous")
        SubElement(kept, "miscellaneous-field", name="seqgen-receipt").text = receipt


def _player(listed: Element, name: str, line: Solo, number: int) -> None:
    player = find_instrument(line.instrument)
    part = SubElement(listed, "score-part", id=f"P{number}")
    SubElement(part, "part-name").text = name
    played = SubElement(part, "score-instrument", id=f"P{number}-I1")
    SubElement(played, "instrument-name").text = player.name
    sound = SubElement(part, "midi-instrument", id=f"P{number}-I1")
    SubElement(sound, "midi-channel").text = str(number)
    SubElement(sound, "midi-program").text = str(player.program + 1)


def _bass(solo: Solo) -> Solo:
    """What the band's bass plays, as a line of its own."""
    from seqgen_jazz.band.arrangement import style_of
    from seqgen_jazz.band.bass import bass_line
    from seqgen_jazz.encoding.solo import Note, Performance, Solo

    performance = solo.performance or Performance()
    hits = bass_line(solo.chart, style_of(performance), performance.seed)
    notes = tuple(Note(hit.start, hit.end - hit.start, hit.pitch) for hit in hits)
    form = Performance(form=performance.form)
    return Solo(solo.chart, notes, tempo=solo.tempo, instrument="bass", performance=form)


def printable(text: str) -> str:
    """The text without control characters, which XML cannot hold."""
    return "".join(character for character in text if character.isprintable())
