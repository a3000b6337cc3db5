"""Setting: what a solo is given beyond its notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.fixed_spans import Kept
    from seqgen_jazz.encoding.performance import Playing
    from seqgen_jazz.encoding.solo import Solo


@final
@dataclass(frozen=True)
class Setting:
    """The condition of this domain: the chart, and the labels that go with a solo to its files.

    Args:
        chart: What is played over.
        instrument: A name in ``INSTRUMENTS``; "any" when the solo is for no one in particular.
        tempo: Quarter notes a minute.
        title: The title of the solo.
        playing: How it is performed; None for the line alone.
        kept: The parts of the solo that are given; None where all is free.
        lands: Whether the last note is to be a chord tone; real solos end as they end.
    """

    chart: Chart
    instrument: str = field(default="any", compare=False)
    tempo: float = field(default=160.0, compare=False)
    title: str = field(default="", compare=False)
    playing: Playing | None = field(default=None, compare=False)
    kept: Kept | None = None
    lands: bool = False

    @classmethod
    def of(cls, solo: Solo) -> Setting:
        """The setting that a solo was played in."""
        return cls(solo.chart, solo.instrument, solo.tempo, solo.title, solo.playing)
