"""What a solo plays: entropy of its pitch classes, chord tones, intervals, repetition."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import pairwise

from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.rhythm_metrics import bars_of, phrases
from seqgen_jazz.harmony.chord import Chord

#: The chord-tone share of a class of notes is left out of a solo with fewer such notes.
LEAST_NOTES = 8
#: Interval classes in semitones, as (name, least, most).
INTERVAL_CLASSES = (
    ("repeats", 0, 0),
    ("steps", 1, 2),
    ("thirds", 3, 4),
    ("5-7", 5, 7),
    ("8-12", 8, 12),
    ("> 12", 13, 127),
)


def entropy(pitch_classes: Iterable[int]) -> float:
    """Shannon entropy in bits of a bag of pitch classes; 0 for an empty bag."""
    counts = Counter(pitch_classes)
    total = sum(counts.values())
    return -sum(n / total * math.log2(n / total) for n in counts.values()) + 0.0


def chords_at(solo: Solo) -> list[Chord]:
    """The chord that sounds at the onset of each note."""
    ticks = [tick for tick, _ in solo.chart.changes]
    chords = [chord for _, chord in solo.chart.changes]
    return [chords[bisect_right(ticks, note.onset) - 1] for note in solo.notes]


def phrase_finals(solo: Solo) -> list[bool]:
    """For the last note of each phrase over a chord, whether it is a chord tone."""
    chord_of = dict(zip(solo.notes, chords_at(solo), strict=True))
    finals = [phrase[-1] for phrase in phrases(solo)]
    return [n.pitch % 12 in chord_of[n].chord_tones for n in finals if chord_of[n].root >= 0]


def window_entropy(solo: Solo, bars: int) -> float:
    """Mean pitch-class entropy over all windows of ``bars`` bars (stride 1) that hold a note."""
    per_bar = bars_of(solo)
    width = min(bars, len(per_bar))
    values = []
    for first in range(len(per_bar) - width + 1):
        pitches = [n.pitch % 12 for bar in per_bar[first : first + width] for n in bar]
        if pitches:
            values.append(entropy(pitches))
    return sum(values) / len(values)


def chord_tone_share(solo: Solo, chosen: Callable[[int], bool]) -> float | None:
    """Share of chord tones among the notes whose onset in the bar (ticks) is ``chosen``.

    Returns:
        A share, or None for fewer than ``LEAST_NOTES`` such notes over a chord.
    """
    starts = solo.chart.bar_starts
    hits = []
    for note, chord in zip(solo.notes, chords_at(solo), strict=True):
        tick = note.onset - starts[bisect_right(starts, note.onset) - 1]
        if chord.root >= 0 and chosen(tick):
            hits.append(note.pitch % 12 in chord.chord_tones)
    return sum(hits) / len(hits) if len(hits) >= LEAST_NOTES else None


def intervals(solo: Solo) -> list[int]:
    """Semitones from each note to the next."""
    return [b.pitch - a.pitch for a, b in pairwise(solo.notes)]


def interval_shares(solo: Solo) -> dict[str, float]:
    """The share of each class of ``INTERVAL_CLASSES``; they add up to 1."""
    sizes = [abs(step) for step in intervals(solo)]
    return {
        name: sum(low <= size <= high for size in sizes) / len(sizes)
        for name, low, high in INTERVAL_CLASSES
    }


def direction_changes(solo: Solo) -> float:
    """Share of neighbouring interval pairs that turn from up to down or back."""
    steps = intervals(solo)
    return sum(a * b < 0 for a, b in pairwise(steps)) / max(1, len(steps) - 1)


def self_repetition(solo: Solo, size: int = 4) -> float:
    """Share of the interval ``size``-grams of the solo that occur in it at least twice."""
    grams = runs(intervals(solo), size)
    counts = Counter(grams)
    return sum(counts[gram] > 1 for gram in grams) / max(1, len(grams))


def longest_shared_run(ours: Sequence[Hashable], others: Collection[Sequence[Hashable]]) -> int:
    """Length of the longest run of entries in a row that ``ours`` shares with one of ``others``."""
    size = 0
    while True:
        known = {run for other in others for run in runs(other, size + 1)}
        if known.isdisjoint(runs(ours, size + 1)):
            return size
        size += 1


def runs(entries: Sequence[Hashable], size: int) -> list[tuple[Hashable, ...]]:
    """Every run of ``size`` entries in a row, in order."""
    return [tuple(entries[i : i + size]) for i in range(len(entries) - size + 1)]
