"""Charts and performances for the tests of the band."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

from seqgen_jazz.band.band_style import STYLES, Style, parse_style, shipped_style_text
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.options import BLUES
from seqgen_jazz.output.midi import midi_bytes

RHYTHM = (
    "Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Fm7 Bb7 | Eb7 Edim7 | Bb6 G7 | Cm7 F7 | "
    "Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Fm7 Bb7 | Eb7 Edim7 | Bb6 G7 | Bb6 | "
    "D7 | % | G7 | % | C7 | % | F7 | % | "
    "Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Fm7 Bb7 | Eb7 Edim7 | Bb6 G7 | Bb6"
)
CHARTS = {
    "blues": BLUES,
    "rhythm": RHYTHM,
    "waltz": "3/4: Fmaj7 | Gm7 C7 | Am7 | D7alt | Gm7 | C7sus4 | Fmaj7 | C7",
    "five": "5/4: Ebm7 | Bbm7 | Ebm7 Abm7 | Bbm7",
    "seven": "7/8: Em7 | F#m7b5 B7 | 12/8: Em7 | A7 | 7/4: Dmaj7 | 1/4: G7",
    "silent": "N.C. | C7 N.C. | % | N.C.",
    "drums alone": "N.C. | % | 3/4: N.C. | %",
    "pickup": "3/8: N.C. | 4/4: Cmaj7 | A7b9 | Dm7 G7 | 5/8: C6",
    "slash": "C/G Am7/G | F#m7b5 F6 | 2/2: Csus4/D | 6/8: C5 Caug | 3/16: Db13",
}


#: Ways to request a solo: from nothing, some new bars, an answer, a continuation. "first.mid" is
#: a solo over the same chart, "phrase.mid" its first complete bar.
REQUESTS: dict[str, dict[str, Any]] = {
    "plain": {"choruses": 2},
    "redo": {"from_": "first.mid", "redo": "2-3"},
    "trade": {"prime": "phrase.mid", "trade": 2, "bass_part": True},
    "prime": {"prime": "phrase.mid", "lyrics": True},
}


def request_options(
    name: str, style_name: str, request: str, folder: Path, seed: int
) -> dict[str, Any]:
    """The ``GenerationOptions`` for a solo over a chart; and write the files that they name.

    A file to rewrite contains chart and style.
    """
    first = performed(name, style_name, seed)
    bar = first.chart.bar_starts[1 + first.chart.pickup]
    phrase = Solo(first.chart, tuple(note for note in first.notes if note.end <= bar))
    files = {"first.mid": first, "phrase.mid": phrase}
    for file, solo in files.items():
        (folder / file).write_bytes(midi_bytes(solo))
    options = {
        key: str(folder / value) if value in files else value
        for key, value in REQUESTS[request].items()
    }
    return options if "from_" in options else {"chart": CHARTS[name], "style": style_name} | options


def style(name: str) -> Style:
    """A shipped style."""
    return parse_style(shipped_style_text(name), name)


def performed(name: str, style_name: str = "swing", seed: int = 0, tempo: float = 160.0) -> Solo:
    """Random eighths and triplets over one of the charts, with the band."""
    chart = parse_chart(CHARTS[name])
    rng, notes, tick = Random(seed), [], 0
    while tick < chart.ticks:
        length = min(rng.choice([12, 12, 12, 8, 6, 24, 36]), chart.ticks - tick)
        if rng.random() < 0.8:
            notes.append(Note(tick, length, rng.randint(50, 76)))
        tick += length
    performance = Performance(style_name, seed=seed, form=len(chart.bars))
    return Solo(chart, tuple(notes), "A test", tempo, "tenor-sax", performance)


__all__ = [
    "CHARTS",
    "RHYTHM",
    "STYLES",
    "REQUESTS",
    "Chart",
    "request_options",
    "performed",
    "style",
]
