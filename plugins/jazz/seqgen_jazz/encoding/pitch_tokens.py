"""Pitch tokens: how the pitch of a note is encoded, one token for each interval of an octave."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import ClassVar, final

from seqgen_jazz.harmony.chord import Chord

#: The widest interval of one pitch token, in semitones; wider ones take octave moves.
WIDEST = 12
#: Classes of notes: chord tone, scale tone, approach (a semitone from a chord tone), other. A note
#: has the first class that fits, as in the classic grammar.
CLASSES = "CSAX"
_SPAN = 2 * WIDEST + 1
#: The names of the pitch classes above the root of a chord.
_DEGREES = ("1", "b2", "2", "b3", "3", "4", "b5", "5", "b6", "6", "b7", "7")


class PitchTokens(ABC):
    """The pitch tokens of a grammar; their ids are 0 to ``len(symbols) - 1``.

    Over one chord and from one reference pitch, each pitch within ``WIDEST`` semitones has exactly
    one token.
    """

    name: ClassVar[str]
    symbols: ClassVar[tuple[str, ...]]
    #: The key of each token for the continuous cache: tokens with one key count as equal.
    keys: ClassVar[tuple[int, ...]]

    @abstractmethod
    def token(self, chord: Chord, reference: int, pitch: int) -> int:
        """The token of a pitch at most ``WIDEST`` from the reference."""

    @abstractmethod
    def pitch(self, chord: Chord, reference: int, token: int) -> int | None:
        """The pitch of a token; None if the token is not the one of that pitch."""


@final
class ClassInterval(PitchTokens):
    """The classic grammar: class relative to the chord, and interval from the reference.

    ``C:+3`` is a chord tone three semitones up.
    """

    name = "classic"
    symbols = tuple(
        f"{letter}:{step:+d}" for letter in CLASSES for step in range(-WIDEST, WIDEST + 1)
    )
    keys = tuple(token % _SPAN for token in range(len(CLASSES) * _SPAN))

    def token(self, chord: Chord, reference: int, pitch: int) -> int:
        return note_classes(chord)[pitch % 12] * _SPAN + pitch - reference + WIDEST

    def pitch(self, chord: Chord, reference: int, token: int) -> int | None:
        number, step = divmod(token, _SPAN)
        pitch = reference + step - WIDEST
        return pitch if note_classes(chord)[pitch % 12] == number else None


@final
class ChordDegree(PitchTokens):
    """The degree above the root of the chord, and the direction.

    ``b7+`` is the nearest minor seventh of the chord above the reference, ``b7-`` the nearest
    below, ``=`` the reference itself. Without a chord, degrees count from the reference.
    """

    name = "degrees"
    symbols = ("=", *(f"{degree}{direction}" for direction in "+-" for degree in _DEGREES))
    keys = tuple(range(1 + 2 * 12))

    def token(self, chord: Chord, reference: int, pitch: int) -> int:
        if pitch == reference:
            return 0
        degree = (pitch - _root(chord, reference)) % 12
        return 1 + degree + (0 if pitch > reference else 12)

    def pitch(self, chord: Chord, reference: int, token: int) -> int | None:
        if token == 0:
            return reference
        direction, degree = divmod(token - 1, 12)
        above = (degree - (reference - _root(chord, reference))) % 12 or 12
        return reference + above if direction == 0 else reference + (above % 12) - 12


def _root(chord: Chord, reference: int) -> int:
    return reference if chord.root < 0 else chord.root


@lru_cache(maxsize=4096)
def note_classes(chord: Chord) -> tuple[int, ...]:
    """The index in ``CLASSES`` of each of the 12 pitch classes over ``chord``.

    Spelling does not matter: G sharp and A flat have one class. Without a chord, every note is X.
    """
    if chord.root < 0:
        return (CLASSES.index("X"),) * 12
    tones, scale = set(chord.chord_tones), set(chord.scale)
    approaches = {(tone + step) % 12 for tone in tones for step in (-1, 1)}
    groups = (tones, scale, approaches, set(range(12)))
    return tuple(next(n for n, group in enumerate(groups) if pc in group) for pc in range(12))
