"""seqgen-jazz: jazz solos over a chord chart, for the seqgen framework."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart as Chart
    from seqgen_jazz.charts.chart_parser import parse_chart as parse_chart
    from seqgen_jazz.corpus.load_corpus import read_solos as read_solos
    from seqgen_jazz.encoding.solo import Note as Note
    from seqgen_jazz.encoding.solo import Performance as Performance
    from seqgen_jazz.encoding.solo import Solo as Solo
    from seqgen_jazz.harmony.chord import Chord as Chord
    from seqgen_jazz.harmony.chord_parser import parse_chord as parse_chord

#: Public name -> its module, imported on first use.
_MODULES = {
    "Chart": "seqgen_jazz.charts.chart",
    "Chord": "seqgen_jazz.harmony.chord",
    "Note": "seqgen_jazz.encoding.solo",
    "Performance": "seqgen_jazz.encoding.solo",
    "Solo": "seqgen_jazz.encoding.solo",
    "parse_chart": "seqgen_jazz.charts.chart_parser",
    "parse_chord": "seqgen_jazz.harmony.chord_parser",
    "read_solos": "seqgen_jazz.corpus.load_corpus",
}

__all__ = list(_MODULES)


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'seqgen_jazz' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return list(_MODULES)
