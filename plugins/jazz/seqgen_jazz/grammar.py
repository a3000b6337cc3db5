"""The tokens of the jazz grammar: what each one is called, which id it has, what it means.

The order of the symbols is fixed here and does not depend on any corpus, so nothing a corpus
holds is ever out of vocabulary and ids are the same in every process:

* ids 0-99: pitch tokens ``<class>:<interval>``, classes C, S, A, X, intervals -12 to +12,
* ``R`` a rest, ``8-`` and ``8+`` moves of the reference by an octave,
* ``d:<ticks>`` the notatable durations, ``T`` a tie that joins another duration.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen_jazz.chord import Chord

#: Chord tone, scale tone, approach (a semitone from a chord tone), other. The first that
#: fits is the class of a note, as in the classic grammar.
CLASSES = "CSAX"
#: The widest interval that one pitch token says, in semitones; further ones take octave moves.
WIDEST = 12
_SPAN = 2 * WIDEST + 1

#: The durations that one token says, in ticks of a 24th of a quarter note: whole notes to
#: 64ths, dotted ones and triplets. Every one is one sign in notation.
DURATIONS = (1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 36, 48, 72, 96)
#: The longest sum of further durations, tied to a first one, that keeps that one the largest
#: that fits; for the last duration there is no bound.
ROOM = (*(longer - duration - 1 for duration, longer in pairwise(DURATIONS)), 1 << 30)

#: The pitch that the first interval is counted from (F sharp above middle C).
FIRST_REFERENCE = 66

REST = len(CLASSES) * _SPAN
OCTAVE_DOWN = REST + 1
OCTAVE_UP = REST + 2
FIRST_DURATION = REST + 3
TIE = FIRST_DURATION + len(DURATIONS)

SYMBOLS = (
    *(f"{letter}:{step:+d}" for letter in CLASSES for step in range(-WIDEST, WIDEST + 1)),
    "R",
    "8-",
    "8+",
    *(f"d:{duration}" for duration in DURATIONS),
    "T",
)


class Kind(IntEnum):
    """What a token says."""

    PITCH = 0
    REST = 1
    OCTAVE = 2
    DURATION = 3
    TIE = 4


def _meaning(token: int) -> tuple[Kind, int, int]:
    if token < REST:
        return Kind.PITCH, token // _SPAN, token % _SPAN - WIDEST
    if token == REST:
        return Kind.REST, 0, 0
    if token < FIRST_DURATION:
        return Kind.OCTAVE, 0, 12 if token == OCTAVE_UP else -12
    if token < TIE:
        return Kind.DURATION, token - FIRST_DURATION, DURATIONS[token - FIRST_DURATION]
    return Kind.TIE, 0, 0


#: The key of each token when a line recalls what it played: intervals and octave moves.
RECALLED = (
    *(token % _SPAN for token in range(REST)),
    -1,
    _SPAN,
    _SPAN + 1,
    *(-1 for _ in range(FIRST_DURATION, len(SYMBOLS))),
)

#: Token id -> (kind, class number or number of the duration, semitones or ticks).
MEANINGS = tuple(_meaning(token) for token in range(len(SYMBOLS)))


def pitch_token(class_number: int, interval: int) -> int:
    """The id of a pitch token; ``interval`` in -12 to +12."""
    return class_number * _SPAN + interval + WIDEST


def durations_that_fit(ticks: int) -> int:
    """How many of ``DURATIONS`` are at most ``ticks`` long."""
    return bisect_right(DURATIONS, ticks)


def duration_tokens(ticks: int) -> list[int]:
    """The one way to write a length: the longest duration that fits, tied to the rest.

    Args:
        ticks: The length, at least 1.
    """
    tokens: list[int] = []
    while ticks > 0:
        number = durations_that_fit(ticks) - 1
        ticks -= DURATIONS[number]
        tokens += (TIE, FIRST_DURATION + number) if tokens else (FIRST_DURATION + number,)
    return tokens


def interval_tokens(interval: int) -> tuple[list[int], int]:
    """The octave moves an interval needs, the fewest, and what remains of it."""
    moves: list[int] = []
    while abs(interval) > WIDEST:
        moves.append(OCTAVE_UP if interval > 0 else OCTAVE_DOWN)
        interval -= 12 if interval > 0 else -12
    return moves, interval


@lru_cache(maxsize=4096)
def classes_of(chord: Chord) -> tuple[int, ...]:
    """The class number of each of the 12 pitch classes while ``chord`` sounds.

    Spelling plays no part, only pitch classes do: G sharp and A flat are of one class. With
    no chord every note is X, for there is nothing to be a tone of.
    """
    if chord.root < 0:
        return (CLASSES.index("X"),) * 12
    tones, scale = set(chord.chord_tones), set(chord.scale)
    approaches = {(tone + step) % 12 for tone in tones for step in (-1, 1)}
    ranked = (tones, scale, approaches, set(range(12)))
    return tuple(next(n for n, group in enumerate(ranked) if pc in group) for pc in range(12))
