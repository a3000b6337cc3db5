"""By default a solo ends on an audible chord tone and a beat of silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.prompting.resolve_options import resolve

from .bands import performed
from .test_plugin import play


@pytest.mark.parametrize("redo", ["", "5-6", "11-12"])
def test_a_landing_is_followed_by_a_beat_of_silence(redo: str, tmp_path: Path) -> None:
    before = performed("blues", seed=3)
    path = tmp_path / "first.mid"
    path.write_bytes(midi_bytes(before))
    options: dict[str, Any] = {"from_": str(path), "redo": redo} if redo else {}
    for seed in range(4):
        solo = play(GenerationOptions(**options), seed)
        last = solo.notes[-1]
        if redo == "5-6":  # the end is fixed
            assert last == before.notes[-1]
        else:
            assert last.end <= solo.chart.ticks - 24
            assert last.pitch % 12 in solo.chart.chord_at(last.onset).chord_tones


@pytest.mark.parametrize(
    "chart",
    [
        *("C7 | F7", "2/4: G7", "1/8: G7 | 4/4: C6 | F7 | 7/8: C6", "3/4: Dm7 | G7 | Cmaj7"),
        *("6/8: Dm7 | G7 | Cmaj7", "12/8: Cm7 | F7", "1/4: G7 | 4/4: C6 | F7 | 3/4: C6"),
    ],
)
@pytest.mark.parametrize("grid", [True, False])
@pytest.mark.parametrize("breathe", [0.0, 1.0, 2.0])
def test_the_last_note_of_a_landing_is_long_enough(chart: str, grid: bool, breathe: float) -> None:
    solos = [
        play(GenerationOptions(chart=chart, grid=grid, breathe=breathe), seed) for seed in range(6)
    ]
    ends = [solo.notes[-1] for solo in solos if solo.notes]
    assert ends and all(note.duration >= 12 for note in ends)
    assert {note.duration for solo in solos for note in solo.notes} & set(range(12)), "elsewhere"


def test_a_solo_need_not_land() -> None:
    lines = [play(GenerationOptions(land=False), seed) for seed in range(8)]
    assert any(line.notes[-1].end > line.chart.ticks - 24 for line in lines)
    resolved = [resolve(GenerationOptions(land=land)).land for land in (None, False, True)]
    assert resolved == [True, False, True]
