"""Chords and downbeats inferred from the notes of an accompaniment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final

from seqgen import DataError
from seqgen_jazz.chart import Bar
from seqgen_jazz.chord import Chord, make_chord
from seqgen_jazz.quality_reader import read_quality
from seqgen_jazz.reading.raw import RawNote, bar_ticks
from seqgen_jazz.solo import TICKS_PER_QUARTER

#: Suffix -> what it costs to assume it: rarer chords must explain more of the notes.
_TEMPLATES: Final = {
    "": 0.0,
    "m": 0.0,
    "7": 0.02,
    "m7": 0.03,
    "maj7": 0.03,
    "6": 0.06,
    "m6": 0.06,
    "m7b5": 0.04,
    "dim7": 0.05,
    "dim": 0.03,
    "aug": 0.06,
    "7sus4": 0.07,
    "5": 0.02,
}
#: The lowest sounding pitch class is most often the root.
_BASS_BONUS: Final = 0.15
_LEAST_FIT: Final = 0.55
#: At least this share of the stretches that have notes must show a clear chord.
_LEAST_CLEAR: Final = 0.5


def infer_chords(
    notes: Sequence[RawNote], meters: Sequence[tuple[int, int]]
) -> list[tuple[float, Chord]]:
    """Chords by matching templates to the pitch classes of each half bar.

    A stretch without a clear chord holds the chord before it.

    Raises:
        DataError: There is no accompaniment, or it shows clear chords too seldom.
    """
    if not notes:
        raise DataError(
            "it has no chords: neither chord symbols nor an accompaniment to infer them"
        )
    chords: list[tuple[float, Chord]] = []
    heard = clear = 0
    ordered = sorted(notes, key=lambda note: note.onset)
    for start, end in _stretches(meters):
        weights, bass = _weights(ordered, start, end)
        if not weights:
            continue
        heard += 1
        chord = _best(weights, bass)
        if chord is not None:
            clear += 1
            chords.append((start, chord))
    if clear < max(2, _LEAST_CLEAR * heard):
        raise DataError(
            "it has no chords: no chord symbols, and its accompaniment shows a clear chord "
            f"in {clear} of {heard} half bars"
        )
    return chords


def downbeat_shift(onsets: Iterable[float], meters: Sequence[tuple[int, int]]) -> int:
    """The length in ticks of an unmarked pickup, 0 when the bars stand right as they are.

    Chords change where bars begin. When fewer than a quarter of them do so, and at least
    half would if all bars stood later by some eighths, there is a pickup of that length.
    """
    length = bar_ticks(meters[0])
    ticks = [round(onset * TICKS_PER_QUARTER) for onset in onsets]
    if len(ticks) < 8 or len(set(meters)) > 1:
        return 0
    eighth = TICKS_PER_QUARTER // 2
    shares = {
        shift: sum(tick % length == shift for tick in ticks) / len(ticks)
        for shift in range(0, length, eighth)
    }
    best = max(shares, key=lambda shift: shares[shift])
    return best if shares[0] < 0.25 and shares[best] >= 0.5 else 0


def _stretches(meters: Sequence[tuple[int, int]]) -> Iterable[tuple[float, float]]:
    """Half bars where the bar has an even number of beats, else whole bars, in quarters."""
    starts = accumulate(map(bar_ticks, meters), initial=0)
    for start, meter in zip(starts, meters, strict=False):
        bar = Bar((), meter)
        parts = 2 if bar.beats % 2 == 0 else 1
        size = bar.ticks / parts
        for part in range(parts):
            begin = start + part * size
            yield begin / TICKS_PER_QUARTER, (begin + size) / TICKS_PER_QUARTER


def _weights(
    notes: Sequence[RawNote], start: float, end: float
) -> tuple[dict[int, float], int | None]:
    """How long each pitch class sounds in ``[start, end)``, and the lowest one."""
    weights: dict[int, float] = {}
    lowest: int | None = None
    for note in notes:
        if note.onset >= end:
            break
        length = min(end, note.end) - max(start, note.onset)
        # A note that only rings over from the chord before says nothing of this one.
        if length < (end - start) / 8:
            continue
        weights[note.pitch % 12] = weights.get(note.pitch % 12, 0.0) + length
        lowest = note.pitch if lowest is None else min(lowest, note.pitch)
    return weights, None if lowest is None else lowest % 12


def _best(weights: dict[int, float], bass: int | None) -> Chord | None:
    """The chord that explains the weights best; None when none does well."""
    if len(weights) < 2:
        return None
    total = sum(weights.values())
    best: tuple[float, Chord] | None = None
    for root in range(12):
        for suffix, cost in _TEMPLATES.items():
            chord = make_chord(root, read_quality(suffix))
            tones = chord.chord_tones
            inside = sum(weights.get(tone, 0.0) for tone in tones) / total
            missing = sum(tone not in weights for tone in tones) / len(tones)
            fit = inside - 0.5 * missing - cost + _BASS_BONUS * (bass == root)
            if best is None or fit > best[0]:
                best = (fit, chord)
    return best[1] if best and best[0] >= _LEAST_FIT else None
