"""The directions above the bars of a score: tempo, feel, sections and choruses."""

from __future__ import annotations

from fractions import Fraction
from xml.etree.ElementTree import Element, SubElement

from seqgen_jazz.band.arrangement import performance_style
from seqgen_jazz.band.meter import can_swing
from seqgen_jazz.band.swing import swing_ratios
from seqgen_jazz.encoding.solo import Performance, Solo


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
    ratio = Fraction(swing_ratios(performance.swing, style, solo.tempo).solo)
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
