"""Grammar: the tokens that encode a solo; their names, ids and meanings.

The order of the symbols is fixed and independent of any corpus, so that no corpus has unknown
symbols and ids are the same in every process:

* the pitch tokens of the grammar, one for each interval of an octave (``PitchTokens``),
* ``R`` a rest, ``8-`` and ``8+`` moves of the reference pitch by an octave,
* ``d:<ticks>`` the notatable durations, ``T`` a tie that adds another duration.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
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


#: The durations of one token, in ticks of a 24th of a quarter note: whole notes to 64ths, dotted
#: ones and triplets. Each is one sign in notation.
DURATIONS = (1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 36, 48, 72, 96)
#: For each duration, the longest total of further durations tied to it for which it is still the
#: longest that fits; the last duration has no bound.
MAX_TIED = (*(longer - duration - 1 for duration, longer in pairwise(DURATIONS)), 1 << 30)
#: The reference pitch of the first interval (F sharp above middle C).
FIRST_REFERENCE = 66


class Kind(IntEnum):
    """The kinds of tokens."""

    PITCH = 0
    REST = 1
    OCTAVE = 2
    DURATION = 3
    TIE = 4


@final
class Grammar:
    """The tokens of one pitch encoding.

    Args:
        pitches: Its pitch tokens.
    """

    def __init__(self, pitches: PitchTokens) -> None:
        self.pitches = pitches
        self.name = pitches.name
        self.rest = len(pitches.symbols)
        self.octave_down, self.octave_up = self.rest + 1, self.rest + 2
        self.first_duration = self.rest + 3
        self.tie = self.first_duration + len(DURATIONS)
        durations = (f"d:{duration}" for duration in DURATIONS)
        self.symbols = (*pitches.symbols, "R", "8-", "8+", *durations, "T")
        #: The id of the end token.
        self.end = len(self.symbols)
        #: Token id -> (kind, id of the pitch token or index of the duration, semitones or ticks).
        self.meanings: tuple[tuple[Kind, int, int], ...] = (
            *((Kind.PITCH, token, 0) for token in range(self.rest)),
            (Kind.REST, 0, 0),
            (Kind.OCTAVE, 0, -12),
            (Kind.OCTAVE, 0, 12),
            *((Kind.DURATION, number, ticks) for number, ticks in enumerate(DURATIONS)),
            (Kind.TIE, 0, 0),
        )
        #: The key of each token for the continuous cache; -1 for tokens that it skips.
        self.cache_keys = (
            *(*pitches.keys, -1, self.rest, self.rest + 1),
            *(-1 for _ in range(self.first_duration, self.end)),
        )

    def duration_tokens(self, ticks: int) -> list[int]:
        """The unique encoding of a length of at least 1: the longest duration that fits, tied to
        the encoding of the rest."""
        tokens: list[int] = []
        for number in split_length(ticks):
            token = self.first_duration + number
            tokens += (self.tie, token) if tokens else (token,)
        return tokens

    def interval_tokens(self, interval: int) -> tuple[list[int], int]:
        """The minimal octave moves of an interval, and the remaining interval."""
        moves: list[int] = []
        while abs(interval) > WIDEST:
            moves.append(self.octave_up if interval > 0 else self.octave_down)
            interval -= 12 if interval > 0 else -12
        return moves, interval


def longest_duration(ticks: int) -> int:
    """The index of the longest of ``DURATIONS`` that is at most ``ticks`` long; -1 for none."""
    return bisect_right(DURATIONS, ticks) - 1


def split_length(ticks: int) -> Iterator[int]:
    """The indices of the durations that encode a length, the longest that fits first."""
    while ticks > 0:
        number = longest_duration(ticks)
        ticks -= DURATIONS[number]
        yield number


CLASSIC = Grammar(ClassInterval())
DEGREES = Grammar(ChordDegree())
#: The grammars by name.
GRAMMARS = {grammar.name: grammar for grammar in (CLASSIC, DEGREES)}
