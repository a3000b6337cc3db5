"""Charts and performances for the tests of the band."""

from __future__ import annotations

from random import Random

from seqgen_jazz.band.style import STYLES, Style, read_style, shipped_style_text
from seqgen_jazz.chart import Chart, parse_chart
from seqgen_jazz.playing import Playing
from seqgen_jazz.prompt import BLUES
from seqgen_jazz.solo import Note, Solo

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
    "slash": "C/G Am7/G | F#m7b5 F6 | 2/2: Csus4/D | 6/8: C5 Caug | 3/16: Db13",
}


def style(name: str) -> Style:
    """A shipped style."""
    return read_style(shipped_style_text(name), name)


def performed(name: str, style_name: str = "swing", seed: int = 0, tempo: float = 160.0) -> Solo:
    """Eighths and triplets by chance over one of the charts, with the band."""
    chart = parse_chart(CHARTS[name])
    rng, notes, tick = Random(seed), [], 0
    while tick < chart.ticks:
        length = min(rng.choice([12, 12, 12, 8, 6, 24, 36]), chart.ticks - tick)
        if rng.random() < 0.8:
            notes.append(Note(tick, length, rng.randint(50, 76)))
        tick += length
    playing = Playing(style_name, seed=seed, form=len(chart.bars))
    return Solo(chart, tuple(notes), "A test", tempo, "tenor-sax", playing)


__all__ = ["CHARTS", "RHYTHM", "STYLES", "Chart", "performed", "style"]
