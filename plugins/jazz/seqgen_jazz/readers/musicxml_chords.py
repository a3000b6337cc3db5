"""Chord symbols of MusicXML: built from root, kind, degrees and bass, never from music21's text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.harmony.chord import NO_CHORD, Chord, make_chord
from seqgen_jazz.harmony.chord_parser import MUSICXML_KINDS, parse_chord, parse_quality
from seqgen_jazz.harmony.chord_quality import TENSIONS, Quality

_NATURAL: Final = {2: "9", 4: "11", 6: "13", 9: "9", 11: "11", 13: "13"}
_SIGNS: Final = {-1: "b", 0: "", 1: "#"}


def chord_of(symbol: Any) -> Chord:
    """The chord of a music21 ``Harmony`` object read from MusicXML.

    Raises:
        DataError: It has no root (a function such as "V"), or a kind without a meaning.
    """
    kind = str(getattr(symbol, "chordKind", "none"))
    if kind == "none" or type(symbol).__name__ == "NoChord":
        return NO_CHORD
    try:
        root, bass = symbol.root().pitchClass, symbol.bass().pitchClass
    except Exception as error:  # music21 recurses without end on a chord that has no root
        raise DataError("a chord symbol has no root note") from error
    return build_chord(
        root,
        kind,
        str(symbol.chordKindStr or ""),
        (_degree(change) for change in symbol.chordStepModifications),
        bass,
    )


def build_chord(
    root: int, kind: str, text: str, degrees: Iterable[tuple[str, int, int]], bass: int | None
) -> Chord:
    """A chord from the fields of MusicXML's ``<harmony>``.

    Args:
        root: Pitch class.
        kind: The ``<kind>``; for one that names no chord ("other"), ``text`` is read instead.
        text: The ``text`` attribute of the kind.
        degrees: ``(type, degree, alteration in semitones)``; type is add, alter or subtract.
        bass: Pitch class of the bass.

    Raises:
        DataError: Neither kind nor text, or one of the degrees, has a meaning.
    """
    if kind in MUSICXML_KINDS:
        quality = parse_quality(MUSICXML_KINDS[kind])
    elif text:
        quality = parse_chord("C" + text).structure or parse_quality("")
    else:
        raise DataError(f"a chord symbol is of the kind {kind!r}, which names no chord")
    for change, degree, shift in degrees:
        quality = _changed(quality, change, degree, shift)
    return make_chord(root, quality, bass)


def _degree(change: Any) -> tuple[str, int, int]:
    interval = change.interval
    shift = getattr(interval, "semitones", interval) or 0
    return str(change.modType), int(change.degree), int(shift)


def _changed(quality: Quality, change: str, degree: int, shift: int) -> Quality:
    third, fifth, seventh = quality.third, quality.fifth, quality.seventh
    tensions = set(quality.tensions)
    gone = change == "subtract"
    if degree == 3:
        third = None if gone else (3 if shift < 0 else 4)
    elif degree == 5:
        fifth = None if gone else 7 + shift
    elif degree == 7:
        # An added seventh counts from the dominant's; some programs write its flat as -1.
        seventh = None if gone else (11 if shift > 0 else 10)
    elif degree == 6 and seventh is None and not gone:
        seventh = 9 + shift
    elif degree in _NATURAL:
        if change in ("alter", "subtract"):
            tensions.discard(TENSIONS[_NATURAL[degree]])
        if not gone:
            tensions.add(TENSIONS.get(_SIGNS.get(shift, "?") + _NATURAL[degree], 0))
    else:
        raise DataError(f"a chord symbol changes degree {degree}, which has no meaning")
    if 0 in tensions or fifth not in (None, 6, 7, 8) or seventh not in (None, 9, 10, 11):
        raise DataError(f"a chord symbol has degree {degree} altered by {shift} semitones")
    return Quality.make(third, fifth, seventh, tensions)
