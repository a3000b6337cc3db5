"""RhythmGrid: where notes may begin and end so that a player can read them at sight."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from seqgen_jazz.grammar import DURATIONS, split_length
from seqgen_jazz.solo import TICKS_PER_QUARTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from seqgen_jazz.chart import Chart
    from seqgen_jazz.solo import Solo

#: The grid comes again after a beat, in ticks.
BEAT = TICKS_PER_QUARTER
_COARSE = tuple(frozenset(range(0, BEAT, BEAT // parts)) for parts in (4, 3))
#: Finer grids by their step: thirty-seconds and triplets of half a beat.
_FINE = {size: frozenset(range(0, BEAT, size)) for size in (BEAT // 8, BEAT // 6)}


@final
class RhythmGrid:
    """The steps from each place in a beat. A beat is parted by four, or by three.

    Args:
        fine: Whether it is parted once more. What is finer comes in steps of its own size, as
            figures do, so that no line stays beside the beat.
    """

    def __init__(self, fine: bool) -> None:
        #: From every place on the grid there is a step of so many ticks, or of fewer.
        self.least = BEAT // 6 if fine else BEAT // 3
        on = frozenset().union(*_COARSE, *(_FINE.values() if fine else ()))
        self._first = tuple(
            # What is given may stand off the grid: from there any coarse place will do.
            _numbers(place, lambda p, t: _leads(p, t, fine) if p in on else _is_coarse(p + t))
            for place in range(BEAT)
        )
        # A tie says the rest of a length, whose sum may pass from one coarse grid to the other.
        self._tied = tuple(_numbers(p, lambda p, t: _is_tied(p, t, fine)) for p in range(BEAT))

    def is_step(self, tick: int, number: int, tied: bool) -> bool:
        """Whether a duration leads from a tick to one where the next event may begin.

        Args:
            tick: Now, counted from the start of a beat.
            number: Of the duration in ``DURATIONS``.
            tied: Whether it is joined to another one.
        """
        return number in (self._tied if tied else self._first)[tick % BEAT]

    def steps(self, tick: int, first: int, last: int, tied: bool) -> list[int]:
        """The durations from ``first`` up to ``last`` that are steps; all, where none is.

        Args:
            tick: As for ``is_step``.
            first: The number of the shortest duration.
            last: One more than that of the longest.
            tied: As for ``is_step``.
        """
        numbers = range(first, last)
        return [number for number in numbers if self.is_step(tick, number, tied)] or list(numbers)

    def breaks(self, solo: Solo) -> tuple[int, int]:
        """How many durations of a solo are no steps, and how many it has; none without beats."""
        if not has_beats(solo.chart):
            return 0, 0
        steps = []
        for onset, ticks in _lengths(solo):
            tick = onset
            for number in split_length(ticks):
                steps.append(self.is_step(tick, number, tick > onset))
                tick += DURATIONS[number]
        return steps.count(False), len(steps)


def has_beats(chart: Chart) -> bool:
    """Whether every bar begins on a beat: one that ends within a beat shifts what follows."""
    return not any(start % BEAT for start in chart.bar_starts)


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


def _leads(place: int, ticks: int, fine: bool) -> bool:
    """Whether a duration leads from a place on a grid to another place on the same one."""
    grids = (*_COARSE, _FINE.get(ticks, frozenset()))
    reached = (place + ticks) % BEAT
    return any(place in g and reached in g for g in grids) and (fine or _is_coarse(reached))


def _is_tied(place: int, ticks: int, fine: bool) -> bool:
    """Whether a further duration leads to a coarse place, or on along one fine grid."""
    reached = (place + ticks) % BEAT
    along = any(place in grid and reached in grid for grid in _FINE.values())
    return _is_coarse(reached) or (fine and along)


def _is_coarse(tick: int) -> bool:
    return any(tick % BEAT in grid for grid in _COARSE)
