"""Chords of the book: scales, chord tones, spelling and transposition of the roots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property

#: Letters on the line of fifths; position 0 is C.
FIFTHS = "FCGDAEB"

MIXOLYDIAN = (0, 2, 4, 5, 7, 9, 10)
#: The seven-note scale that a line uses over each chord quality, degree 1 first.
SCALES = {
    "maj7": (0, 2, 4, 5, 7, 9, 11),
    "6": (0, 2, 4, 5, 7, 9, 11),
    "7": MIXOLYDIAN,
    "7b9": (0, 1, 4, 5, 7, 8, 10),
    "m7": (0, 2, 3, 5, 7, 9, 10),
    "m6": (0, 2, 3, 5, 7, 9, 11),
    "m7b5": (0, 1, 3, 5, 6, 8, 10),
    "dim7": (0, 2, 3, 5, 6, 8, 9),
}
#: Semitones of root, third, fifth and sixth or seventh.
TONES = {
    "maj7": (0, 4, 7, 11),
    "6": (0, 4, 7, 9),
    "7": (0, 4, 7, 10),
    "7b9": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "m6": (0, 3, 7, 9),
    "m7b5": (0, 3, 6, 10),
    "dim7": (0, 3, 6, 9),
}


def fifths_position(name: str) -> int:
    """The position of a note name such as ``Bb`` on the line of fifths (C is 0, Bb is -2)."""
    return FIFTHS.index(name[0]) - 1 + 7 * (name.count("#") - name.count("b"))


def spell(position: int) -> str:
    """The note name at a position on the line of fifths."""
    sharps, index = divmod(position + 1, 7)
    return FIFTHS[index] + ("#" * sharps if sharps >= 0 else "b" * -sharps)


def _readable(position: int, flattest: int, sharpest: int) -> int:
    """The same pitch class without double accidentals, Cb, Fb, E# or B#."""
    while position < flattest:
        position += 12
    while position > sharpest:
        position -= 12
    return position


@dataclass(frozen=True)
class Harmony:
    """A chord: the position of its root on the line of fifths, and its quality."""

    position: int
    quality: str

    @property
    def symbol(self) -> str:
        """The chord as text, for example ``F7b9``."""
        return spell(self.position) + self.quality

    @cached_property
    def root(self) -> int:
        """Pitch class of the root."""
        return self.position * 7 % 12

    @cached_property
    def scale(self) -> tuple[int, ...]:
        """Semitones of the chord's scale above the root."""
        return SCALES[self.quality]

    @cached_property
    def tones(self) -> frozenset[int]:
        """Pitch classes of the chord tones."""
        return frozenset((self.root + i) % 12 for i in TONES[self.quality])

    @cached_property
    def guides(self) -> frozenset[int]:
        """Pitch classes of the third and the sixth or seventh."""
        _, third, _, seventh = TONES[self.quality]
        return frozenset(((self.root + third) % 12, (self.root + seventh) % 12))

    @cached_property
    def colours(self) -> frozenset[int]:
        """Pitch classes of scale notes that fit on a beat like chord tones."""
        minor = TONES[self.quality][1] == 3
        degrees = (1, 5, 3) if minor else (1, 5)
        return frozenset((self.root + self.scale[d]) % 12 for d in degrees)

    @property
    def dominant(self) -> bool:
        """Whether the chord is a dominant seventh."""
        return self.quality in ("7", "7b9")


@cache
def harmony(symbol: str, fifths: int = 0) -> Harmony:
    """Parse a chord (``Bb7``) and transpose it by ``fifths`` steps on the line of fifths."""
    match = re.fullmatch(r"([A-G][b#]?)(.*)", symbol)
    if match is None or match[2] not in SCALES:
        raise ValueError(f"unknown chord {symbol!r}")
    position = fifths_position(match[1]) + fifths
    return Harmony(_readable(position, -6, 8), match[2])


@cache
def scale_pitches(root: int, scale: tuple[int, ...]) -> tuple[int, ...]:
    """All MIDI pitches of a scale on ``root``, ascending."""
    classes = {(root + step) % 12 for step in scale}
    return tuple(pitch for pitch in range(128) if pitch % 12 in classes)


def diatonic(chord: Harmony, pitch: int, steps: int) -> int:
    """The pitch ``steps`` scale steps above ``pitch`` (below for negative) in the chord's scale."""
    ladder = scale_pitches(chord.root, chord.scale)
    if steps > 0:
        return [p for p in ladder if p > pitch][steps - 1]
    return [p for p in ladder if p < pitch][steps]


def spell_pitch(pitch: int, chord: Harmony, following: int | None) -> tuple[str, int, int]:
    """Spell a MIDI pitch over a chord as (letter, accidental, octave); octave 4 begins at middle C.

    A chromatic note before a higher note is spelled with a sharp if possible.
    """
    up = following is not None and following > pitch
    low = chord.position - (5 if up and chord.quality != "m7b5" else 6)
    if chord.quality == "7b9":
        low = chord.position - 5
    position = low + (pitch * 7 - low) % 12
    name = spell(_readable(position, -6, 10))
    accidental = name.count("#") - name.count("b")
    return name[0], accidental, (pitch - accidental) // 12 - 1
