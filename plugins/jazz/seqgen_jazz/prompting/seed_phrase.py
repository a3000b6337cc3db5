"""Given parts: what of a solo a prompt says already: a phrase, kept bars, fours to answer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seqgen import DataError
from seqgen_jazz.charts.bar_ranges import looped, read_bar_list, repeat
from seqgen_jazz.encoding.fixed_spans import Kept
from seqgen_jazz.encoding.phrase import Phrase, is_phrase_text
from seqgen_jazz.paths import named_file
from seqgen_jazz.prompting.align import full_bar, lined_up, moved
from seqgen_jazz.prompting.phrase_reader import read_phrase

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.options import JazzPrompt


def given_parts(prompt: JazzPrompt, chart: Chart) -> tuple[Chart, Kept | None]:
    """The chart that is played over, and what of the solo is given.

    Args:
        prompt: A settled one.
        chart: All choruses.

    Raises:
        DataError: The phrase or the bars do not fit the chart.
    """
    if prompt.from_:
        return chart, _kept_bars(prompt, chart, read_phrase(prompt.from_))
    if not prompt.prime:
        return chart, None
    phrase = read_phrase(prompt.prime)
    if prompt.trade:
        return _traded(chart, phrase, prompt.trade)
    if phrase.end > chart.ticks:
        raise DataError(
            f"the phrase to begin with ends after {phrase.end / 24:g} quarters, the chart after "
            f"{chart.ticks / 24:g}; give a shorter phrase or more choruses"
        )
    return chart, Kept.of(phrase.notes, [(0, phrase.end)]) if phrase.end else None


def _kept_bars(prompt: JazzPrompt, chart: Chart, phrase: Phrase) -> Kept | None:
    """The bars of an earlier result that stay."""
    number = len(chart.bars)
    if phrase.end > chart.ticks:
        raise DataError(
            f"the earlier result ends after {phrase.end / 24:g} quarters, the chart after "
            f"{chart.ticks / 24:g}; leave the chart out to take that of the result"
        )
    redone = read_bar_list(prompt.redo, "redo", number, chart.pickup) if prompt.redo else None
    kept = read_bar_list(prompt.keep, "keep", number, chart.pickup) if prompt.keep else None
    if redone is not None and kept is not None and redone & kept:
        raise DataError(
            f"bar {min(redone & kept) + 1 - chart.pickup} is to be kept and to be redone; say one"
        )
    if redone is None:
        redone = frozenset(range(number)) - (kept or frozenset())
    if not redone:
        raise DataError("all bars are kept, so nothing is played anew; leave some out of keep")
    starts = chart.bar_starts
    spans = [(starts[bar], starts[bar + 1]) for bar in range(number) if bar not in redone]
    return Kept.of(phrase.notes, spans) if spans else None


def settled_phrase(prompt: JazzPrompt, chart: Chart) -> tuple[str, Chart]:
    """The text of the phrase that a solo begins with, "" for none, and the chart: with a pickup
    where the phrase has one and the chart no room for it.

    A last note that begins within the turns to answer and rings over their end is cut there, as
    players let it ring: else the answer would wait for one more turn of silence. The text of a
    phrase stays as it is, for it was settled before, perhaps by another version.

    Args:
        prompt: Its ``prime`` names a file, or is the text of a phrase.
        chart: Once through.

    Raises:
        DataError: There is no such file, it cannot be read, or it holds no notes.
    """
    from seqgen_jazz.prompting.chart_from_file import passed_over

    if not prompt.prime:
        return "", chart
    phrase = read_phrase(prompt.prime)
    if is_phrase_text(prompt.prime):
        return phrase.text, chart
    own = _own_chart(phrase)
    if prompt.chart is None and own and own.bars != looped(chart, len(own.bars)).bars:
        words = "its file has a chart of its own, which is not played: --chart takes this file too"
        phrase = phrase.telling(words)
    if one := _one_file(prompt.chart, prompt.prime):
        phrase = moved(phrase, -passed_over(one))
    elif phrase.notes:
        phrase, chart = lined_up(phrase, full_bar(own) if own else phrase.pickup, chart)
    if prompt.trade and phrase.notes:
        phrase = _cut(phrase, _turns(chart, phrase.notes[-1].onset + 1, prompt.trade)[1])
    elif phrase.end == repeat(chart, prompt.choruses).ticks:
        raise DataError(
            "the phrase to begin with fills the chart, so nothing is left to play; give more "
            "choruses, or --trade 4 for an answer"
        )
    return phrase.text, chart


def _one_file(chart: str | None, phrase: str) -> Path | None:
    """The file that both chart and phrase are of, and so begin together; None where it is none."""
    first, second = (named_file(chart) if chart else None), named_file(phrase)
    return first if first and second and first.samefile(second) else None


def _own_chart(phrase: Phrase) -> Chart | None:
    """The chart that the file of a phrase says it was played over; None where it says none."""
    from seqgen_jazz.charts.chart_parser import parse_chart

    said = phrase.about.get("chart")
    if not isinstance(said, str):
        return None
    try:
        return parse_chart(said)
    except DataError as error:
        raise DataError(f"the file of the phrase is damaged: its chart: {error}") from error


def _cut(phrase: Phrase, end: int) -> Phrase:
    """The phrase, its last note no longer than to a tick."""
    *before, last = phrase.notes
    if last.end <= end:
        return phrase
    notes = (*before, last._replace(duration=end - last.onset))
    return replace(phrase, notes=notes).telling("its last note is cut where its turn ends")


def _traded(chart: Chart, phrase: Phrase, bars: int) -> tuple[Chart, Kept]:
    """The phrase in whole turns of so many bars, and room for one more turn, the answer."""
    if not phrase.end:
        raise DataError("the phrase to answer holds no notes")
    long, asked = _turns(chart, phrase.end, bars)
    return long, Kept.of(phrase.notes, [(0, asked)])


def _turns(chart: Chart, tick: int, bars: int) -> tuple[Chart, int]:
    """The chart as long as the turns of so many bars that reach to a tick and one turn more,
    and where the one more begins."""
    turns = 1
    while True:
        long = looped(chart, chart.pickup + (turns + 1) * bars)
        asked = long.bar_starts[chart.pickup + turns * bars]
        if tick <= asked:
            return long, asked
        turns += 1
