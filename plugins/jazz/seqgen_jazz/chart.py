"""Chart: bars with meters and chord changes, and the reader of its text form."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from seqgen_jazz.chord import NO_CHORD, Chord
from seqgen_jazz.solo import TICKS_PER_QUARTER


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its meter as (beats, beat unit) and the chord changes in it.

    Args:
        changes: ``(tick in the bar, chord)``, ascending. Empty: the chord before goes on.
        meter: ``(4, 4)``; a pickup is a first bar of a shorter meter.
    """

    changes: tuple[tuple[int, Chord], ...] = ()
    meter: tuple[int, int] = (4, 4)

    @property
    def ticks(self) -> int:
        """The length of the bar in ticks."""
        return self.meter[0] * 4 * TICKS_PER_QUARTER // self.meter[1]


@dataclass(frozen=True)
class Chart:
    """What a solo is played over."""

    bars: tuple[Bar, ...]
    title: str = field(default="", compare=False)

    @cached_property
    def bar_starts(self) -> tuple[int, ...]:
        """The tick at which each bar starts, and one more entry: the tick at which the chart ends."""
        return (0, *accumulate(bar.ticks for bar in self.bars))

    @property
    def ticks(self) -> int:
        """The length of the chart in ticks."""
        return self.bar_starts[-1]

    @cached_property
    def changes(self) -> tuple[tuple[int, Chord], ...]:
        """Every chord change as ``(tick, chord)``, beginning at tick 0 (N.C. when none stands there)."""
        found = [
            (start + tick, chord)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            for tick, chord in bar.changes
        ]
        if not found or found[0][0] > 0:
            found.insert(0, (0, NO_CHORD))
        return tuple(found)
