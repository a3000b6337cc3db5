"""Other programs read the files of every kind of kind as they were written.

``benchmarks/jazz/written_files.py`` does the same over all charts, styles and requests.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from seqgen_jazz.band.band_style import STYLES
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.plugin import write

from .bands import CHARTS, REQUESTS, request_options
from .other_readers import midi_mismatches, score_mismatches, written_notes
from .test_plugin import play

#: Every chart with every style, and every request with every chart and every style.
PAIRS = [
    (chart, style, list(REQUESTS)[(row + column) % len(REQUESTS)])
    for (row, chart), (column, style) in product(enumerate(CHARTS), enumerate(STYLES))
]


def test_the_pairs_cover_charts_styles_and_requests() -> None:
    charts, styles, kinds = (set(column) for column in zip(*PAIRS, strict=True))
    assert {(chart, style) for chart, style, _ in PAIRS} == set(product(CHARTS, STYLES))
    assert {(chart, kind) for chart, _, kind in PAIRS} == set(product(charts, kinds))
    assert {(style, kind) for _, style, kind in PAIRS} == set(product(styles, kinds))
    assert kinds == set(REQUESTS)


@pytest.mark.parametrize(("chart", "style", "kind"), PAIRS)
def test_other_programs_read_the_files_as_written(
    chart: str, style: str, kind: str, tmp_path: Path
) -> None:
    solo = play(GenerationOptions(**request_options(chart, style, kind, tmp_path, seed=2)), seed=5)
    midi, score = write([solo], tmp_path / "out", ['seqgen-receipt {"no": 1}'])
    assert len(written_notes(solo)) >= (2 if chart == "drums alone" else 3), "line and band play"
    assert midi_mismatches(midi, solo) == []
    assert score_mismatches(score, solo) == []
