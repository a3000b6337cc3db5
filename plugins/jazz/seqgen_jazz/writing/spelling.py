"""Spelling: a MIDI pitch as letter, accidental and octave, by the chord it sounds over."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from seqgen_jazz.chord import NAMES

if TYPE_CHECKING:
    from seqgen_jazz.chord import Chord

_LETTERS = "CDEFGAB"
_NATURAL = (0, 2, 4, 5, 7, 9, 11)
#: Letters above the root for each number of semitones: a minor third is a third, not a raised
#: second; 6 and 8 depend on the chord.
_STEPS = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)


class Spelled(NamedTuple):
    """A note name: ``step`` C to B, ``alter`` -1 flat, 0 or 1 sharp, ``octave`` (C4 is 60)."""

    step: str
    alter: int
    octave: int


def spell(pitch: int, chord: Chord) -> Spelled:
    """The name of a pitch over a chord: by its degree, but no double accidentals, E# or Cb."""
    root = chord.root
    if root >= 0:
        above = (pitch - root) % 12
        letter = (_LETTERS.index(NAMES[root][0]) + _steps(above, chord)) % 7
        alter = (pitch - _NATURAL[letter] + 6) % 12 - 6
        plain = alter == 0 or (abs(alter) == 1 and pitch % 12 not in _NATURAL)
        if plain:
            return _named(pitch, letter, alter)
    name = NAMES[pitch % 12]
    return _named(pitch, _LETTERS.index(name[0]), {"b": -1, "#": 1}.get(name[1:], 0))


def _steps(above: int, chord: Chord) -> int:
    """How many letters lie between the root and a note some semitones above it."""
    if above == 6:
        # A flat fifth where the chord has one; else a raised fourth.
        return 4 if 6 in chord.intervals else 3
    if above == 8:
        return 4 if 8 in chord.intervals else 5
    return _STEPS[above]


def _named(pitch: int, letter: int, alter: int) -> Spelled:
    return Spelled(_LETTERS[letter], alter, (pitch - alter) // 12 - 1)
