"""Grammar: the tokens a solo is written with; their names, ids and meanings.

The order of the symbols is fixed and does not depend on any corpus, so nothing a corpus
holds is ever out of vocabulary and ids are the same in every process:

* the pitch tokens of the grammar, see ``pitch_tokens``,
* ``R`` a rest, ``8-`` and ``8+`` moves of the reference by an octave,
* ``d:<ticks>`` the notatable durations, ``T`` a tie that joins another duration.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING, final

from seqgen_jazz.encoding.pitch_tokens import WIDEST, ChordDegree, ClassInterval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqgen_jazz.encoding.pitch_tokens import PitchTokens

#: The durations that one token says, in ticks of a 24th of a quarter note: whole notes to
#: 64ths, dotted ones and triplets. Every one is one sign in notation.
DURATIONS = (1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 36, 48, 72, 96)
#: The longest sum of further durations, tied to a first one, that keeps that one the largest
#: that fits; for the last duration there is no bound.
ROOM = (*(longer - duration - 1 for duration, longer in pairwise(DURATIONS)), 1 << 30)

#: The pitch that the first interval is counted from (F sharp above middle C).
FIRST_REFERENCE = 66


class Kind(IntEnum):
    """What a token says."""

    PITCH = 0
    REST = 1
    OCTAVE = 2
    DURATION = 3
    TIE = 4


@final
class Grammar:
    """The tokens of one way to write pitches.

    Args:
        pitches: How pitches are written.
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
        #: Token id -> (kind, id of the pitch token or number of the duration, semitones or ticks).
        self.meanings = tuple(self._meaning(token) for token in range(self.end))
        #: The key of each token when a line recalls what it played; -1 for what is passed over.
        self.recalled = (
            *pitches.keys,
            -1,
            len(pitches.symbols),
            len(pitches.symbols) + 1,
            *(-1 for _ in range(self.first_duration, self.end)),
        )

    def _meaning(self, token: int) -> tuple[Kind, int, int]:
        if token < self.rest:
            return Kind.PITCH, token, 0
        if token == self.rest:
            return Kind.REST, 0, 0
        if token < self.first_duration:
            return Kind.OCTAVE, 0, 12 if token == self.octave_up else -12
        if token < self.tie:
            number = token - self.first_duration
            return Kind.DURATION, number, DURATIONS[number]
        return Kind.TIE, 0, 0

    def duration_tokens(self, ticks: int) -> list[int]:
        """The one way to write a length: the longest duration that fits, tied to the rest.

        Args:
            ticks: The length, at least 1.
        """
        tokens: list[int] = []
        for number in split_length(ticks):
            token = self.first_duration + number
            tokens += (self.tie, token) if tokens else (token,)
        return tokens

    def interval_tokens(self, interval: int) -> tuple[list[int], int]:
        """The octave moves an interval needs, the fewest, and what remains of it."""
        moves: list[int] = []
        while abs(interval) > WIDEST:
            moves.append(self.octave_up if interval > 0 else self.octave_down)
            interval -= 12 if interval > 0 else -12
        return moves, interval


def durations_that_fit(ticks: int) -> int:
    """How many of ``DURATIONS`` are at most ``ticks`` long."""
    return bisect_right(DURATIONS, ticks)


def split_length(ticks: int) -> Iterator[int]:
    """The numbers of the durations that a length is written with, the longest that fits first."""
    while ticks > 0:
        number = durations_that_fit(ticks) - 1
        ticks -= DURATIONS[number]
        yield number


CLASSIC = Grammar(ClassInterval())
DEGREES = Grammar(ChordDegree())
#: The grammars by name.
GRAMMARS = {grammar.name: grammar for grammar in (CLASSIC, DEGREES)}
