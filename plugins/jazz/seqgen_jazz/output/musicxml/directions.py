"""Directions: what stands above the bars of a page: tempo, feel and the parts of the form."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Performance, Solo


def directions(solo: Solo, place: int, marks: tuple[str, str]) -> list[Element]:
    """The ``<direction>`` elements of a bar.

    Args:
        solo: What is written.
        place: The bar, from 0; the first has the tempo and how the eighths are meant.
        marks: The section and the chorus that begin there; empty for none.
    """
    found = []
    for text, how in zip(marks, ("rehearsal", "words"), strict=True):
        if text:
            direction = Element("direction", placement="above")
            SubElement(_kind(direction), how).text = _shown(text)
            found.append(direction)
    return [*found, _tempo(solo)] if place == 0 else found


def _tempo(solo: Solo) -> Element:
    """Tempo, and how the eighths of the page are meant, for readers and for programs."""
    direction = Element("direction", placement="above")
    sound = Element("sound", tempo=f"{solo.tempo:g}")
    if solo.performance is not None:
        SubElement(_kind(direction), "words").text = _feel(solo, solo.performance, sound)
    metronome = SubElement(_kind(direction), "metronome")
    SubElement(metronome, "beat-unit").text = "quarter"
    SubElement(metronome, "per-minute").text = f"{solo.tempo:g}"
    direction.append(sound)
    return direction


def _feel(solo: Solo, performance: Performance, sound: Element) -> str:
    """How the eighths are meant, also told to ``sound``."""
    from seqgen_jazz.band.arrangement import style_of
    from seqgen_jazz.band.meter import swings
    from seqgen_jazz.band.swing import swing_of

    style = style_of(performance)
    ratio = Fraction(swing_of(performance.swing, style, solo.tempo).solo).limit_denominator(20)
    swing = SubElement(sound, "swing")
    swung = ratio > 1 and any(swings(bar.meter) for bar in solo.chart.bars)
    if swung:
        SubElement(swing, "first").text = str(ratio.numerator)
        SubElement(swing, "second").text = str(ratio.denominator)
        SubElement(swing, "swing-type").text = "eighth"
    else:
        SubElement(swing, "straight")
    return f"{_shown(style.name).capitalize()} ({'swung' if swung else 'even'} eighths)"


def _kind(direction: Element) -> Element:
    return SubElement(direction, "direction-type")


def _shown(text: str) -> str:
    """The text without control characters, which XML cannot hold."""
    return "".join(filter(str.isprintable, text))
