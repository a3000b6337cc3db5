"""The state machine of the jazz grammar, and the grid of its rhythms."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, Self, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.encoding.solo_tokens import (
    CLASSES,
    CLASSIC,
    DURATIONS,
    FIRST_REFERENCE,
    MAX_TIED,
    Grammar,
    Kind,
    note_classes,
    split_length,
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


#: The period of the grid, in ticks.
BEAT = TICKS_PER_QUARTER
#: Divisions of a beat at usual tempos, and at tempos too fast for them.
_DIVISIONS, _FAST_DIVISIONS = (4, 3), (2, 3)
_SIXTEENTH, _FAST_STEP = BEAT // max(_DIVISIONS), BEAT // max(_FAST_DIVISIONS)
#: Finer grids for ornaments by their step: thirty-seconds and triplets of half a beat.
_EVEN = BEAT // 8
_FINE = {size: frozenset(range(0, BEAT, size)) for size in (_EVEN, BEAT // 6)}
#: The shortest note in milliseconds: in a run of sixteenths, and in an ornament.
_SHORTEST_RUN, _SHORTEST_ORNAMENT = 60.0, 42.0


@final
class RhythmGrid:
    """The durations allowed from each place in a beat, which is divided by four or by three.

    Ornaments use finer grids. They consist of steps of one size, so that no line stays off the
    beat.

    Args:
        shortest: The shortest step in ticks: 3 and 4 allow ornaments, 6 none, and with 8 or 12 a
            beat is divided by two or by three.
        triplets: Whether a beat and its halves may be divided by three.
    """

    def __init__(self, shortest: int = min(_FINE), triplets: bool = True) -> None:
        divisions = _DIVISIONS if shortest <= _SIXTEENTH else _FAST_DIVISIONS
        self._coarse = tuple(
            frozenset(range(0, BEAT, BEAT // number))
            for number in divisions
            if triplets or number != 3
        )
        self._fine = {
            size: grid
            for size, grid in _FINE.items()
            if size >= shortest and (triplets or size == _EVEN)
        }
        on_grid = frozenset().union(*self._coarse, *self._fine.values())
        self._first = tuple(
            # A fixed part may end off the grid: from there, any coarse place is allowed.
            _allowed(place, self._stays_on_grid if place in on_grid else self._reaches_coarse)
            for place in range(BEAT)
        )
        # A tie adds the rest of a length, whose sum may cross from one coarse grid to the other.
        self._tied = tuple(_allowed(place, self._is_tie_step) for place in range(BEAT))
        #: From every place on the grid there is a step of at most this many ticks.
        self.shortest_step = max(DURATIONS[min(self._first[place])] for place in on_grid)

    @classmethod
    def for_chart(cls, chart: Chart, tempo: float, ornaments: bool = True) -> Self | None:
        """The finest playable grid over a chart, counted from its first full bar; None if bars end
        off every grid.

        No ornament is under 42 ms, and no note of a run under 60 ms. Where bars end within a beat
        (7/8, 9/8) there are no triplets: the sixteenths, or eighths, are the same in every bar.

        Args:
            chart: The chart that is played over.
            tempo: Quarter notes per minute.
            ornaments: Whether ornaments are allowed.
        """
        tick, triplets = 60_000 / (tempo * BEAT), has_full_beats(chart)
        fine = [size for size in _FINE if ornaments and size * tick >= _SHORTEST_ORNAMENT]
        run = _SIXTEENTH if _SIXTEENTH * tick >= _SHORTEST_RUN else _FAST_STEP
        grid = cls(min([*fine, run]), triplets)
        return grid if triplets or grid.contains_bars(chart) else None

    def contains_bars(self, chart: Chart) -> bool:
        """Whether every bar begins on the coarse grid, counted from the first full bar."""
        first = chart.first_full_bar
        return all(self._reaches_coarse(-first, start) for start in chart.bar_starts)

    def is_step(self, tick: int, number: int, tied: bool) -> bool:
        """Whether a duration leads to a tick where the next event may begin.

        Args:
            tick: Start of the duration, counted from the start of a beat.
            number: Its index in ``DURATIONS``.
            tied: Whether it is tied to another one.
        """
        return number in (self._tied if tied else self._first)[tick % BEAT]

    def select_steps(self, tick: int, numbers: list[int], tied: bool) -> list[int]:
        """The durations of ``numbers`` that are steps, see ``is_step``; all if none is."""
        return [number for number in numbers if self.is_step(tick, number, tied)] or numbers

    def count_off_grid(self, solo: Solo) -> tuple[int, int]:
        """How many durations of a solo are no steps, and how many durations it has."""
        steps, first = [], solo.chart.first_full_bar
        for onset, end, _ in solo.events():
            tick = onset
            for number in split_length(end - onset):
                steps.append(self.is_step(tick - first, number, tick > onset))
                tick += DURATIONS[number]
        return steps.count(False), len(steps)

    def _stays_on_grid(self, place: int, ticks: int) -> bool:
        """Whether a duration leads from a place on a grid to another place on the same grid."""
        grids = (*self._coarse, self._fine.get(ticks, frozenset()))
        return any(place in grid and (place + ticks) % BEAT in grid for grid in grids)

    def _is_tie_step(self, place: int, ticks: int) -> bool:
        """Whether a further duration leads to a coarse place, or along one fine grid."""
        end = (place + ticks) % BEAT
        along = any(place in grid and end in grid for grid in self._fine.values())
        return along or self._reaches_coarse(place, ticks)

    def _reaches_coarse(self, place: int, ticks: int) -> bool:
        return any((place + ticks) % BEAT in grid for grid in self._coarse)


def count_off_grid(solo: Solo) -> tuple[int, int]:
    """How many durations of a solo are off the finest grid of its chart, and how many durations it
    has; (0, 0) if its bars end off every grid."""
    triplets = has_full_beats(solo.chart)
    grid = _finest(triplets)
    return grid.count_off_grid(solo) if triplets or grid.contains_bars(solo.chart) else (0, 0)


@lru_cache(maxsize=2)
def _finest(triplets: bool) -> RhythmGrid:
    return RhythmGrid(triplets=triplets)


def has_full_beats(chart: Chart) -> bool:
    """Whether every bar after the pickup begins on a beat, counted from the first full bar. A bar
    that ends within a beat shifts the bars after it."""
    starts = chart.bar_starts[chart.pickup :]
    return not any((start - starts[0]) % BEAT for start in starts)


def _allowed(place: int, is_allowed: Callable[[int, int], bool]) -> frozenset[int]:
    """The indices of the durations that are allowed from a place."""
    return frozenset(number for number, ticks in enumerate(DURATIONS) if is_allowed(place, ticks))
