"""Lining up: a phrase out of a file laid on a chart, first full bar on first full bar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar, Chart
from seqgen_jazz.harmony.chord import NO_CHORD
from seqgen_jazz.readers.raw_tune import meter_of_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seqgen_jazz.encoding.phrase import Phrase


def pickup_ticks(meters: Sequence[tuple[int, int]]) -> int:
    """The length of the pickup that the bars of a phrase begin with, 0 for none.

    A phrase may be as short as its pickup and one bar more: bars like its last one follow.
    """
    if not meters:
        return 0
    return full_bar(Chart(tuple(Bar((), meter) for meter in (*meters, meters[-1], meters[-1]))))


def full_bar(chart: Chart) -> int:
    """The tick at which the first full bar of a chart begins."""
    return chart.bar_starts[chart.pickup]


def lined_up(phrase: Phrase, pickup: int, chart: Chart) -> tuple[Phrase, Chart]:
    """The phrase with its first full bar on that of the chart, and the chart, which gets a pickup
    as long as that of the phrase where it has none or a shorter one.

    Args:
        phrase: It holds notes.
        pickup: The length of its pickup in ticks.
        chart: Once through.
    """
    move = full_bar(chart) - pickup
    if move > 0:
        told = f"its first full bar is laid on that of the chart, {_quarters(move)} later"
        return moved(phrase, move).telling(told), chart
    if phrase.notes[0].onset >= -move:
        return moved(phrase, move), chart
    longer = _with_pickup(chart, pickup)
    if full_bar(longer) == pickup:
        told = f"the chart begins with its pickup of {_quarters(pickup)}"
        return phrase.telling(told), longer
    return phrase.telling(
        f"its pickup has no room in front of this chart, so its bars begin {_quarters(-move)} late"
    ), chart


def moved(phrase: Phrase, ticks: int) -> Phrase:
    """The phrase so much later, or earlier: no note may begin before tick 0 then."""
    notes = tuple(note._replace(onset=note.onset + ticks) for note in phrase.notes)
    return replace(phrase, notes=notes)


def _with_pickup(chart: Chart, ticks: int) -> Chart:
    """The chart with a first bar of so many ticks in front, silent but for the pickup it has."""
    more = ticks - full_bar(chart)
    own = chart.bars[0].changes if chart.pickup else ()
    changes = ((0, NO_CHORD), *((more + tick, chord) for tick, chord in own))
    first = Bar(changes, meter_of_ticks(ticks, chart.bars[chart.pickup].meter[1]))
    sections = tuple((at + 1 - chart.pickup, name) for at, name in chart.sections)
    return replace(chart, bars=(first, *chart.bars[chart.pickup :]), sections=sections)


def _quarters(ticks: int) -> str:
    number = ticks / TICKS_PER_QUARTER
    return f"{number:g} quarter{'' if number == 1 else 's'}"
