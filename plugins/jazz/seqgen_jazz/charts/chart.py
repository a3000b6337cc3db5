"""Chart: bars with meters and chord changes, and its text form."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from seqgen_jazz.harmony.chord import NO_CHORD, Chord

if TYPE_CHECKING:
    pass


#: Ticks in a quarter note, the grid of the whole plugin: it holds thirds, quarters and
#: eighths of a beat exactly (93 % of the onsets of real solos lie on a 12th of a beat).
TICKS_PER_QUARTER = 24


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

    @property
    def beats(self) -> int:
        """How many beats are felt: the upper number, or a third of it in 6/8, 9/8 and 12/8."""
        return self.meter[0] // 3 if self.is_compound else self.meter[0]

    @property
    def is_compound(self) -> bool:
        """Whether it is felt in dotted beats, as 6/8, 9/8 and 12/8."""
        upper, lower = self.meter
        return lower >= 8 and upper > 3 and upper % 3 == 0

    @property
    def beat_ticks(self) -> int:
        """The length of a felt beat in ticks."""
        return self.ticks // self.beats

    def transpose(self, semitones: int) -> Bar:
        """The same bar ``semitones`` higher."""
        moved = tuple((tick, chord.transpose(semitones)) for tick, chord in self.changes)
        return replace(self, changes=moved)


@dataclass(frozen=True)
class Chart:
    """What a solo is played over: its bars as they are played, and labels that go with them.

    Args:
        bars: Repeats are played out.
        title: Only a label, as all that follows: charts with the same bars are equal.
        composer: Empty when not known, as the style.
        style: "Medium Swing", "Bossa Nova", ... in the words of the chart.
        key: The tonic triad, major or minor; None when not known.
        tempo: Quarter notes a minute; None when not known.
        sections: ``(index of a bar, "A")`` for each mark, as often as it is played.
        remarks: What of the written chart is not played, and why.
    """

    bars: tuple[Bar, ...]
    title: str = field(default="", compare=False)
    composer: str = field(default="", compare=False)
    style: str = field(default="", compare=False)
    key: Chord | None = field(default=None, compare=False)
    tempo: float | None = field(default=None, compare=False)
    sections: tuple[tuple[int, str], ...] = field(default=(), compare=False)
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def bar_starts(self) -> tuple[int, ...]:
        """The tick at which each bar starts, and one more: the tick at which the chart ends."""
        return (0, *accumulate(bar.ticks for bar in self.bars))

    @property
    def ticks(self) -> int:
        """The length of the chart in ticks."""
        return self.bar_starts[-1]

    @cached_property
    def pickup(self) -> int:
        """1 where the first bar is a pickup: shorter than the two alike that follow; else 0.

        Lengths count, whatever the unit: an eighth may lead into 4/4. A first bar that is felt in
        dotted beats, as 6/8, leads only into a meter that is so too.

        A bar like it may come again only beside one that it fills up to a whole one: where the
        last bar of a chorus leaves room for it. Else short bars are part of the form.
        """
        if len(self.bars) < 3 or self.bars[1].meter != self.bars[2].meter:
            return 0
        whole, lengths = self.bars[1], [bar.ticks for bar in self.bars]
        first, rest = lengths[0], whole.ticks - lengths[0]
        if rest <= 0 or (self.bars[0].is_compound and not whole.is_compound):
            return 0
        around = zip(lengths[2:], lengths[3:], [*lengths[4:], first], strict=False)
        again = [(before, after) for before, here, after in around if here == first]
        return int(
            all(before == rest or (first, after) == (rest, first) for before, after in again)
        )

    @cached_property
    def section_bars(self) -> tuple[tuple[int, str], ...]:
        """The sections, one that is marked on a pickup with the full bar that it leads to."""
        return tuple((max(at, self.pickup), name) for at, name in self.sections)

    @cached_property
    def changes(self) -> tuple[tuple[int, Chord], ...]:
        """Every chord change as ``(tick, chord)``, from tick 0 (N.C. when none stands there)."""
        found = [
            (start + tick, chord)
            for start, bar in zip(self.bar_starts, self.bars, strict=False)
            for tick, chord in bar.changes
        ]
        if not found or found[0][0] > 0:
            found.insert(0, (0, NO_CHORD))
        return tuple(found)

    @cached_property
    def _change_ticks(self) -> tuple[int, ...]:
        return tuple(tick for tick, _ in self.changes)

    def chord_at(self, tick: int) -> Chord:
        """The chord that sounds at ``tick``; after the end it is the last one."""
        return self.change_at(tick)[1]

    def change_at(self, tick: int) -> tuple[int, Chord]:
        """The change whose chord sounds at ``tick``."""
        return self.changes[max(0, bisect_right(self._change_ticks, tick) - 1)]

    def bar_at(self, tick: int) -> int:
        """The index of the bar that holds ``tick``; after the end it is the last one."""
        return min(len(self.bars), max(1, bisect_right(self.bar_starts, tick))) - 1

    def transpose(self, semitones: int) -> Chart:
        """The same chart ``semitones`` higher."""
        bars = tuple(bar.transpose(semitones) for bar in self.bars)
        key = None if self.key is None else self.key.transpose(semitones)
        return replace(self, bars=bars, key=key)

    @property
    def text(self) -> str:
        """Bars and section marks as text, which ``parse_chart`` reads back to an equal chart."""
        from seqgen_jazz.charts.chart_text import chart_text

        return chart_text(self.bars, self.sections)

    @property
    def sheet(self) -> str:
        """``text`` under lines for remarks, title, composer, style, key and tempo; read back with
        them."""
        from seqgen_jazz.charts.chart_text import head_text

        return head_text(self) + self.text

    def __str__(self) -> str:
        return self.text
