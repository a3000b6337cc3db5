"""Bars: lists of bars as people write them (``1-4,7``), and charts made longer or shorter."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from seqgen import DataError

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart

_RANGE: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def read_bar_list(text: str, what: str, bars: int) -> frozenset[int]:
    """The bars of a list such as ``1-4,7``, counted from 1; given back counted from 0.

    Args:
        text: The list.
        what: The name of its flag, for errors.
        bars: How many bars there are.

    Raises:
        DataError: It is no such list, or names a bar that is not there.
    """
    found: set[int] = set()
    for entry in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(entry)
        if match is None:
            raise DataError(f"{what} takes bars such as 1-4,7; cannot read {entry!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= bars:
            raise DataError(f"{what} names bars {entry}; bars go upwards from 1 to {bars}")
        found.update(range(first - 1, last))
    return frozenset(found)


def repeat(chart: Chart, times: int) -> Chart:
    """The chart several times through."""
    return looped(chart, len(chart.bars) * times)


def looped(chart: Chart, bars: int) -> Chart:
    """The chart from its beginning, as often as it takes, up to so many bars."""
    from seqgen_jazz.chord import NO_CHORD

    first, *others = chart.bars
    if not first.changes or first.changes[0][0] > 0:
        # Without this the last chord of the form would go on into its second time through.
        first = replace(first, changes=((0, NO_CHORD), *first.changes))
    length = len(chart.bars)
    again = -(-bars // length) - 1
    sections = [
        (at + length * turn, name)
        for turn in range(again + 1)
        for at, name in chart.sections
        if at + length * turn < bars
    ]
    every = (chart.bars + (first, *others) * again)[:bars]
    return replace(chart, bars=every, sections=tuple(sections))
