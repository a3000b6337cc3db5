"""Notes of a page as MusicXML: pitch, length, ties, triplets, beams, and words below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, final
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqgen_jazz.output.musicxml.note_values import Sign
    from seqgen_jazz.output.spelling import Spelled

#: The plain sign of which two last as long as a triplet group.
_TRIPLET_UNITS: Final = {24: "eighth", 12: "16th", 6: "32nd", 3: "64th"}


@final
class Drawn(NamedTuple):
    """What is drawn for a sign.

    Args:
        name: None for a rest.
        accidental: The sign before it, and whether that is a reminder; None for none.
        ties: "stop" where it goes on from the sign before, "start" where it goes on.
        beams: As ``beams``.
        staccato: Whether it has a dot above.
        words: Lines below it.
    """

    name: Spelled | None
    accidental: tuple[str, bool] | None = None
    ties: tuple[str, ...] = ()
    beams: Sequence[str] = ()
    staccato: bool = False
    words: Sequence[str] = ()


def note_element(sign: Sign, drawn: Drawn) -> Element:
    """The ``<note>`` of a sign; its duration is in ticks, 24 a quarter."""
    note = Element("note")
    if drawn.name is None:
        SubElement(note, "rest", {"measure": "yes"} if sign.name is None else {})
    else:
        _pitch(note, drawn.name)
    SubElement(note, "duration").text = str(sign.ticks)
    for tie in drawn.ties:
        SubElement(note, "tie", type=tie)
    SubElement(note, "voice").text = "1"
    if sign.name is not None:
        SubElement(note, "type").text = sign.name
    if sign.dotted:
        SubElement(note, "dot")
    if drawn.accidental is not None:
        sign_name, reminder = drawn.accidental
        SubElement(note, "accidental", {"cautionary": "yes"} if reminder else {}).text = sign_name
    if sign.window:
        _bent(note, sign, sign.window)
    for number, beam in enumerate(drawn.beams, start=1):
        SubElement(note, "beam", number=str(number)).text = beam
    _notations(note, sign, drawn)
    for number, word in enumerate(drawn.words, start=1):
        lyric = SubElement(note, "lyric", number=str(number))
        SubElement(lyric, "syllabic").text = "single"
        SubElement(lyric, "text").text = word
    return note


def _pitch(note: Element, name: Spelled) -> None:
    pitch = SubElement(note, "pitch")
    SubElement(pitch, "step").text = name.step
    # Naturals too: music21 joins no tie between a note with a sign and one without.
    SubElement(pitch, "alter").text = str(name.alter)
    SubElement(pitch, "octave").text = str(name.octave)


def _bent(note: Element, sign: Sign, window: tuple[int, int]) -> None:
    change = SubElement(note, "time-modification")
    SubElement(change, "actual-notes").text = "3"
    SubElement(change, "normal-notes").text = "2"
    unit = _TRIPLET_UNITS[window[1] - window[0]]
    if sign.name != unit or sign.dotted:
        SubElement(change, "normal-type").text = unit


def _notations(note: Element, sign: Sign, drawn: Drawn) -> None:
    found = [Element("tied", type=tie) for tie in drawn.ties]
    if sign.window:
        if sign.start == sign.window[0]:
            found.append(Element("tuplet", type="start", number="1"))
        if sign.end == sign.window[1]:
            found.append(Element("tuplet", type="stop", number="1"))
    if drawn.staccato:
        articulations = Element("articulations")
        SubElement(articulations, "staccato")
        found.append(articulations)
    if found:
        SubElement(note, "notations").extend(found)
