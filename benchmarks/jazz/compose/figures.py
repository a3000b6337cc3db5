"""The melodic vocabulary: figures in degrees of the chord, and approaches to a target.

A degree is a degree of the chord's scale (3 is the third of the chord); ``#`` and ``b`` move it
a semitone, ``'`` and ``,`` an octave. Approaches are written relative to their target: ``+d`` and
``-d`` are scale steps above and below it, ``+1`` is a semitone above, ``0`` the target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from benchmarks.jazz.compose.harmony import MIXOLYDIAN, Harmony, diatonic

#: Figures for every chord quality.
ANY = """
1 / 3 / 5 / 7 / 2 / 6
1 3 / 3 5 / 5 7 / 3 1 / 5 3 / 7 5 / 1 2 / 2 1 / 2 3 / 3 2 / 5 4 / 5 6 / 6 5 / 7 6 / 7 1'
1' 7 / 2' 7 / 6 1' / 5, 3 / 1' 5 / 7 3 / 5 2' / 3 3 / 5 5 / 1 1 / 7 7 / 1' 1 / 5 5, / 3 1'
6, 2 / 7, 2 / 4 6 / 6 4 / 2 5 / 2' 3 / 4 3 / 4 5 / 2 7, / 6 7 / 3 4 / 6 1'
1 3 5 / 3 5 7 / 5 3 1 / 7 5 3 / 5 7 2' / 2' 7 5 / 3 4 5 / 5 4 3 / 3 2 1 / 1 2 3 / 1' 7 6
7 6 5 / 5 6 5 / 3 4 3 / 1 2 1 / 2' 1' 7 / 6 7 1' / 5 6 7 / 7, 1 3 / 1' 5 3 / 5 1' 7 / 3 2 7,
5 3 5 / 5 5 6 / 6 6 5 / 2 3 5 / 7, 2 4 / 4 2 7, / 2 4 6 / 6 4 2
2 3 4 / 4 3 2 / 6 5 4 / 4 5 6 / 2 1 7, / 6 5 3 / 4 2 1
1 2 3 4 / 2 3 4 5 / 3 4 5 6 / 4 5 6 7 / 5 6 7 1' / 7, 1 2 3 / 1' 7 6 5 / 2' 1' 7 6 / 7 6 5 4
6 5 4 3 / 5 4 3 2 / 4 3 2 1 / 3 2 1 7, / 2 1 7, 6, / 6 7 1' 2' / 4, 5, 6, 7,
6, 7, 1 2 / 5, 6, 7, 1 / 4' 3' 2' 1' / 4 5 6 4 / 6 5 4 2
2 4 3 2 / 4 3 2 3 / 6 7 6 5 / 2 1 2 3 / 4 6 5 4 / 6 4 5 6 / 2' 1' 7 1' / 4 2 3 4 / 2 3 4 2
1 3 5 7 / 3 5 7 2' / 5 7 2' 4' / 7, 2 4 6 / 2 4 6 1' / 7, 1 3 5 / 5, 1 3 5 / 5, 7, 2 4
7 5 3 1 / 2' 7 5 3 / 4' 2' 7 5 / 6 4 2 7, / 5 3 1 7, / 1' 6 5 3 / 1' 5 3 1
1 2 3 5 / 5 3 2 1 / 3 5 6 1' / 6 5 3 2 / 5 6 1' 2' / 2' 1' 6 5 / 5 6 7 2'
3 4 3 2 / 5 6 5 3 / 2 3 2 7, / 7 1' 7 5 / 1 2 1 7, / 3 1 2 7, / 5 3 4 2 / 5 4 5 7
5 3 1' 7 / 3 5, 7, 2 / 7 3 4 5 / 3 1' 7 5 / 2' 3 5 4 / 1' 1 3 5 / 6 7 1' 5 / 3 7 6 5 / 7, 6 5 3
5 5 3 5 / 1 1 3 2 / 7 7 6 5 / 3 3 2 1 / 5 5 5 3 / 1 1 1 7, / 3 3 3 2 / 6 6 6 5
5 5 5 / 1 1 1 / 3 3 3 / 2 2 1 / 3 3 5 / 5 3 3
2 5 1' / 3 6 2' / 1' 5 2 / 6 3 7, / 5, 1 4 / 7, 3 6 / 2' 6 3 / 5 2 6, / 1 5 2' / 3' 6 2
6, 2 5 1' / 3 6 2' 5' / 5, 1 3 6 / 1' 5 2 6, / 2' 6 3 7, / 1 5 2' 3' / 5 2 3 7 / 3 7 2' 6
5 1' 3' 2' / 3' 1' 6 3 / 6 2' 1' 5 / 2 6 5 1' / 7 3 2 5 / 1 5 3 1' / 5 1 3 6, / 5' 3' 1' 5
"""
#: Tonic major chords.
MAJOR = """
b3 3 / 5 b5 / 6 b6 / #2 3 5 / 5 b6 6 / 6 b6 5 / 3 b3 2 / 7, 1 2 / 3 6 5 / 2 b3 3
1' 7 6 b6 / 7 6 b6 5 / 6 b6 5 3 / 5 b5 4 3 / 3 b3 2 1 / 2 b3 3 5 / 5 #5 6 7 / 6, 1 3 5 / 3 5 6 7
7 2' 1' 5 / 3 2 #1 2 / 5 #4 5 6 / 2 5, 7, 1
"""
#: Dominant sevenths.
DOMINANT = """
b3 3 / #7 1' / b7 6 / #4 5 / 5 b5 / 1' #7 7 / b3 3 5 / 3 b3 1 / 4 #4 5 / 2 b3 3 / 5 b5 4 / 7 #7 1'
1' #7 7 6 / 7 6 b6 5 / 5 b5 4 3 / 3 2 b2 1 / 2 b3 3 5 / b3 3 5 6 / 3 4 #4 5 / 6 b6 5 4
2' 1' #7 7 / 5 3 b3 2 / 3 #4 5 7 / 7 5 #4 3 / 6 7 #7 1' / 1 b3 3 6 / 3 5 b3 3
"""
#: Dominant sevenths that resolve down a fifth; degrees of the mixolydian scale.
RESOLVING = """
b2' 7 / b2' 1' / b6 5 / b2 3 / 7 b6 / b2' 7 5 / b2' b2 3 / 5 7 b2' / #2' b2' 1' / 7 b6 5 / b6 4 3
3 5 7 b2' / b2' 7 5 3 / 7 b2' 1' 7 / #2' b2' 1' 7 / b2' 1' 7 b6 / 7 b6 5 3 / b6 5 3 b2
b2' b6 4 b2 / 1' b2' 7 5 / 3 b2' 1' 7 / 5 7 b2' #2' / 7 b6 #4 3 / 1 2 3 #4 / b2 b6 5 3 / 3 5 b6 7
b6 7 b2' #2' / 5 3 b2 b7, / 3 b6 7 b2'
"""
#: Minor sevenths and sixths.
MINOR = """
#7 1' / 4 5 / 4 3 / 7 4 / 5 b5 / 4 5 7 / 5 4 3 / 7 5 4 / 4 3 1 / 1' #7 7 / 5 b5 4 / 1 #7, 1
1' #7 7 6 / 5 b5 4 3 / 3 2 1 #7, / 5 #7 1' 2' / 1 2 3 #3 / 4 5 7 1' / 1' 7 5 4 / 7 5 4 3 / 5 4 3 1
1 #7, 1 3 / 5 7 1' 3' / 4 7 3' 2' / 7, 3 4 7 / 1 4 5 7 / 2 3 5 6 / 6 5 3 1 / 2' 1' 5 3 / 7 6 #5 5
1 5 4 3 / 3 7 6 5
"""
#: Half-diminished sevenths.
HALF = """
4 5 / 5 4 / 4 5 7 / 7 5 4 / 5 6 7 1' / 1 3 4 5 / 5 4 3 1 / 7 6 5 3 / 3 5 7 1' / 3 2 1 7, / 6 5 3 1
"""
#: Diminished sevenths.
DIMINISHED = """
1 3 5 7 / 7 5 3 1 / 3 5 7 1' / 1' 7 5 3 / 3 2 1 #7, / 5 4 3 1 / 1 #7, 1 3
"""
#: Blues figures relative to the tonic of the key; degrees of the mixolydian scale.
BLUES = """
1 / b3 / 5 / 7 / 4
b3 1 / 1 b3 / 4 b3 / b3 4 / 5 4 / 7 5 / 5 7 / 1' 7 / b3 3 / 1' 5 / 1 1 / 5 5 / 3 1 / 6 5
b3 3 1 / 1 b3 4 / 4 b3 1 / 5 b5 4 / 7 5 4 / b3 1 7, / 3 1 6, / 4 b5 5 / 1' 1' 7 / b3 4 b3 / 6 1' 6
1 b3 4 b5 / 5 b5 4 b3 / 4 b3 1 7, / b3 3 1 6, / 1' 7 5 b5 / 7 5 4 b3 / b3 4 5 7 / 5 7 1' b3'
5 4 b3 1 / 6 5 3 1 / b3 1 7, 5, / b3' 1' 7 5 / 1 1 b3 1 / 5 5 b5 4 / b3 3 5 6 / 4 b3 4 5 / 2 b3 3 1
"""
#: Enclosures and chromatic approaches of a target note.
APPROACH = """
-1 / +1 / +d
+d -1 / -1 +d / -2 -1 / +2 +1 / -d +d / +3 +d
+2 +1 -1 / -2 -1 +d / 0 +d -1 / +d 0 -1 / +d -2 -1 / +3 +2 +1 / -3 -2 -1
+2 +1 -2 -1 / 0 +d 0 -1 / +3 +d -2 -1 / -d 0 +d -1 / +5 +3 +d -1 / +d -1 0 +1 / -5 +3 +d -1
"""


@dataclass(frozen=True)
class Figure:
    """A figure: its text, and the chords that it fits (a key of ``TABLES``)."""

    text: str
    family: str

    @property
    def size(self) -> int:
        """The number of notes."""
        return len(self.text.split())


TABLES = {
    "any": ANY,
    "major": MAJOR,
    "dominant": DOMINANT,
    "resolving": RESOLVING,
    "minor": MINOR,
    "half": HALF,
    "diminished": DIMINISHED,
    "blues": BLUES,
    "approach": APPROACH,
}


def families(chord: Harmony, resolves: bool) -> tuple[str, ...]:
    """The families that fit a chord; ``resolves``: the next root is a fifth below."""
    if chord.quality in ("maj7", "6"):
        return ("any", "major")
    if chord.dominant:
        if chord.quality != "7":
            return ("any", "resolving")
        return ("any", "dominant", "resolving") if resolves else ("any", "dominant")
    if chord.quality in ("m7", "m6"):
        return ("any", "minor")
    return ("any", "half" if chord.quality == "m7b5" else "diminished")


@cache
def all_texts() -> tuple[str, ...]:
    """The distinct texts of all figures of two to four notes, sorted."""
    return tuple(sorted({f.text for name in TABLES for n in (2, 3, 4) for f in figures(name, n)}))


@cache
def figures(family: str, size: int) -> tuple[Figure, ...]:
    """All figures of a family with ``size`` notes, in the order of the table."""
    texts = [" ".join(text.split()) for text in re.split(r"[/\n]", TABLES[family]) if text.strip()]
    return tuple(f for f in (Figure(text, family) for text in texts) if f.size == size)


@cache
def offsets(text: str, scale: tuple[int, ...]) -> tuple[int, ...]:
    """The semitones of a figure in degrees above the root of a chord with this scale."""
    result = []
    for token in text.split():
        found = re.fullmatch(r"([b#]*)(\d)([',]*)", token)
        if found is None:
            raise ValueError(f"cannot read degree {token!r} of figure {text!r}")
        shift = found[1].count("#") - found[1].count("b")
        octaves = found[3].count("'") - found[3].count(",")
        degree = int(found[2])
        if token.startswith("b7") and scale[6] == 10:
            shift = 0  # the seventh of this scale is flat already
        result.append(scale[degree - 1] + shift + 12 * octaves)
    return tuple(result)


def scale_for(figure: Figure, chord: Harmony) -> tuple[int, ...]:
    """The scale of a figure's degrees."""
    return MIXOLYDIAN if figure.family in ("resolving", "blues") else chord.scale


@cache
def approach(text: str, target: int, chord: Harmony) -> tuple[int, ...]:
    """The pitches of an approach to ``target`` over ``chord``."""
    result = []
    for token in text.split():
        if token.endswith("d"):
            result.append(diatonic(chord, target, 1 if token[0] == "+" else -1))
        else:
            result.append(target + int(token))
    return tuple(result)
