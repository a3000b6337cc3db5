"""Layout: where the lines of a page break, how its bars are counted, and the marks of its form."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, final

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart

_BARS_A_LINE: Final = 4


@final
class Layout:
    """The bars of a page.

    Args:
        chart: All choruses.
        form: The bars of a chorus without a pickup; 0 where it is not known.
    """

    def __init__(self, chart: Chart, form: int) -> None:
        self._chart, self._form = chart, form

        self.pickup: int = chart.pickup

    def number(self, place: int) -> int:
        """The number of a bar: from 1, a pickup is 0."""
        return place + 1 - self.pickup

    def meter(self, place: int) -> tuple[int, int]:
        """The meter that a bar is written in."""
        return self._chart.bars[max(place, self.pickup)].meter

    def marks(self, place: int) -> tuple[str, str]:
        """The letter of the section and the words for the chorus that begin; or nothing."""
        section = ", ".join(name for at, name in self._chart.section_bars if at == place)
        into, bars = place - self.pickup, len(self._chart.bars) - self.pickup
        begins = 0 < self._form < bars and into >= 0 and into % self._form == 0
        return section, f"Chorus {into // self._form + 1}" if begins else ""

    @cached_property
    def _begins(self) -> set[int]:
        """The bars with which a part of the form begins."""
        return {place for place in range(len(self._chart.bars)) if any(self.marks(place))}

    def breaks(self, place: int) -> bool:
        """Whether a line of the page begins with a bar that is not the first."""
        return place in self._breaks

    @cached_property
    def _breaks(self) -> set[int]:
        """Every four bars, counted anew where a part of the form begins."""
        found: set[int] = set()
        begun = self.pickup
        for place in range(self.pickup + 1, len(self._chart.bars)):
            new = place in self._begins and place - begun > 1
            if new or place - begun == _BARS_A_LINE:
                found.add(place)
                begun = place
        return found

    def barline(self, place: int) -> str:
        """The style of the line behind a bar; empty for a plain one."""
        if place == len(self._chart.bars) - 1:
            return "light-heavy"
        return "light-light" if place + 1 in self._begins else ""
