"""The phrase that a solo begins with: read, aligned with the chart, and cut to its turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo_condition import Phrase, is_phrase_text
from seqgen_jazz.harmony.chord import NO_CHORD
from seqgen_jazz.options import GenerationOptions, existing_file
from seqgen_jazz.prompting.read_phrase_file import read_phrase
from seqgen_jazz.readers.meters_and_measures import meter_of_ticks


def resolve_seed_phrase(options: GenerationOptions, chart: Chart) -> tuple[str, Chart]:
    """The text of the phrase of ``--prime``, "" for none, and the chart, which gets a pickup if the
    phrase has one and the chart no room for it.

    A last note that begins within the turns to answer and sounds past their end is cut there, as
    players let it ring: otherwise the answer would wait for one more turn of silence. The text of
    a phrase is not changed, because it was resolved before, perhaps by another version.

    Args:
        options: ``prime`` is the name of a file or the text of a phrase.
        chart: One chorus.

    Raises:
        DataError: There is no such file, it cannot be read, or it has no notes.
    """
    if not options.prime:
        return "", chart
    phrase = read_phrase(options.prime)
    if is_phrase_text(options.prime):
        return phrase.text, chart
    own = _embedded_chart(phrase)
    if options.chart is None and own and own.bars != chart.loop(len(own.bars)).bars:
        phrase = phrase.add_notices(
            "its file contains another chart, which is not used: --chart accepts this file too"
        )
    if file := _common_file(options.chart, options.prime):
        from seqgen_jazz.prompting.load_chart import count_in_ticks

        phrase = phrase.shift(-count_in_ticks(file))
    elif phrase.notes:
        phrase, chart = _align(phrase, own.first_full_bar if own else phrase.pickup, chart)
    if options.trade and phrase.notes:
        phrase = _cut(phrase, split_turns(chart, phrase.notes[-1].onset + 1, options.trade)[1])
    elif phrase.end == chart.repeat(options.choruses).ticks:
        raise DataError("the phrase to begin with fills the chart; use more choruses, or --trade 4")
    return phrase.text, chart


def _common_file(chart: str | None, phrase: str) -> Path | None:
    """The file that contains both chart and phrase, which then begin together; None otherwise."""
    first, second = (existing_file(chart) if chart else None), existing_file(phrase)
    return first if first and second and first.samefile(second) else None


def _embedded_chart(phrase: Phrase) -> Chart | None:
    """The chart that the file of a phrase was played over; None if it contains none."""
    text = phrase.labels.get("chart")
    if not isinstance(text, str):
        return None
    try:
        return parse_chart(text)
    except DataError as error:
        raise DataError(f"the file of the phrase is damaged: its chart: {error}") from error


def _align(phrase: Phrase, pickup: int, chart: Chart) -> tuple[Phrase, Chart]:
    """Align the first full bars of phrase and chart. The chart gets the pickup of the phrase if it
    has none or a shorter one.

    Args:
        phrase: It has notes.
        pickup: The length of its pickup in ticks.
        chart: One chorus.
    """
    shift = chart.first_full_bar - pickup
    if shift > 0:
        notice = f"its first full bar is aligned with that of the chart, {_quarters(shift)} later"
        return phrase.shift(shift).add_notices(notice), chart
    if phrase.notes[0].onset >= -shift:
        return phrase.shift(shift), chart
    longer = _with_pickup(chart, pickup)
    if longer.first_full_bar == pickup:
        return phrase.add_notices(f"the chart gets its pickup of {_quarters(pickup)}"), longer
    notice = f"this chart has no room for its pickup; its bars begin {_quarters(-shift)} late"
    return phrase.add_notices(notice), chart


def _with_pickup(chart: Chart, ticks: int) -> Chart:
    """The chart with a pickup of ``ticks`` ticks that ends with the pickup that it has."""
    more = ticks - chart.first_full_bar
    own = chart.bars[0].changes if chart.pickup else ()
    changes = ((0, NO_CHORD), *((more + tick, chord) for tick, chord in own))
    first = Bar(changes, meter_of_ticks(ticks, chart.bars[chart.pickup].meter[1]))
    sections = tuple((at + 1 - chart.pickup, name) for at, name in chart.sections)
    return replace(chart, bars=(first, *chart.bars[chart.pickup :]), sections=sections)


def _quarters(ticks: int) -> str:
    number = ticks / TICKS_PER_QUARTER
    return f"{number:g} quarter{'' if number == 1 else 's'}"


def _cut(phrase: Phrase, end: int) -> Phrase:
    """The phrase with its last note cut at a tick."""
    *before, last = phrase.notes
    if last.end <= end:
        return phrase
    notes = (*before, last._replace(duration=end - last.onset))
    return replace(phrase, notes=notes).add_notices("its last note is cut at the end of its turn")


def split_turns(chart: Chart, tick: int, bars: int) -> tuple[Chart, int]:
    """The chart looped to full turns of ``bars`` bars that contain a tick, and one turn more; and
    the tick at which that last turn begins."""
    turns = 1
    while True:
        looped = chart.loop(chart.pickup + (turns + 1) * bars)
        start = looped.bar_starts[chart.pickup + turns * bars]
        if tick <= start:
            return looped, start
        turns += 1
