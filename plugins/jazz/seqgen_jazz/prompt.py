"""JazzPrompt: what may be asked of a solo, and the setting that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import seqgen
from seqgen_jazz.instruments import INSTRUMENTS
from seqgen_jazz.setting import Setting

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart

#: Twelve bars of blues in F with the changes that jazz players use.
BLUES = "F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7b9 | Gm7 C7"


@final
@dataclass(frozen=True)
class JazzPrompt:
    """What to play.

    Raises:
        SettingError: A value is out of range; the message shows it and the bound.
    """

    chart: str = seqgen.setting(
        BLUES,
        "Chord chart to play over, 'Dm7 | G7 | Cmaj7 | %', an iReal link, or a file with either.",
    )
    song: str = seqgen.setting("", "Which song, where the chart's link or file holds several.")
    instrument: str = seqgen.setting(
        "tenor-sax", "Who plays: sets the range and the MIDI program.", choices=tuple(INSTRUMENTS)
    )
    tempo: float = seqgen.setting(160.0, "Quarter notes a minute.", min=40, max=360)
    choruses: int = seqgen.setting(1, "How many times through the chart.", min=1, max=16)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


def condition(prompt: JazzPrompt) -> Setting:
    """The setting that a prompt asks for.

    Raises:
        DataError: The chart, or its file, cannot be read.
    """
    from seqgen_jazz.chart import parse_chart
    from seqgen_jazz.chart_source import source_text

    chart = parse_chart(source_text(prompt.chart, prompt.song))
    return Setting(repeat(chart, prompt.choruses), prompt.instrument, float(prompt.tempo))


def repeat(chart: Chart, times: int) -> Chart:
    """The chart several times through."""
    from dataclasses import replace

    from seqgen_jazz.chord import NO_CHORD

    first, *others = chart.bars
    if not first.changes or first.changes[0][0] > 0:
        # Without this the last chord of the form would go on into its second time through.
        first = replace(first, changes=((0, NO_CHORD), *first.changes))
    length = len(chart.bars)
    sections = [(at + length * turn, name) for turn in range(times) for at, name in chart.sections]
    bars = chart.bars + (first, *others) * (times - 1)
    return replace(chart, bars=bars, sections=tuple(sections))
