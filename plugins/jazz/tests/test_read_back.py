"""Must show 3: whatever is asked for, other programs read the files as they were written.

``benchmarks/jazz/written_files.py`` does the same over all charts, styles and ways to ask.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from seqgen_jazz.band.style import STYLES
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.write_files import write_solos

from .bands import CHARTS, WAYS, asked
from .readers import midi_faults, page_faults, written_notes
from .test_plugin import play

#: Every chart with every style, and every way with every chart and every style.
PAIRS = [
    (chart, style, list(WAYS)[(row + column) % len(WAYS)])
    for (row, chart), (column, style) in product(enumerate(CHARTS), enumerate(STYLES))
]


def test_every_two_of_chart_style_and_way_come_together() -> None:
    charts, styles, ways = (set(column) for column in zip(*PAIRS, strict=True))
    assert {(chart, style) for chart, style, _ in PAIRS} == set(product(CHARTS, STYLES))
    assert {(chart, way) for chart, _, way in PAIRS} == set(product(charts, ways))
    assert {(style, way) for _, style, way in PAIRS} == set(product(styles, ways))
    assert ways == set(WAYS)


@pytest.mark.parametrize(("chart", "style", "way"), PAIRS)
def test_other_programs_read_the_files_as_written(
    chart: str, style: str, way: str, tmp_path: Path
) -> None:
    solo = play(GenerationOptions(**asked(chart, style, way, tmp_path, seed=2)), seed=5)
    midi, page = write_solos([solo], tmp_path / "out", ['seqgen-receipt {"no": 1}'])
    assert len(written_notes(solo)) >= (2 if chart == "drums alone" else 3), "line and band play"
    assert midi_faults(midi, solo) == []
    assert page_faults(page, solo) == []
