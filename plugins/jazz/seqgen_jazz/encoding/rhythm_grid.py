"""RhythmGrid: the places where notes may begin and end so that a player can sight-read them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Self, final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.grammar import DURATIONS, split_length
from seqgen_jazz.encoding.solo import Solo

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
