"""JazzPrompt: what may be asked of a solo, and the setting that it makes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, final

import seqgen
from seqgen_jazz.instruments import INSTRUMENTS
from seqgen_jazz.setting import Setting

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart

#: Twelve bars of blues in F with the changes that jazz players use.
BLUES = "F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7b9 | Gm7 C7"
_LARGEST_CHART = 100_000


@final
@dataclass(frozen=True)
class JazzPrompt:
    """What to play.

    Raises:
        SettingError: A value is out of range; the message shows it and the bound.
    """

    chart: str = seqgen.setting(
        BLUES, "Chord chart to play over, 'Dm7 | G7 | Cmaj7 | %', or a text file that holds one."
    )
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

    chart = parse_chart(_chart_text(prompt.chart))
    return Setting(repeat(chart, prompt.choruses), prompt.instrument, float(prompt.tempo))


def repeat(chart: Chart, times: int) -> Chart:
    """The chart several times through."""
    from dataclasses import replace

    from seqgen_jazz.chord import NO_CHORD

    first, *others = chart.bars
    if not first.changes or first.changes[0][0] > 0:
        # Without this the last chord of the form would go on into its second time through.
        first = replace(first, changes=((0, NO_CHORD), *first.changes))
    return replace(chart, bars=chart.bars + (first, *others) * (times - 1))


def _chart_text(chart: str) -> str:
    """The text of a chart; a value that names a file stands for what is in it."""
    if "|" in chart or "\n" in chart or len(chart) > 250:
        return chart
    path = Path(chart)
    if not path.is_file():
        if path.suffix.lower() == ".txt":
            raise seqgen.DataError(f"there is no chart file {chart!r}")
        return chart
    with path.open("rb") as handle:
        content = handle.read(_LARGEST_CHART + 1)
    if len(content) > _LARGEST_CHART:
        raise seqgen.DataError(f"{chart}: longer than {_LARGEST_CHART:,} bytes: is this a chart?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise seqgen.DataError(f"{chart}: not UTF-8 text; give a chart as a text file") from None
