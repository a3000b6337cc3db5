"""The layout of a score: line breaks, bar numbers, bar lines, sections and choruses."""

from __future__ import annotations

from functools import cached_property
from typing import Final, final

from seqgen_jazz.charts.chart import Chart

_BARS_PER_LINE: Final = 4


@final
class Layout:
    """The bars of a score.

    Args:
        chart: All choruses.
        form: The bars of a chorus without a pickup; 0 if unknown.
    """

    def __init__(self, chart: Chart, form: int) -> None:
        self._chart, self._form = chart, form
        self.pickup: int = chart.pickup

    def number(self, bar: int) -> int:
        """The number of a bar: from 1, a pickup is 0."""
        return bar + 1 - self.pickup

    def meter(self, bar: int) -> tuple[int, int]:
        """The written meter of a bar."""
        return self._chart.bars[max(bar, self.pickup)].meter

    def marks(self, bar: int) -> tuple[str, str]:
        """The section and the chorus that begin with a bar, empty for none."""
        section = ", ".join(name for at, name in self._chart.section_bars if at == bar)
        into, bars = bar - self.pickup, len(self._chart.bars) - self.pickup
        begins = 0 < self._form < bars and into >= 0 and into % self._form == 0
        return section, f"Chorus {into // self._form + 1}" if begins else ""

    @cached_property
    def _marked_bars(self) -> set[int]:
        return {bar for bar in range(len(self._chart.bars)) if any(self.marks(bar))}

    @cached_property
    def line_breaks(self) -> set[int]:
        """The bars with which lines begin, without the first: every four bars, and from each
        section and chorus on."""
        found: set[int] = set()
        begun = self.pickup
        for bar in range(self.pickup + 1, len(self._chart.bars)):
            new = bar in self._marked_bars and bar - begun > 1
            if new or bar - begun == _BARS_PER_LINE:
                found.add(bar)
                begun = bar
        return found

    def bar_style(self, bar: int) -> str:
        """The style of the bar line after a bar; empty for a plain one."""
        if bar == len(self._chart.bars) - 1:
            return "light-heavy"
        return "light-light" if bar + 1 in self._marked_bars else ""
