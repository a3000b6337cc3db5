"""The soloist: late on the beat and louder off it, in every meter."""

from __future__ import annotations

from statistics import mean

from seqgen_jazz.band.arrangement import perform_line
from seqgen_jazz.band.meter_and_swing import SCALE
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Solo


def test_six_eight_has_two_beats() -> None:
    """The third eighth is off the beat, the fourth is on it."""
    line = tuple(Note(tick, 12, 60) for tick in range(0, 4 * 72, 12))
    solo = Solo(parse_chart("6/8: Cm7 | F7 | Cm7 | F7"), line, tempo=120.0)
    delays: dict[bool, list[float]] = {True: [], False: []}
    strength: dict[bool, list[int]] = {True: [], False: []}
    for seed in range(8):
        for note, (start, _, _, velocity) in zip(line, perform_line(solo, 1.0, seed), strict=True):
            delays[note.onset % 36 == 0].append(start - note.onset * SCALE)
            strength[note.onset % 36 == 0].append(velocity)
    assert min(delays[True]) + 2 > mean(delays[False])
    assert mean(delays[True]) > mean(delays[False]) + 5
    assert mean(strength[False]) > mean(strength[True]) + 4
