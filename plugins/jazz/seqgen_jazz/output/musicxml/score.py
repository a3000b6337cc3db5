"""The score of a solo as MusicXML: the line with chord symbols above."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from seqgen_jazz.band.arrangement import performance_style
from seqgen_jazz.band.bass import bass_line
from seqgen_jazz.encoding.solo import Note, Performance, Solo, find_instrument
from seqgen_jazz.output.musicxml.directions import printable
from seqgen_jazz.output.musicxml.part import part_element

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
