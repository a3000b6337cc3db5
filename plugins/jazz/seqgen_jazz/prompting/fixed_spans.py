"""The fixed parts of a solo: a phrase to begin with or to answer, and bars that are kept."""

from __future__ import annotations

import re
from typing import Final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.solo_condition import FixedSpans, Phrase, parse_phrase
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.prompting.seed_phrase import split_turns

_RANGE: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


def fixed_parts(options: GenerationOptions, chart: Chart) -> tuple[Chart, FixedSpans]:
    """The chart that is played over, and the fixed spans of the solo.

    Args:
        options: Resolved options.
        chart: All choruses.

    Raises:
        DataError: The phrase or the bars do not fit the chart.
    """
    if options.from_:
        earlier = parse_phrase(options.from_, "the earlier result")
        return chart, _kept_bars(options, chart, earlier)
    if not options.prime:
        return chart, FixedSpans()
    phrase = options.parsed_prime
    if options.trade:
        if not phrase.end:
            raise DataError("the phrase to answer has no notes")
        chart, start = split_turns(chart, phrase.end, options.trade)
        return chart, FixedSpans.cut(phrase.notes, [(0, start)])
    _check_length(
        "the phrase to begin with", phrase, chart, "use a shorter phrase or more choruses"
    )
    return chart, FixedSpans.cut(phrase.notes, [(0, phrase.end)] if phrase.end else [])


def _kept_bars(options: GenerationOptions, chart: Chart, earlier: Phrase) -> FixedSpans:
    """The bars of an earlier result that are kept."""
    number = len(chart.bars)
    _check_length("the earlier result", earlier, chart, "omit --chart to use that of the result")
    redo, keep = (
        parse_bar_list(text, name, number, chart.pickup) if text else None
        for text, name in ((options.redo, "redo"), (options.keep, "keep"))
    )
    if redo is not None and keep is not None and redo & keep:
        bar = min(redo & keep) + 1 - chart.pickup
        raise DataError(f"bar {bar} is in both --keep and --redo; remove it from one of them")
    if redo is None:
        redo = frozenset(range(number)) - (keep or frozenset())
    if not redo:
        raise DataError("--keep includes all bars; omit the bars to regenerate")
    starts = chart.bar_starts
    spans = [(starts[bar], starts[bar + 1]) for bar in range(number) if bar not in redo]
    return FixedSpans.cut(earlier.notes, spans)


def _check_length(name: str, phrase: Phrase, chart: Chart, remedy: str) -> None:
    if phrase.end > chart.ticks:
        end, chart_end = phrase.end / TICKS_PER_QUARTER, chart.ticks / TICKS_PER_QUARTER
        raise DataError(
            f"{name} ends after {end:g} quarters, the chart after {chart_end:g}; {remedy}"
        )


def parse_bar_list(text: str, name: str, bars: int, pickup: int = 0) -> frozenset[int]:
    """Parse bars such as ``1-4,7``, numbered as in notation, to indices from 0.

    Args:
        text: The list. Bars count from 1; a pickup is bar 0.
        name: The name of its option, for errors.
        bars: The number of bars, including a pickup.
        pickup: 1 if the first bar is a pickup.

    Raises:
        DataError: It is no such list, or names a bar that does not exist.
    """
    found: set[int] = set()
    lowest, highest = 1 - pickup, bars - pickup
    for entry in text.replace(" ", "").split(","):
        match = _RANGE.fullmatch(entry)
        if match is None:
            raise DataError(f"--{name} takes bars such as 1-4,7, was {entry!r}")
        first, last = int(match[1]), int(match[2] or match[1])
        if not lowest <= first <= last <= highest:
            raise DataError(f"--{name}: bars {entry} must ascend within {lowest} to {highest}")
        found.update(range(first - lowest, last - lowest + 1))
    return frozenset(found)
