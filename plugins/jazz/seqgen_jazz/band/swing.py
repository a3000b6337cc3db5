"""Feel: swing by tempo, and the clock that lays grid ticks on the ticks of a file."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen import SettingError
from seqgen_jazz.band.meter import cut_short, felt_meter, stretches, swings

if TYPE_CHECKING:
    from collections.abc import Set

    from seqgen_jazz.band.style import Style
    from seqgen_jazz.charts.chart import Chart

#: Ticks of a quarter note in a file, and of one tick of the grid.
TICKS, SCALE = 480, 20
#: The short eighth of ride cymbals lasts about so many seconds at any tempo. Source:
#: A. Friberg and A. Sundström, "Swing ratios and ensemble timing in jazz performance", Music
#: Perception 19 (2002).
SHORT = 0.1
#: Soloists swing less than drummers, below 2:1 at medium tempo (the same source).
SOLO_MOST = 1.5
MOST = 4.0


@final
class Swing(NamedTuple):
    """Long to short eighth, of the band and of the soloist; 1 is even."""

    band: float
    solo: float


def swing_of(asked: str, style: Style, tempo: float) -> Swing:
    """The ratios for a tempo.

    Args:
        asked: As ``Playing.swing``; a number holds for all parts alike.
        style: Whether its eighths are even, and the most that it swings.
        tempo: Quarter notes a minute.

    Raises:
        SettingError: ``asked`` is neither "auto" nor 0 nor a ratio from 1 to 4.
    """
    ratio = parse_swing(asked)
    if ratio is not None:
        return Swing(ratio, ratio)
    if style.even:
        return Swing(1.0, 1.0)
    band = min(drum_ratio(tempo), style.swing_limit)
    return Swing(band, min(SOLO_MOST, 1 + (band - 1) / 2))


def parse_swing(asked: str) -> float | None:
    """The ratio that was asked for; None for "auto".

    Raises:
        SettingError: It is something else.
    """
    if asked == "auto":
        return None
    try:
        ratio = float(asked)
    except ValueError:
        ratio = -1.0
    if ratio == 0:
        return 1.0
    if not 1 <= ratio <= MOST:
        raise SettingError(
            f"swing must be auto, 0 for even eighths, or long:short from 1 to {MOST:g}, "
            f"was {asked!r}",
            "swing",
        )
    return ratio


def drum_ratio(tempo: float) -> float:
    """How a ride cymbal swings: the short eighth stays near 100 ms; 3.5 at 133 quarter notes a
    minute and below, 2.75 at 160, 2 at 200, 1 at 300."""
    return min(3.5, max(1.0, (60 / tempo - SHORT) / SHORT))


@final
class Clock:
    """Lays ticks of a chart's grid on the ticks of a file.

    Args:
        chart: Its beats. Only those of meters in quarters or halves swing.
        tempo: Quarter notes a minute.
        ratio: Long to short eighth.
        plain: Starts of beats that are left as they are.
    """

    def __init__(
        self, chart: Chart, tempo: float, ratio: float, plain: Set[int] = frozenset()
    ) -> None:
        self._tempo, self._share, self._plain = tempo, ratio / (1 + ratio), plain
        beats = [
            (start, length, swings(felt_meter(chart, stretch.bar)))
            for stretch in stretches(chart)
            for start, length in zip(stretch.starts, stretch.lengths, strict=True)
        ]
        self._starts = [start for start, _, _ in beats]
        self._lengths = [length for _, length, _ in beats]
        self._swung = [swung for _, _, swung in beats]
        if missing := cut_short(chart):
            # What a pickup has of its first beat is the end of it, and swings so.
            self._starts[0] -= missing
            self._lengths[0] += missing

    def place(self, tick: int, swings: bool = True) -> float:
        """The file tick of a grid tick; it moves within its beat only, and keeps the order."""
        if not swings:
            return float(tick * SCALE)
        number = bisect_right(self._starts, tick) - 1
        start, length, swung = self._starts[number], self._lengths[number], self._swung[number]
        into = tick - start
        if not swung or max(start, 0) in self._plain or into >= length:
            return float(tick * SCALE)
        half, long = length / 2, length * self._share
        moved = (
            into / half * long if into <= half else (long + (into - half) / half * (length - long))
        )
        return (start + moved) * SCALE

    def ticks(self, milliseconds: float) -> float:
        """A time as file ticks."""
        return milliseconds / 1000 * self._tempo / 60 * TICKS
