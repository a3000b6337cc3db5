"""The state machine of the jazz grammar, which encoder, guide and decoder share."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.grammar import (
    CLASSES,
    CLASSIC,
    FIRST_REFERENCE,
    MAX_TIED,
    Grammar,
    Kind,
    note_classes,
)
from seqgen_jazz.harmony.chord import FAMILIES, Chord

_NONE = 12  # the value of a pitch class or root motion without a chord
_CHANGE_BOUNDS = (6, 12, 24, 48, 72, 96, 192)
_END_BOUNDS = (0, 24, 48, 96, 192, 384, 768)
_REGISTER_BOUNDS = (49, 55, 61, 67, 73, 79, 85)
_UNBOUNDED = MAX_TIED[-1]
_UNKNOWN = (None, 0, 0)

#: The columns of a context row with the number of their values.
COLUMNS = {
    "ticks into the quarter": TICKS_PER_QUARTER,
    "quarters into the bar": 8,
    "quarters in the bar": 8,
    "bar modulo 4": 4,
    "ticks to the end": len(_END_BOUNDS) + 1,
    "chord": len(FAMILIES),
    "ticks to the next chord": len(_CHANGE_BOUNDS) + 2,
    "next chord": len(FAMILIES) + 1,
    "root motion to the next chord": 13,
    "reference above the root": 13,
    "register of the reference": len(_REGISTER_BOUNDS) + 1,
}


class Phase(IntEnum):
    """The kind of token that the grammar expects next."""

    EVENT = 0  # a note, a rest, a tie of the previous event, or the end
    UP = 1  # after an octave up: another one, or a note above the reference
    DOWN = 2  # after an octave down
    LENGTH = 3  # the first duration of an event
    TIED = 4  # a further duration


class GrammarState(NamedTuple):
    """The state of a line before its next token.

    Args:
        tick: Current time; the onset of the event whose duration comes next.
        reference: The pitch that the next interval counts from.
        phase: The kind of token that comes next.
        pitch: Pitch of the current event; ``RESTING`` for a rest, ``SILENT`` before the first.
        room: The longest duration that can be tied on, in ticks.
    """

    tick: int
    reference: int
    phase: Phase
    pitch: int
    room: int


RESTING, SILENT = -1, -2
START = GrammarState(0, FIRST_REFERENCE, Phase.EVENT, SILENT, 0)


@final
class ChartGrammar:
    """The transitions of the grammar over one chart. It holds no state of any line.

    Args:
        chart: The chart that is played over.
        edges: Ticks at which every note and rest ends, without a tie across.
        grammar: The tokens.
    """

    def __init__(self, chart: Chart, edges: Iterable[int] = (), grammar: Grammar = CLASSIC) -> None:
        self.ticks, self.grammar = chart.ticks, grammar
        self._stops = sorted({tick for tick in edges if 0 < tick < self.ticks} | {self.ticks})
        self._bar_starts = chart.bar_starts
        changes = [chart.changes[0]]
        for change in chart.changes[1:]:
            if change[1] != changes[-1][1]:  # a repeated chord is no change
                changes.append(change)
        self._change_ticks = [tick for tick, _ in changes]
        self._chords = [chord for _, chord in changes]
        # Caches: their values depend on the chart and the key alone.
        self._columns_by_tick: dict[int, tuple[int, ...]] = {}
        self._rows: dict[tuple[int, int], tuple[int, ...]] = {}

    def change_number(self, tick: int) -> int:
        """The index of the chord change that is in force at a tick."""
        return bisect_right(self._change_ticks, tick) - 1

    def chord(self, tick: int) -> Chord:
        """The chord that sounds at a tick."""
        return self._chords[self.change_number(tick)]

    def changed_chord(self, number: int) -> Chord:
        """The chord of a change by its index."""
        return self._chords[number]

    def is_change(self, tick: int) -> bool:
        """Whether a chord begins at a tick."""
        return self._change_ticks[self.change_number(tick)] == tick

    def step(self, state: GrammarState, token: int) -> GrammarState:
        """The state after a token.

        Raises:
            DataError: If the grammar does not allow the token there.
        """
        meanings = self.grammar.meanings
        kind, number, value = meanings[token] if 0 <= token < len(meanings) else _UNKNOWN
        if kind is Kind.DURATION:
            following = self._after_duration(state, number, value)
        elif state.tick == self.ticks or state.phase >= Phase.LENGTH:
            following = None
        elif kind is Kind.PITCH:
            following = self._after_pitch(state, number)
        else:
            following = _after_sign(state, kind, value)
        if following is None:
            raise DataError(self._refusal(state, token))
        return following

    def _after_duration(self, state: GrammarState, number: int, value: int) -> GrammarState | None:
        """The state after a duration; None if none is expected or this one is too long."""
        tick, reference, phase, pitch, room = state
        left = self.ticks_left(tick)
        if phase < Phase.LENGTH or value > room or value > left:
            return None
        if value == left:
            return GrammarState(tick + value, reference, Phase.EVENT, SILENT, 0)
        room = min(room - value, MAX_TIED[number])
        return GrammarState(tick + value, reference, Phase.EVENT, pitch, room)

    def ticks_left(self, tick: int) -> int:
        """The ticks up to the next edge or the end of the chart."""
        stops = self._stops
        return stops[min(bisect_right(stops, tick), len(stops) - 1)] - tick

    def _after_pitch(self, state: GrammarState, token: int) -> GrammarState | None:
        """The state after a pitch token; None if it is wrong for the chord or undoes a move."""
        tick, reference, phase, _, _ = state
        pitch = self.grammar.pitches.pitch(self.chord(tick), reference, token)
        if pitch is None or not 0 <= pitch <= 127:
            return None
        if (phase is Phase.UP and pitch <= reference) or (
            phase is Phase.DOWN and pitch >= reference
        ):
            return None
        return GrammarState(tick, pitch, Phase.LENGTH, pitch, _UNBOUNDED)

    def context(self, tick: int, reference: int) -> tuple[int, ...]:
        """The context row of the choice at a tick with a reference pitch, see ``COLUMNS``.

        All columns but the register are relative to the chord, so that a line in another key
        differs only in that column.
        """
        row = self._rows.get((tick, reference))
        if row is None:
            columns = self._columns_by_tick.get(tick)
            if columns is None:
                columns = self._columns_by_tick[tick] = self._tick_columns(tick)
            root = self.chord(tick).root
            above = _NONE if root < 0 else (reference - root) % 12
            row = (*columns, above, bisect_right(_REGISTER_BOUNDS, reference))
            self._rows[tick, reference] = row
        return row

    def _tick_columns(self, tick: int) -> tuple[int, ...]:
        """The columns that depend on the tick alone."""
        starts = self._bar_starts
        bar = max(min(bisect_right(starts, tick) - 1, len(starts) - 2), 0)
        start, end = starts[bar], starts[min(bar + 1, len(starts) - 1)]
        quarters, ticks = divmod(tick - start, TICKS_PER_QUARTER)
        number = self.change_number(tick)
        return (
            ticks,
            min(quarters, 7),
            min((end - start) // TICKS_PER_QUARTER, 7),
            bar % 4,
            bisect_left(_END_BOUNDS, self.ticks - tick),
            _family_index(self._chords[number]),
            *self._next_chord_columns(number, tick),
        )

    def _next_chord_columns(self, number: int, tick: int) -> tuple[int, int, int]:
        """Bucket of the time to the next chord, its family, the motion of the root to it."""
        if number + 1 == len(self._chords):
            return len(_CHANGE_BOUNDS) + 1, len(FAMILIES), _NONE
        now, following = self._chords[number], self._chords[number + 1]
        motion = _NONE if now.root < 0 or following.root < 0 else (following.root - now.root) % 12
        bucket = bisect_left(_CHANGE_BOUNDS, self._change_ticks[number + 1] - tick)
        return bucket, _family_index(following), motion

    def _refusal(self, state: GrammarState, token: int) -> str:
        symbols = self.grammar.symbols
        if not 0 <= token < len(symbols):
            return f"unknown token id {token}; the jazz grammar has 0 to {len(symbols) - 1}"
        classes = note_classes(self.chord(min(state.tick, self.ticks)))
        return (
            f"the jazz grammar does not allow {symbols[token]!r} at tick {state.tick} of "
            f"{self.ticks} (expecting {state.phase.name}, reference {state.reference}, "
            f"classes of C to B: {''.join(CLASSES[number] for number in classes)})"
        )


def _after_sign(state: GrammarState, kind: Kind | None, value: int) -> GrammarState | None:
    """The state after an octave move, a rest or a tie; None if it is not allowed."""
    tick, reference, phase, pitch, room = state
    if kind is Kind.OCTAVE:
        direction = Phase.UP if value > 0 else Phase.DOWN
        if phase in (Phase.EVENT, direction):
            return GrammarState(tick, reference + value, direction, pitch, 0)
    elif phase is Phase.EVENT:
        if kind is Kind.REST and pitch != RESTING:
            return GrammarState(tick, reference, Phase.LENGTH, RESTING, _UNBOUNDED)
        if kind is Kind.TIE and room > 0:
            return GrammarState(tick, reference, Phase.TIED, pitch, room)
    return None


@lru_cache(maxsize=4096)
def _family_index(chord: Chord) -> int:
    return FAMILIES.index(chord.family)
