"""Beats: how a bar of any meter is felt, and which patterns it is put together from."""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqgen_jazz.charts.chart import Chart

#: The most beats that one pattern is written for.
LONGEST = 4
_WHOLE = 96  # ticks


@final
class Stretch(NamedTuple):
    """The beats of one pattern: their starts as ticks of the chart, and their lengths."""

    bar: int
    starts: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def end(self) -> int:
        """The tick at which it ends."""
        return self.starts[-1] + self.lengths[-1]


@lru_cache(maxsize=256)
def beat_lengths(meter: tuple[int, int]) -> tuple[int, ...]:
    """The lengths of the felt beats of a bar in ticks.

    Quarters for units up to the quarter, so 2/2 is walked in four; threes of eighths or
    sixteenths where they come out even (12/8), else twos with a three at the end (7/8).
    """
    upper, unit = meter
    tick = _WHOLE // unit
    if unit <= 4:
        return (24,) * (upper * tick // 24)
    if upper % 3 == 0:
        return (3 * tick,) * (upper // 3)
    if upper == 1:
        return (tick,)
    twos = (2 * tick,) * (upper // 2)
    return twos if upper % 2 == 0 else (*twos[:-1], 3 * tick)


def swings(meter: tuple[int, int]) -> bool:
    """Whether eighths may swing: where beats are quarters. In 6/8 and 7/8 eighths are counted."""
    return meter[1] <= 4


def groups(beats: int) -> tuple[int, ...]:
    """How many beats each pattern of a bar has: 5 is 3 + 2, 7 is 3 + 2 + 2, 8 is 4 + 4."""
    if beats <= LONGEST:
        return (beats,)
    if beats % LONGEST == 0:
        return (LONGEST,) * (beats // LONGEST)
    twos = (-beats) % 3
    return (3,) * ((beats - 2 * twos) // 3) + (2,) * twos


def stretches(chart: Chart) -> Iterator[Stretch]:
    """The stretches of a whole chart in order."""
    for number in range(len(chart.bars)):
        _, starts, lengths = whole_bar(chart, number)
        at = 0
        for size in groups(len(lengths)) if lengths else ():
            yield Stretch(number, starts[at : at + size], lengths[at : at + size])
            at += size


def whole_bar(chart: Chart, bar: int) -> Stretch:
    """All beats of a bar as one stretch, of which a pattern may hold a part only.

    The beats of a pickup are the last ones of the bars that follow; the first may be cut short.
    Where it comes again, the last bar of a chorus takes the first beats of such a bar. A beat that
    the bar line between them cuts is all of that last bar; the pickup may then have none.
    """
    lengths, ticks = beat_lengths(felt_meter(chart, bar)), chart.bars[bar].ticks
    start, follows = chart.bar_starts[bar], len(chart.bars) - 1 - bar
    if bar < chart.pickup or _comes_again(chart, bar):
        kept = _last(lengths, ticks)
        if bar and follows and kept[0] < lengths[-len(kept)]:
            start, kept = start + kept[0], kept[1:]
        lengths = kept
    elif _leaves_room(chart, bar):
        kept = _last(lengths[::-1], ticks)[::-1]
        lengths = lengths[: len(kept)] if follows > 1 else kept
    return Stretch(bar, tuple(accumulate(lengths, initial=start))[:-1], lengths)


def felt_meter(chart: Chart, bar: int) -> tuple[int, int]:
    """The meter that a bar is felt in: a pickup, and a last bar that leaves room for it, in that
    of the bars that follow the first."""
    short = _comes_again(chart, bar) or _leaves_room(chart, bar)
    return chart.bars[chart.pickup if short else max(bar, chart.pickup)].meter


def _comes_again(chart: Chart, bar: int) -> bool:
    """Whether a bar is the pickup of a later chorus."""
    again = bar > 0 and chart.bars[bar].ticks == chart.bars[0].ticks
    return again and _leaves_room(chart, bar - 1)


def _leaves_room(chart: Chart, bar: int) -> bool:
    """Whether a bar and the pickup, which follows it or would do so, are a whole one."""
    if bar <= chart.pickup or not chart.pickup:
        return False
    first, whole, here = chart.bars[0], chart.bars[1], chart.bars[bar]
    if here.ticks + first.ticks != whole.ticks or here.is_compound > whole.is_compound:
        return False
    return bar + 1 == len(chart.bars) or chart.bars[bar + 1].ticks == first.ticks


def _last(lengths: tuple[int, ...], ticks: int) -> tuple[int, ...]:
    """The last of the beats that fill so many ticks, the first of them cut to what is left."""
    found: list[int] = []
    for length in reversed(lengths):
        if ticks > 0:
            found.insert(0, min(length, ticks))
            ticks -= length
    return tuple(found)


def beat_starts(chart: Chart) -> list[int]:
    """The ticks at which the felt beats of a chart begin; a beat that a pickup cuts short has
    begun before."""
    starts = [start for stretch in stretches(chart) for start in stretch.starts]
    return starts[cut_short(chart) > 0 :]


def cut_short(chart: Chart) -> int:
    """How many ticks of the chart's first beat are missing, where it begins with a pickup."""
    if not chart.pickup:
        return 0
    lengths, kept = beat_lengths(felt_meter(chart, 0)), whole_bar(chart, 0).lengths
    return lengths[-len(kept)] - kept[0]


def told_meters(chart: Chart) -> list[str]:
    """How meters are played that no single pattern is written for, in words."""
    found = []
    felt = (felt_meter(chart, bar) for bar in range(chart.pickup, len(chart.bars)))
    for upper, unit in dict.fromkeys(felt):
        lengths = beat_lengths((upper, unit))
        parts = groups(len(lengths))
        if len(parts) > 1 or (len(set(lengths)) > 1):
            shown = "+".join(
                map(str, parts if len(parts) > 1 else (n * unit // 96 for n in lengths))
            )
            found.append(f"{upper}/{unit} as {shown}")
    return found
