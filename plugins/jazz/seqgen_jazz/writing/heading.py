"""The heading of a solo in the terminal: what is played, how fast, and what the chart said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.band.beats import told_meters
from seqgen_jazz.band.parts import style_of
from seqgen_jazz.chart_style import style_for

if TYPE_CHECKING:
    from seqgen_jazz.playing import Playing
    from seqgen_jazz.solo import Solo


def heading(solo: Solo) -> list[str]:
    """Lines such as ``Blue Test by Smith John: bossa, as its 'Bossa Nova' says, 140 a minute``.

    Empty where nobody said how the solo is performed.
    """
    playing, chart = solo.playing, solo.chart
    if playing is None:
        return []
    name = solo.title + (f" by {chart.composer}" if solo.title and chart.composer else "")
    tempo = f"{solo.tempo:g} a minute"
    if chart.tempo is not None:
        same = chart.tempo == solo.tempo
        tempo += ", as the chart says" if same else f" (the chart says {chart.tempo:g})"
    facts = ", ".join([_style(solo, playing), tempo, solo.instrument])
    lines = [f"{name}: {facts}" if name else facts]
    lines += [f"of the chart: {remark}" for remark in chart.remarks]
    lines += playing.told
    if playing.band:
        lines += [f"the band plays {words}" for words in told_meters(chart)]
    return lines


def _style(solo: Solo, playing: Playing) -> str:
    name, words = style_of(playing).name, solo.chart.style
    if not words:
        return name
    says = style_for(solo.chart) == playing.style
    return f"{name} for the chart's {words!r}" if says else f"{name} (the chart says {words!r})"
