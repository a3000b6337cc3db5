"""Meter and swing: the beats of a bar, the groups of beats that patterns are written for, and the
conversion of grid ticks to the ticks of a file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Set
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, final

from seqgen import SettingError
from seqgen_jazz.charts.chart import Chart

#: The maximum number of beats of a pattern.
MAX_BEATS = 4
_WHOLE = 96  # ticks


@final
class BeatGroup(NamedTuple):
    """The beats of a pattern: their starts as ticks of the chart, and their lengths."""

    bar: int
    starts: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def end(self) -> int:
        """The tick at which it ends."""
        return self.starts[-1] + self.lengths[-1]

    def slice(self, first: int, last: int) -> BeatGroup:
        """The beats ``first`` to ``last`` (excluded)."""
        return BeatGroup(self.bar, self.starts[first:last], self.lengths[first:last])


@lru_cache(maxsize=256)
def beat_lengths(meter: tuple[int, int]) -> tuple[int, ...]:
    """The lengths of the beats of a bar in ticks.

    Quarter notes for units up to the quarter, so 2/2 has four; groups of three eighths or
    sixteenths if they come out even (12/8), else groups of two with a three at the end (7/8).
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


def can_swing(meter: tuple[int, int]) -> bool:
    """Whether eighth notes may swing: if beats are quarter notes. In 6/8 and 7/8 they do not."""
    return meter[1] <= 4


