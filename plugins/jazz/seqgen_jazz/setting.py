"""Setting and Take: what a solo is given beyond its notes, and a solo that knows its player."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final

from seqgen_jazz.solo import Solo

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart


@final
@dataclass(frozen=True, slots=True)
class Take(Solo):
    """A solo that was made for one instrument, whose program its MIDI file gets.

    Args:
        instrument: A name in ``INSTRUMENTS``; only a label, as the title is.
    """

    instrument: str = field(default="any", compare=False)


@final
@dataclass(frozen=True)
class Setting:
    """The condition of this domain: the chart, and the labels that go with a solo to its files.

    Args:
        chart: What is played over.
        instrument: A name in ``INSTRUMENTS``; "any" when the solo is for no one in particular.
        tempo: Quarter notes a minute.
        title: The title of the solo.
    """

    chart: Chart
    instrument: str = field(default="any", compare=False)
    tempo: float = field(default=160.0, compare=False)
    title: str = field(default="", compare=False)

    @classmethod
    def of(cls, solo: Solo) -> Setting:
        """The setting that a solo was played in."""
        return cls(solo.chart, instrument_of(solo), solo.tempo, solo.title)


def instrument_of(solo: Solo) -> str:
    """The name of the instrument that a solo was made for."""
    return solo.instrument if isinstance(solo, Take) else "any"
