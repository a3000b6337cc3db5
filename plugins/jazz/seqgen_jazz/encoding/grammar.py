"""Grammar: the tokens that encode a solo; their names, ids and meanings.

The order of the symbols is fixed and independent of any corpus, so that no corpus has unknown
symbols and ids are the same in every process:

* the pitch tokens of the grammar, see ``pitch_tokens``,
* ``R`` a rest, ``8-`` and ``8+`` moves of the reference pitch by an octave,
* ``d:<ticks>`` the notatable durations, ``T`` a tie that adds another duration.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from enum import IntEnum
from itertools import pairwise
from typing import final

from seqgen_jazz.encoding.pitch_tokens import WIDEST, ChordDegree, ClassInterval, PitchTokens

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
