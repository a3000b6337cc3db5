"""Chart text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqgen_jazz.charts.bar_text import LABELS, REMARK, _bar_text
from seqgen_jazz.charts.chart import Bar

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart


def head_text(chart: Chart) -> str:
    """The remarks and labels of a chart, a line each, with an empty line behind them; "" without
    any."""
    values = {name: getattr(chart, name) for name in LABELS}
    if chart.tempo is not None:
        values["tempo"] = f"{chart.tempo:.10g}"
    lines = [REMARK + " ".join(remark.split()) for remark in chart.remarks]
    lines += [f"{name}: {' '.join(str(value).split())}" for name, value in values.items() if value]
    return "\n".join([*lines, "", ""]) if lines else ""


def chart_text(bars: Sequence[Bar], sections: Sequence[tuple[int, str]] = ()) -> str:
    """Bars as text: the shortest of the forms that ``parse_chart`` reads back exactly."""
    parts: list[str] = []
    before: Bar | None = None
    marks = dict(sections)
    for place, bar in enumerate(bars):
        meter = before.meter if before else (4, 4)
        prefix = f"[{marks[place]}] " if place in marks else ""
        prefix += "" if bar.meter == meter else f"{bar.meter[0]}/{bar.meter[1]}: "
        same = before is not None and bar == before and bar.changes
        parts.append(prefix + ("%" if same else _bar_text(bar)))
        before = bar
    return " | ".join(parts)
