"""RhythmGrid: where notes may begin and end so that a player can read them at sight."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Self, final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.grammar import DURATIONS, split_length

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.solo import Solo

#: The grid comes again after a beat, in ticks.
BEAT = TICKS_PER_QUARTER
#: Into how many parts a beat is parted, one way or the other; and where those are too fast to play.
_PARTS, _FAST = (4, 3), (2, 3)
#: Finer grids by their step: thirty-seconds and triplets of half a beat.
_EVEN = BEAT // 8
_FINE = {size: frozenset(range(0, BEAT, size)) for size in (_EVEN, BEAT // 6)}
#: The least that a note lasts, in milliseconds: in a run of sixteenths, and in an ornament.
_RUN, _ORNAMENT = 60.0, 42.0


@final
class RhythmGrid:
    """The steps from each place in a beat. A beat is parted by four, or by three.

    Once more they are parted for ornaments, which come in steps of their own size, as figures
    do, so that no line stays beside the beat.

    Args:
        shortest: The ticks of the shortest step: 3 and 4 are ornaments, with 6 there are none,
            and with 8 or 12 a beat is parted by two, or by three.
        triplets: Whether a beat may be parted by three, and its halves.
    """

    def __init__(self, shortest: int = min(_FINE), triplets: bool = True) -> None:
        slow = shortest <= BEAT // max(_PARTS)
        parts = [number for number in (_PARTS if slow else _FAST) if triplets or number != 3]
        self._coarse = tuple(frozenset(range(0, BEAT, BEAT // number)) for number in parts)
        self._fine = {
            size: grid
            for size, grid in _FINE.items()
            if size >= shortest and (triplets or size == _EVEN)
        }
        on = frozenset().union(*self._coarse, *self._fine.values())
        self._first = tuple(
            # What is given may stand off the grid: from there any coarse place will do.
            _numbers(place, lambda p, t: self._leads(p, t) if p in on else self._is_coarse(p + t))
            for place in range(BEAT)
        )
        # A tie says the rest of a length, whose sum may pass from one coarse grid to the other.
        self._tied = tuple(_numbers(place, self._is_tied) for place in range(BEAT))
        #: From every place on the grid there is a step of so many ticks, or of fewer.
        self.least = max(DURATIONS[min(self._first[place])] for place in on)

    @classmethod
    def at(cls, tempo: float, ornaments: bool = True, triplets: bool = True) -> Self:
        """What can be played at a tempo: no ornament under 42 ms, and no run of notes under 60.

        Args:
            tempo: Quarter notes a minute.
            ornaments: Whether there may be any.
            triplets: Whether there may be any.
        """
        tick = 60_000 / (tempo * BEAT)
        fine = [size for size in _FINE if ornaments and size * tick >= _ORNAMENT]
        run = BEAT // max(_PARTS)
        return cls(min([*fine, run if run * tick >= _RUN else BEAT // max(_FAST)]), triplets)

    @classmethod
    def over(cls, chart: Chart, tempo: float, ornaments: bool = True) -> Self | None:
        """What can be played over a chart, counted from ``first_beat``; None where bars end off
        every grid.

        Where bars end within a beat (7/8, 9/8) there are no triplets: the sixteenths, or eighths,
        are the same in every bar.

        Args:
            chart: What is played over.
            tempo: Quarter notes a minute.
            ornaments: Whether there may be any.
        """
        triplets = has_beats(chart)
        grid = cls.at(tempo, ornaments, triplets)
        return grid if triplets or grid.holds_bars(chart) else None

    def holds_bars(self, chart: Chart) -> bool:
        """Whether every bar begins where a beat may be parted, counted from ``first_beat``."""
        first = first_beat(chart)
        return all(self._is_coarse(start - first) for start in chart.bar_starts)

    def is_step(self, tick: int, number: int, tied: bool) -> bool:
        """Whether a duration leads from a tick to one where the next event may begin.

        Args:
            tick: Now, counted from the start of a beat.
            number: Of the duration in ``DURATIONS``.
            tied: Whether it is joined to another one.
        """
        return number in (self._tied if tied else self._first)[tick % BEAT]

    def steps(self, tick: int, numbers: list[int], tied: bool) -> list[int]:
        """Those of some durations that are steps; all, where none is.

        Args:
            tick: As for ``is_step``.
            numbers: Of the durations, ascending.
            tied: As for ``is_step``.
        """
        return [number for number in numbers if self.is_step(tick, number, tied)] or numbers

    def breaks(self, solo: Solo) -> tuple[int, int]:
        """How many durations of a solo are no steps, and how many it has."""
        steps, first = [], first_beat(solo.chart)
        for onset, ticks in _lengths(solo):
            tick = onset
            for number in split_length(ticks):
                steps.append(self.is_step(tick - first, number, tick > onset))
                tick += DURATIONS[number]
        return steps.count(False), len(steps)

    def _leads(self, place: int, ticks: int) -> bool:
        """Whether a duration leads from a place on a grid to another place on the same one."""
        grids = (*self._coarse, self._fine.get(ticks, frozenset()))
        reached = (place + ticks) % BEAT
        return any(place in grid and reached in grid for grid in grids)

    def _is_tied(self, place: int, ticks: int) -> bool:
        """Whether a further duration leads to a coarse place, or on along one fine grid."""
        reached = (place + ticks) % BEAT
        along = any(place in grid and reached in grid for grid in self._fine.values())
        return self._is_coarse(reached) or along

    def _is_coarse(self, tick: int) -> bool:
        return any(tick % BEAT in grid for grid in self._coarse)


def breaks(solo: Solo) -> tuple[int, int]:
    """How many durations of a solo are no steps on the finest grid that its chart may have, and
    how many it has; none where its bars end off every grid."""
    triplets = has_beats(solo.chart)
    grid = _finest(triplets)
    return grid.breaks(solo) if triplets or grid.holds_bars(solo.chart) else (0, 0)


@lru_cache(maxsize=2)
def _finest(triplets: bool) -> RhythmGrid:
    return RhythmGrid(triplets=triplets)


def has_beats(chart: Chart) -> bool:
    """Whether every bar behind the pickup begins on a beat, counted from the first of them: one
    that ends within a beat shifts what follows."""
    first = first_beat(chart)
    return not any((start - first) % BEAT for start in chart.bar_starts[chart.pickup :])


def first_beat(chart: Chart) -> int:
    """The tick from which beats are counted: the end of the pickup, 0 where there is none."""
    return chart.bar_starts[chart.pickup]


def _lengths(solo: Solo) -> Iterator[tuple[int, int]]:
    """Onset and ticks of every note and rest."""
    tick = 0
    for onset, duration, _ in solo.notes:
        if onset > tick:
            yield tick, onset - tick
        yield onset, duration
        tick = onset + duration
    if tick < solo.chart.ticks:
        yield tick, solo.chart.ticks - tick


def _numbers(place: int, leads: Callable[[int, int], bool]) -> frozenset[int]:
    """The durations that lead on from a place."""
    return frozenset(number for number, ticks in enumerate(DURATIONS) if leads(place, ticks))
