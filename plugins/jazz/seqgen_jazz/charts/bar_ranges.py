"""Bars: lists of bars as people write them (``1-4,7``), and charts made longer or shorter."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from seqgen import DataError

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart

_RANGE: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def read_bar_list(text: str, what: str, bars: int, pickup: int = 0) -> frozenset[int]:
    """The bars of a list such as ``1-4,7``, counted as on a page: from 1, a pickup is 0; given
    back counted from 0.

    Args:
        text: The list.
        what: The name of its flag, for errors.
        bars: How many bars there are, a pickup among them.
        pickup: 1 where the first of them is one.

    Raises:
        DataError: It is no such list, or names a bar that is not there.
    """
    found: set[int] = set()
    for entry in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(entry)
        if match is None:
            raise DataError(f"{what} takes bars such as 1-4,7; cannot read {entry!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        lowest, highest = 1 - pickup, bars - pickup
        if not lowest <= first <= last <= highest:
            raise DataError(
                f"{what} names bars {entry}; bars go upwards from {lowest} to {highest}"
            )
        found.update(range(first - lowest, last - lowest + 1))
    return frozenset(found)


def chorus_bars(chart: Chart) -> int:
    """The bars of each time through a chart but the first: a pickup leads into the first alone,
    unless the last bar is short by it and so leaves room for it."""
    first, last = chart.bars[0], chart.bars[-1]
    fits = chart.pickup and first.ticks + last.ticks == chart.bars[1].ticks
    return len(chart.bars) - (0 if fits else chart.pickup)


def repeat(chart: Chart, times: int) -> Chart:
    """The chart several times through; its pickup as ``chorus_bars`` says."""
    return looped(chart, len(chart.bars) + chorus_bars(chart) * (times - 1))


def looped(chart: Chart, bars: int) -> Chart:
    """The chart from its beginning, as often as it takes, up to so many bars."""
    length = chorus_bars(chart)
    left_out = len(chart.bars) - length
    first, *others = chart.bars[left_out:]
    if not first.changes or first.changes[0][0] > 0:
        # Without this the last chord of the form would go on into its second time through.
        begins = (0, chart.chord_at(chart.bar_starts[left_out]))
        first = replace(first, changes=(begins, *first.changes))
    again = max(0, -(-(bars - len(chart.bars)) // length))
    later = [
        (max(at, chart.pickup) + length * turn, name)
        for turn in range(1, again + 1)
        for at, name in chart.sections
    ]
    sections = [(at, name) for at, name in (*chart.sections, *later) if at < bars]
    every = (chart.bars + (first, *others) * again)[:bars]
    return replace(chart, bars=every, sections=tuple(sections))
