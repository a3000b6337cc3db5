"""The soloist: performs the line with swing, accents and small delays."""

from __future__ import annotations

from itertools import pairwise

from seqgen_jazz.band.meter import beat_starts, chart_beats
from seqgen_jazz.band.note_events import SOLO, uniforms, vary_delay, vary_velocity
from seqgen_jazz.band.swing import Clock
from seqgen_jazz.encoding.solo import Solo

#: Soloists are late on the beat and together with the drums off it; milliseconds.
ON_BEAT, OFF_BEAT, JITTER = 14.0, 2.0, 4.0
_VELOCITY, _ACCENT, _PEAK = 86, 6, 8


def perform_line(solo: Solo, ratio: float, seed: int) -> list[tuple[int, int, int, int]]:
    """The line as (start, end, pitch, velocity) in file ticks, without overlaps.

    A beat swings if all its notes begin on its halves; a beat with triplets or sixteenths is
    played as written, because the line contains its own swing there.
    """
    clock = Clock(solo.chart, solo.tempo, ratio, _divided_beats(solo))
    notes, beats = solo.notes, set(beat_starts(solo.chart))
    starts: list[int] = []
    ends: list[int] = []
    velocities: list[int] = []
    for number, note in enumerate(notes):
        chance = uniforms(seed, SOLO, solo.chart.bar_at(note.onset))
        on_beat = note.onset in beats
        delay = vary_delay(ON_BEAT if on_beat else OFF_BEAT, JITTER, float(chance[number % 120]))
        earliest = starts[-1] + 1 if starts else 0
        starts.append(max(earliest, round(clock.file_tick(note.onset) + clock.delay_ticks(delay))))
        ends.append(max(round(clock.file_tick(note.end)), starts[-1] + 1))
        loudness = _loudness(solo, number, on_beat)
        velocities.append(vary_velocity(loudness, float(chance[128 + number % 120])))
    for number, (note, following) in enumerate(pairwise(notes)):
        # Notes that touch on the grid touch in the performance.
        if note.end == following.onset or ends[number] > starts[number + 1]:
            ends[number] = starts[number + 1]
    pitches = [note.pitch for note in notes]
    return list(zip(starts, ends, pitches, velocities, strict=True))


def _divided_beats(solo: Solo) -> set[int]:
    """The starts of beats in which a note begins elsewhere than on the halves."""
    divided = set()
    onsets = [note.onset for note in solo.notes]
    index = 0
    for _, start, length in chart_beats(solo.chart):
        while index < len(onsets) and onsets[index] < start + length:
            if (onsets[index] - start) % 12:
                divided.add(start)
            index += 1
    return divided


def _loudness(solo: Solo, number: int, on_beat: bool) -> float:
    """Off-beats and the peaks of a line are louder, as horn players tongue them."""
    notes = solo.notes
    pitch = notes[number].pitch
    before = notes[number - 1].pitch if number else pitch
    after = notes[number + 1].pitch if number + 1 < len(notes) else pitch
    peak = pitch > before and pitch > after
    return _VELOCITY + _ACCENT * (not on_beat) + _PEAK * peak
