"""Charts as inline SVG: lines, points and intervals over two axes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from seqgen.report.html import escape

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 46
#: Steps between ticks, times a power of ten.
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Maps a value to a coordinate of the picture.
Scale = Callable[[float], float]


@final
@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart.

    Args:
        name: For the legend.
        x: Horizontal coordinates.
        y: Vertical coordinates.
        low: Lower ends of intervals; empty without intervals, nan or None for a missing one.
        high: Upper ends of intervals.
        points: Whether to draw points instead of a line.
        style: ``"a"``, ``"b"`` or ``"faint"``.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    points: bool = False
    style: str = "a"


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """About ``about`` round numbers within a range, ascending."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(s * power for s in STEPS if s * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def chart(title: str, x_name: str, y_name: str, series: Sequence[Series]) -> str:
    """An SVG with axes, grid and legend; screen readers read the title."""
    xs = [value for one in series for value in one.x]
    ys = [v for one in series for v in (*one.y, *one.low, *one.high) if _is_number(v)]
    x_range, y_range = _spread(xs, 0.0), _spread(ys, 0.06)

    def across(x: float) -> float:
        return LEFT + (x - x_range[0]) / (x_range[1] - x_range[0]) * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        share = (y - y_range[0]) / (y_range[1] - y_range[0])
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [_grid_x(across, x_range), _grid_y(down, y_range)]
    for one in series:
        parts.append(_series(one, across, down))
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 8}" class="mid">{escape(x_name)}</text>')
    legend = "".join(
        f'<span class="key {escape(one.style)}">{escape(one.name)}</span>' for one in series
    )
    return (
        f'<figure><figcaption>{escape(y_name)}<span class="legend">{legend}</span></figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg></figure>"
    )


def _is_number(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def _spread(values: Sequence[float], margin: float) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high == low:
        return low - 0.5, high + 0.5
    return low - margin * (high - low), high + margin * (high - low)


def _grid_x(across: Scale, span: tuple[float, float]) -> str:
    return "".join(
        f'<text x="{across(v):.1f}" y="{HEIGHT - BOTTOM + 18}" class="mid">{v:g}</text>'
        for v in ticks(*span, about=8)
    )


def _grid_y(down: Scale, span: tuple[float, float]) -> str:
    return "".join(
        f'<path class="grid" d="M{LEFT} {down(v):.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 8}" y="{down(v) + 4:.1f}" class="end">{v:.3g}</text>'
        for v in ticks(*span)
    )


def _series(one: Series, across: Scale, down: Scale) -> str:
    places = [(across(x), down(y)) for x, y in zip(one.x, one.y, strict=True)]
    bars = "".join(
        f'<path class="bar {one.style}" d="M{x:.1f} {down(low):.1f}V{down(high):.1f}"/>'
        for (x, _), low, high in zip(places, one.low, one.high, strict=False)
        if _is_number(low)
    )
    if one.points:
        dots = "".join(
            f'<circle class="{one.style}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places
        )
        return bars + dots
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    return f'{bars}<path class="line {one.style}" d="M{line}"/>'