def group_sizes(beats: int) -> tuple[int, ...]:
    """The number of beats of each pattern of a bar: 5 is 3 + 2, 7 is 3 + 2 + 2, 8 is 4 + 4."""
    if beats <= MAX_BEATS:
        return (beats,)
    if beats % MAX_BEATS == 0:
        return (MAX_BEATS,) * (beats // MAX_BEATS)
    twos = (-beats) % 3
    return (3,) * ((beats - 2 * twos) // 3) + (2,) * twos


def beat_groups(chart: Chart) -> Iterator[BeatGroup]:
    """The beat groups of a chart in order."""
    for bar in range(len(chart.bars)):
        beats = bar_beats(chart, bar)
        at = 0
        for size in group_sizes(len(beats.lengths)) if beats.lengths else ():
            yield beats.slice(at, at + size)
            at += size


def chart_beats(chart: Chart) -> Iterator[tuple[int, int, int]]:
    """``(bar, start, length)`` of all beats of a chart."""
    for group in beat_groups(chart):
        for start, length in zip(group.starts, group.lengths, strict=True):
            yield group.bar, start, length


def bar_beats(chart: Chart, bar: int) -> BeatGroup:
    """All beats of a bar.

    The beats of a pickup are the last ones of the following bars; the first may be incomplete.
    If the pickup is repeated, the last bar of a chorus has the first beats of such a bar. A beat
    that the bar line between the two divides belongs to the last bar; the pickup may then have no
    beats.
    """
    lengths, ticks = beat_lengths(effective_meter(chart, bar)), chart.bars[bar].ticks
    start, remaining = chart.bar_starts[bar], len(chart.bars) - 1 - bar
    if bar < chart.pickup or _is_later_pickup(chart, bar):
        beats = _last_beats(lengths, ticks)
        if bar and remaining and beats[0] < lengths[-len(beats)]:
            start, beats = start + beats[0], beats[1:]
        lengths = beats
    elif _precedes_pickup(chart, bar):
        beats = _last_beats(lengths[::-1], ticks)[::-1]
        lengths = lengths[: len(beats)] if remaining > 1 else beats
    return BeatGroup(bar, tuple(accumulate(lengths, initial=start))[:-1], lengths)


def effective_meter(chart: Chart, bar: int) -> tuple[int, int]:
    """The meter of a bar. A pickup, and a last bar that the pickup completes, have the meter of
    the bars after the first one."""
    short = _is_later_pickup(chart, bar) or _precedes_pickup(chart, bar)
    return chart.bars[chart.pickup if short else max(bar, chart.pickup)].meter


def _is_later_pickup(chart: Chart, bar: int) -> bool:
    """Whether a bar is the pickup of a later chorus."""
    same = bar > 0 and chart.bars[bar].ticks == chart.bars[0].ticks
    return same and _precedes_pickup(chart, bar - 1)


def _precedes_pickup(chart: Chart, bar: int) -> bool:
    """Whether a bar and the pickup, which follows it or would follow it, make up one bar."""
    if bar <= chart.pickup or not chart.pickup:
        return False
    first, whole, here = chart.bars[0], chart.bars[1], chart.bars[bar]
    if here.ticks + first.ticks != whole.ticks or here.is_compound > whole.is_compound:
        return False
    return bar + 1 == len(chart.bars) or chart.bars[bar + 1].ticks == first.ticks


def _last_beats(lengths: tuple[int, ...], ticks: int) -> tuple[int, ...]:
    """The last beats that fill this number of ticks; the first of them may be incomplete."""
    found: list[int] = []
    for length in reversed(lengths):
        if ticks > 0:
            found.insert(0, min(length, ticks))
            ticks -= length
    return tuple(found)


def beat_starts(chart: Chart) -> list[int]:
    """The ticks at which the beats of a chart begin, without an incomplete first beat."""
    starts = [start for _, start, _ in chart_beats(chart)]
    return starts[missing_ticks(chart) > 0 :]


def missing_ticks(chart: Chart) -> int:
    """The ticks that are missing at the beginning of the first beat of a pickup."""
    if not chart.pickup:
        return 0
    lengths, beats = beat_lengths(effective_meter(chart, 0)), bar_beats(chart, 0).lengths
    return lengths[-len(beats)] - beats[0]


def describe_meters(chart: Chart) -> list[str]:
    """How meters without patterns of their own are divided, such as ``5/4 as 3+2``."""
    found = []
    meters = (effective_meter(chart, bar) for bar in range(chart.pickup, len(chart.bars)))
    for upper, unit in dict.fromkeys(meters):
        lengths = beat_lengths((upper, unit))
        sizes = group_sizes(len(lengths))
        if len(sizes) > 1 or len(set(lengths)) > 1:
            units = [length * unit // _WHOLE for length in lengths]
            parts = "+".join(map(str, sizes if len(sizes) > 1 else units))
            found.append(f"{upper}/{unit} as {parts}")
    return found


#: Ticks of a quarter note in a file, and of one tick of the grid.
TICKS, SCALE = 480, 20
#: The duration in seconds of the short eighth of ride cymbals at any tempo. Source:
#: A. Friberg and A. Sundström, "Swing ratios and ensemble timing in jazz performance", Music
#: Perception 19 (2002).
SHORT_EIGHTH = 0.1
#: Soloists swing less than drummers, below 2:1 at medium tempo (the same source).
MAX_SOLO_RATIO = 1.5
MAX_RATIO = 4.0


@final
class SwingRatios(NamedTuple):
    """Long to short eighth, of the band and of the soloist; 1 is even."""

    band: float
    solo: float


def parse_swing(swing: str) -> float | None:
    """The ratio; None for "auto".

    Raises:
        SettingError: It is neither "auto" nor 0 nor a ratio from 1 to 4.
    """
    if swing == "auto":
        return None
    try:
        ratio = float(swing)
    except ValueError:
        ratio = -1.0
    if ratio == 0:
        return 1.0
    if not 1 <= ratio <= MAX_RATIO:
        raise SettingError(
            f"swing must be auto, 0 for even eighths, or long:short from 1 to {MAX_RATIO:g}, "
            f"was {swing!r}",
            "swing",
        )
    return ratio


def drum_ratio(tempo: float) -> float:
    """The swing ratio of a ride cymbal: 3.5 up to 133 quarter notes a minute, 2.75 at 160,
    2 at 200, 1 at 300."""
    return min(3.5, max(1.0, (60 / tempo - SHORT_EIGHTH) / SHORT_EIGHTH))


@final
class Clock:
    """Converts ticks of a chart to ticks of a file.

    Args:
        chart: Its beats. Only those of meters in quarter or half notes swing.
        tempo: Quarter notes a minute.
        ratio: Long to short eighth.
        even_beats: Starts of beats that do not swing.
    """

    def __init__(
        self, chart: Chart, tempo: float, ratio: float, even_beats: Set[int] = frozenset()
    ) -> None:
        self._tempo, self._share, self._even_beats = tempo, ratio / (1 + ratio), even_beats
        self._beats = [
            (start, length, can_swing(effective_meter(chart, bar)))
            for bar, start, length in chart_beats(chart)
        ]
        if missing := missing_ticks(chart):
            # A pickup has the end of its first beat, and swings like it.
            start, length, swung = self._beats[0]
            self._beats[0] = (start - missing, length + missing, swung)
        self._starts = [start for start, _, _ in self._beats]

    def file_tick(self, tick: int, swings: bool = True) -> float:
        """The file tick of a grid tick. It moves only within its beat, and order is kept."""
        if not swings:
            return float(tick * SCALE)
        start, length, swung = self._beats[bisect_right(self._starts, tick) - 1]
        into = tick - start
        if not swung or max(start, 0) in self._even_beats or into >= length:
            return float(tick * SCALE)
        half, long = length / 2, length * self._share
        moved = (
            into / half * long if into <= half else (long + (into - half) / half * (length - long))
        )
        return (start + moved) * SCALE

    def delay_ticks(self, milliseconds: float) -> float:
        """A delay in file ticks."""
        return milliseconds / 1000 * self._tempo / 60 * TICKS
