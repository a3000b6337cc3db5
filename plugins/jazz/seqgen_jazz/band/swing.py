"""Swing: the ratio by tempo, and the conversion of grid ticks to the ticks of a file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Set
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen import SettingError
from seqgen_jazz.band.meter import can_swing, chart_beats, effective_meter, missing_ticks
from seqgen_jazz.charts.chart import Chart

if TYPE_CHECKING:
    from seqgen_jazz.band.band_style import Style

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


def swing_ratios(swing: str, style: Style, tempo: float) -> SwingRatios:
    """The ratios at a tempo.

    Args:
        swing: As ``Performance.swing``; a number applies to all parts.
        style: Whether its eighths are even, and its maximum ratio.
        tempo: Quarter notes a minute.

    Raises:
        SettingError: ``swing`` is neither "auto" nor 0 nor a ratio from 1 to 4.
    """
    ratio = parse_swing(swing)
    if ratio is not None:
        return SwingRatios(ratio, ratio)
    if style.even:
        return SwingRatios(1.0, 1.0)
    band = min(drum_ratio(tempo), style.swing_limit)
    return SwingRatios(band, min(MAX_SOLO_RATIO, 1 + (band - 1) / 2))


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
