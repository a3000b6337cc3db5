"""Told: what a player should know of how a prompt is met, beside what the chart says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.phrase import read_phrase

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart
    from seqgen_jazz.prompt import JazzPrompt


def told_of(prompt: JazzPrompt, chart: Chart) -> tuple[str, ...]:
    """Lines for the terminal.

    Args:
        prompt: A settled one.
        chart: All that is played over.
    """
    lines = []
    if prompt.prime:
        lines += [f"of the phrase: {words}" for words in read_phrase(prompt.prime).told]
    if prompt.trade:
        bars = len(chart.bars) - chart.pickup
        asked = bars - prompt.trade
        lines.append(f"{_bars(1, asked)} given, {_bars(asked + 1, bars)} the answer")
    bass = prompt.band and prompt.instrument != "bass"
    if prompt.bass_part and not bass:
        why = "the soloist plays the bass" if prompt.band else "there is no band"
        lines.append(f"the page has a bass part that is not in the MIDI file, for {why}")
    return tuple(lines)


def _bars(first: int, last: int) -> str:
    return f"bars {first}-{last} are" if last > first else f"bar {first} is"
