"""Chord symbols as MusicXML: a kind, and the degrees that differ from it."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element, SubElement

from seqgen_jazz.harmony.chord import Chord, Quality
from seqgen_jazz.output.spelling import Spelled

#: The text of chords whose degrees are drawn next to it.
PLAIN: Final = "7"
#: (third, fifth, seventh) in semitones above the root -> kind.
_KINDS: Final[dict[tuple[int | None, int | None, int | None], str]] = {
    (4, 7, None): "major",
    (3, 7, None): "minor",
    (4, 8, None): "augmented",
    (3, 6, None): "diminished",
    (4, 7, 10): "dominant",
    (4, 7, 11): "major-seventh",
    (3, 7, 10): "minor-seventh",
    (3, 6, 9): "diminished-seventh",
    (4, 8, 10): "augmented-seventh",
    (3, 6, 10): "half-diminished",
    (3, 7, 11): "major-minor",
    (4, 7, 9): "major-sixth",
    (3, 7, 9): "minor-sixth",
    (5, 7, None): "suspended-fourth",
    (2, 7, None): "suspended-second",
    (None, 7, None): "power",
}
#: Kind and tensions -> the kind with these tensions.
_LARGER: Final = {
    ("dominant", (14,)): "dominant-ninth",
    ("major-seventh", (14,)): "major-ninth",
    ("minor-seventh", (14,)): "minor-ninth",
    ("dominant", (14, 17)): "dominant-11th",
    ("minor-seventh", (14, 17)): "minor-11th",
    ("dominant", (14, 21)): "dominant-13th",
    ("major-seventh", (14, 21)): "major-13th",
    ("minor-seventh", (14, 21)): "minor-13th",
}
#: Semitones above the root -> degree and alteration, relative to a dominant thirteenth chord.
_DEGREES: Final = {
    **{9: (6, 0), 10: (7, 0), 11: (7, 1)},
    **{13: (9, -1), 14: (9, 0), 15: (9, 1), 16: (3, 0), 17: (11, 0), 18: (11, 1)},
    **{20: (13, -1), 21: (13, 0)},
}


def chord_symbol(chord: Chord, root: Spelled | None, bass: Spelled | None) -> Element:
    """The ``<harmony>`` of a chord, built from its structure and never from text.

    Args:
        chord: The chord.
        root: The name of its root; None for N.C.
        bass: The name of its slash bass; None without one.
    """
    symbol = Element("harmony")
    structure = chord.structure
    if structure is None or root is None:
        # The schema requires a root even for N.C.
        SubElement(SubElement(symbol, "root"), "root-step", text="").text = "C"
        SubElement(symbol, "kind", text="N.C.").text = "none"
        return symbol
    _add_note(symbol, "root", root)
    kind, degrees = _analyze(structure)
    # "7" with its raised and lowered tensions is drawn from its degrees by all programs. The text
    # of other chords is complete, and their degrees are only for playback.
    plain = kind == "dominant" and all(change == "add" and alter for _, alter, change in degrees)
    SubElement(symbol, "kind", text=PLAIN if plain else chord.quality).text = kind
    if bass is not None:
        _add_note(symbol, "bass", bass)
    for value, alter, change in degrees:
        degree = SubElement(symbol, "degree", {} if plain else {"print-object": "no"})
        for name, content in (("value", value), ("alter", alter), ("type", change)):
            SubElement(degree, f"degree-{name}").text = str(content)
    return symbol


def _add_note(symbol: Element, tag: str, name: Spelled) -> None:
    element = SubElement(symbol, tag)
    SubElement(element, f"{tag}-step").text = name.step
    if name.alter:
        SubElement(element, f"{tag}-alter").text = str(name.alter)


def _analyze(quality: Quality) -> tuple[str, list[tuple[int, int, str]]]:
    """The kind, and the changes to it as (degree, alteration, type)."""
    third, fifth, seventh = quality.third, quality.fifth, quality.seventh
    degrees: list[tuple[int, int, str]] = []
    if (third, fifth, seventh) not in _KINDS and fifth != 7:
        degrees.append((5, 0, "subtract") if fifth is None else (5, fifth - 7, "alter"))
        fifth = 7
    if (third, fifth, seventh) not in _KINDS and seventh is not None:
        degrees.append((*_DEGREES[seventh], "add"))
        seventh = None
    kind = _KINDS[third, fifth, seventh]
    if (kind, quality.tensions) in _LARGER and not degrees:
        return _LARGER[kind, quality.tensions], []
    degrees += [(*_DEGREES[tension], "add") for tension in quality.tensions]
    return kind, degrees
