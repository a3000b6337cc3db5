"""seqgen-jazz: jazz solos over a chord chart, for the seqgen framework."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen_jazz.chart import Chart as Chart
    from seqgen_jazz.chart import parse_chart as parse_chart
    from seqgen_jazz.chord import Chord as Chord
    from seqgen_jazz.chord import parse_chord as parse_chord

#: Public name -> the module that holds it, imported on first use.
_HOMES = {
    "Chart": "seqgen_jazz.chart",
    "Chord": "seqgen_jazz.chord",
    "parse_chart": "seqgen_jazz.chart",
    "parse_chord": "seqgen_jazz.chord",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'seqgen_jazz' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return list(_HOMES)
