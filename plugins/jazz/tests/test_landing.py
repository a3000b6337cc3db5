"""A solo ends on a chord tone with a beat of silence behind it, unless it is told not to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from seqgen_jazz.prompt import JazzPrompt
from seqgen_jazz.settling import settle
from seqgen_jazz.writing.midi import midi_bytes

from .bands import performed
from .test_plugin import play


@pytest.mark.parametrize("redo", ["", "5-6", "11-12"])
def test_a_solo_that_lands_leaves_a_beat_of_silence(redo: str, tmp_path: Path) -> None:
    before = performed("blues", seed=3)
    path = tmp_path / "first.mid"
    path.write_bytes(midi_bytes(before))
    options: dict[str, Any] = {"from_": str(path), "redo": redo} if redo else {}
    for seed in range(4):
        solo = play(JazzPrompt(**options), seed)
        last = solo.notes[-1]
        if redo == "5-6":  # the end is given
            assert last == before.notes[-1]
        else:
            assert last.end <= solo.chart.ticks - 24
            assert last.pitch % 12 in solo.chart.chord_at(last.onset).chord_tones


def test_a_solo_need_not_land() -> None:
    lines = [play(JazzPrompt(land=False), seed) for seed in range(8)]
    assert any(line.notes[-1].end > line.chart.ticks - 24 for line in lines)
    kept = [settle(JazzPrompt(land=land)).land for land in (None, False, True)]
    assert kept == [True, False, True], "a receipt says it"
