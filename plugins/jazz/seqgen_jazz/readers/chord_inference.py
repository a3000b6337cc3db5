"""Infer chords and downbeats from the notes of an accompaniment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import accumulate
from typing import Any, Final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar
from seqgen_jazz.harmony.chord import Chord, make_chord
from seqgen_jazz.harmony.chord_parser import parse_quality
from seqgen_jazz.readers.errors import ReadError, SkipReason
from seqgen_jazz.readers.meters_and_measures import bar_ticks
from seqgen_jazz.readers.raw_tune import RawNote

#: Suffix -> penalty: rarer chords must explain more of the notes.
_TEMPLATES: Final = {
    **{"": 0.0, "m": 0.0, "7": 0.02, "m7": 0.03, "maj7": 0.03, "6": 0.06, "m6": 0.06},
    **{"m7b5": 0.04, "dim7": 0.05, "dim": 0.03, "aug": 0.06, "7sus4": 0.07, "5": 0.02},
}
#: Bonus of a chord with the lowest sounding pitch class as its root.
_BASS_BONUS: Final = 0.15
_MIN_FIT: Final = 0.55
#: The minimum share of the segments with notes that have a clear chord.
_MIN_CLEAR: Final = 0.5


def infer_chords(
    notes: Sequence[RawNote], meters: Sequence[tuple[int, int]]
) -> list[tuple[float, Chord]]:
    """Chords by matching templates to the pitch classes of each half bar.

    A segment without a clear chord continues the previous one.

    Raises:
        ReadError: There is no accompaniment, or too few of its segments have a clear chord.
    """
    if not notes:
        raise ReadError("it has no chords and no accompaniment", SkipReason.NO_CHORDS)
    segments = list(_segments(meters))
    weights, basses = _weights(notes, segments)
    best = zip(segments, _best(weights, basses), strict=True)
    chords = [(start, chord) for (start, _), chord in best if chord is not None]
    sounding, clear = int(weights.any(axis=1).sum()), len(chords)
    if clear < max(2, _MIN_CLEAR * sounding):
        found = f"its accompaniment has a clear chord in {clear} of {sounding} half bars"
        raise ReadError(f"it has no chords: {found}", SkipReason.NO_CHORDS)
    return chords


def downbeat_shift(onsets: Iterable[float], meters: Sequence[tuple[int, int]]) -> int:
    """The length in ticks of an unmarked pickup, 0 if there is none.

    Chords change at the beginning of bars. If fewer than a quarter of them do, and at least half
    of them would if all bars were later by some eighth notes, there is a pickup of that length.
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


def _segments(meters: Sequence[tuple[int, int]]) -> Iterable[tuple[float, float]]:
    """Start and end in quarter notes of half bars; of entire bars with an odd number of beats."""
    starts = accumulate(map(bar_ticks, meters), initial=0)
    for start, meter in zip(starts, meters, strict=False):
        bar = Bar((), meter)
        parts = 2 if bar.beats % 2 == 0 else 1
        size = bar.ticks / parts
        for part in range(parts):
            begin = start + part * size
            yield begin / TICKS_PER_QUARTER, (begin + size) / TICKS_PER_QUARTER


def _weights(
    notes: Sequence[RawNote], segments: Sequence[tuple[float, float]]
) -> tuple[Any, list[int | None]]:
    """The durations of each pitch class per segment ``(S, 12)``, and the lowest pitch class."""
    import numpy as np

    weights = np.zeros((len(segments), 12))
    lowest: list[int | None] = [None] * len(segments)
    starts = [start for start, _ in segments]
    ends = [end for _, end in segments]
    for note in notes:
        for segment in range(bisect_right(ends, note.onset), bisect_left(starts, note.end)):
            start, end = segments[segment]
            length = min(end, note.end) - max(start, note.onset)
            # A note that rings over from the previous chord is not part of this one.
            if length < (end - start) / 8:
                continue
            weights[segment, note.pitch % 12] += length
            previous = lowest[segment]
            lowest[segment] = note.pitch if previous is None else min(previous, note.pitch)
    return weights, [None if pitch is None else pitch % 12 for pitch in lowest]


@cache
def _candidates() -> tuple[tuple[Chord, ...], Any, Any]:
    """Every chord that can be inferred, its tones ``(K, 12)`` and its penalty ``(K,)``."""
    import numpy as np

    chords = tuple(
        make_chord(root, parse_quality(suffix)) for root in range(12) for suffix in _TEMPLATES
    )
    tones = np.zeros((len(chords), 12))
    for row, chord in enumerate(chords):
        tones[row, list(chord.chord_tones)] = 1.0
    return chords, tones, np.array([*_TEMPLATES.values()] * 12)


def _best(weights: Any, basses: Sequence[int | None]) -> list[Chord | None]:
    """The chord that fits each segment best, None if none fits well."""
    import numpy as np

    chords, tones, costs = _candidates()
    totals = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    inside = weights @ tones.T / totals
    sizes = tones.sum(axis=1)
    missing = 1 - (weights > 0) @ tones.T / sizes
    roots = np.array([chord.root for chord in chords])
    low = np.array([-1 if bass is None else bass for bass in basses])
    bonus = _BASS_BONUS * (low[:, None] == roots)
    # Rounded, so that the first of equally good chords is chosen.
    fits = np.round(inside - 0.5 * missing - costs + bonus, 9)
    enough = (weights > 0).sum(axis=1) >= 2
    best = fits.argmax(axis=1)
    return [
        chords[chord] if clear and fits[row, chord] >= _MIN_FIT else None
        for row, (chord, clear) in enumerate(zip(best, enough, strict=True))
    ]
