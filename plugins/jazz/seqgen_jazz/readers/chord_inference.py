"""Chords and downbeats inferred from the notes of an accompaniment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar
from seqgen_jazz.harmony.chord import Chord, make_chord
from seqgen_jazz.harmony.chord_parser import parse_quality
from seqgen_jazz.readers.raw_tune import RawNote, bar_ticks

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
    stretches = list(_stretches(meters))
    weights, basses = _weights(notes, stretches)
    found = _best(weights, basses)
    chords = [
        (start, chord)
        for (start, _), chord in zip(stretches, found, strict=True)
        if chord is not None
    ]
    heard, clear = int(weights.any(axis=1).sum()), len(chords)
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
    notes: Sequence[RawNote], stretches: Sequence[tuple[float, float]]
) -> tuple[Any, list[int | None]]:
    """How long each pitch class sounds in each stretch ``(S, 12)``, and the lowest one."""
    import numpy as np

    weights = np.zeros((len(stretches), 12))
    lowest: list[int | None] = [None] * len(stretches)
    starts = [start for start, _ in stretches]
    ends = [end for _, end in stretches]
    for note in notes:
        for place in range(bisect_right(ends, note.onset), bisect_left(starts, note.end)):
            start, end = stretches[place]
            length = min(end, note.end) - max(start, note.onset)
            # A note that only rings over from the chord before says nothing of this one.
            if length < (end - start) / 8:
                continue
            weights[place, note.pitch % 12] += length
            before = lowest[place]
            lowest[place] = note.pitch if before is None else min(before, note.pitch)
    return weights, [None if pitch is None else pitch % 12 for pitch in lowest]


@cache
def _candidates() -> tuple[tuple[Chord, ...], Any, Any]:
    """Every chord that may be found, its tones ``(K, 12)`` and what assuming it costs ``(K,)``."""
    import numpy as np

    chords = tuple(
        make_chord(root, parse_quality(suffix)) for root in range(12) for suffix in _TEMPLATES
    )
    tones = np.zeros((len(chords), 12))
    for place, chord in enumerate(chords):
        tones[place, list(chord.chord_tones)] = 1.0
    return chords, tones, np.array([*_TEMPLATES.values()] * 12)


def _best(weights: Any, basses: Sequence[int | None]) -> list[Chord | None]:
    """For each stretch the chord that explains its weights best; None where none does well."""
    import numpy as np

    chords, tones, costs = _candidates()
    totals = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    inside = weights @ tones.T / totals
    sizes = tones.sum(axis=1)
    missing = 1 - (weights > 0) @ tones.T / sizes
    roots = np.array([chord.root for chord in chords])
    low = np.array([-1 if bass is None else bass for bass in basses])
    bonus = _BASS_BONUS * (low[:, None] == roots)
    # Rounded, so that of equally good chords the first stays the first.
    fits = np.round(inside - 0.5 * missing - costs + bonus, 9)
    enough = (weights > 0).sum(axis=1) >= 2
    best = fits.argmax(axis=1)
    return [
        chords[place] if told and fits[row, place] >= _LEAST_FIT else None
        for row, (place, told) in enumerate(zip(best, enough, strict=True))
    ]
