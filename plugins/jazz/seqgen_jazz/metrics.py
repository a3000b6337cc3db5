"""Numbers that describe a solo: entropy, chord tones, intervals, phrases, rhythm, repetition."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from itertools import combinations, pairwise

from seqgen_jazz.chord import Chord
from seqgen_jazz.solo import TICKS_PER_QUARTER, Note, Solo

#: A silence of at least this many ticks ends a phrase (one beat).
PHRASE_GAP = TICKS_PER_QUARTER
#: Groove similarity looks at no more bar pairs than this.
GROOVE_PAIRS = 400
#: Onset slots in a 4/4 bar for groove similarity; one slot is two ticks.
GROOVE_SLOTS = 48
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


def bars_of(solo: Solo) -> list[list[Note]]:
    """The notes of each bar by onset, from the bar of the first note to that of the last."""
    starts = solo.chart.bar_starts
    where = [bisect_right(starts, note.onset) - 1 for note in solo.notes]
    bars: list[list[Note]] = [[] for _ in range(where[-1] - where[0] + 1)]
    for index, note in zip(where, solo.notes, strict=True):
        bars[index - where[0]].append(note)
    return bars


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


def gaps(solo: Solo) -> list[int]:
    """The silence in ticks between each note and the next."""
    return [max(0, b.onset - a.end) for a, b in pairwise(solo.notes)]


def intervals(solo: Solo) -> list[int]:
    """Semitones from each note to the next."""
    return [b.pitch - a.pitch for a, b in pairwise(solo.notes)]


def inter_onsets(solo: Solo) -> list[int]:
    """Ticks from each onset to the next."""
    return [b.onset - a.onset for a, b in pairwise(solo.notes)]


def phrases(solo: Solo) -> list[tuple[Note, ...]]:
    """The solo cut where a silence of one beat or more stands."""
    cuts = [i + 1 for i, gap in enumerate(gaps(solo)) if gap >= PHRASE_GAP]
    return [solo.notes[a:b] for a, b in pairwise([0, *cuts, len(solo.notes)])]


def median(values: Sequence[float]) -> float:
    """The middle value (mean of the two middle ones for an even count)."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return (ordered[half] + ordered[-half - 1]) / 2


def direction_changes(solo: Solo) -> float:
    """Share of neighbouring interval pairs that turn from up to down or back."""
    steps = intervals(solo)
    return sum(a * b < 0 for a, b in pairwise(steps)) / max(1, len(steps) - 1)


def groove_similarity(solo: Solo) -> float:
    """Mean of 1 - Hamming distance / slots over pairs of bars, on a grid of two ticks a slot.

    Above ``GROOVE_PAIRS`` pairs, that many are taken at an even stride.
    """
    starts = solo.chart.bar_starts
    grids = []
    for bar in bars_of(solo):
        base = starts[bisect_right(starts, bar[0].onset) - 1] if bar else 0
        grids.append({(note.onset - base) // 2 for note in bar})
    pairs = list(combinations(range(len(grids)), 2))
    take = min(GROOVE_PAIRS, len(pairs))
    chosen = [pairs[i * len(pairs) // take] for i in range(take)]
    far = [len(grids[a] ^ grids[b]) / GROOVE_SLOTS for a, b in chosen]
    return 1 - sum(far) / len(far) if far else 1.0


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


def describe(solo: Solo) -> dict[str, float | None]:
    """Every per-solo figure of a solo in quarter-note beats with at least two notes.

    Shares lie in 0 to 1, entropies are in bits, intervals in semitones, lengths in beats.
    A figure that the solo has too few notes for is None. Raises ``ValueError`` for fewer notes.
    """
    if len(solo.notes) < 2:
        raise ValueError(f"a solo of {len(solo.notes)} notes can't be described; it needs 2")
    return _pitch_figures(solo) | _interval_figures(solo) | _time_figures(solo)


def _pitch_figures(solo: Solo) -> dict[str, float | None]:
    beat = TICKS_PER_QUARTER
    pitches = [note.pitch for note in solo.notes]
    return {
        "H1": window_entropy(solo, 1),
        "H4": window_entropy(solo, 4),
        "entropy": entropy(pitch % 12 for pitch in pitches),
        "chord tones, beats 1+3": chord_tone_share(solo, lambda t: t % (2 * beat) == 0),
        "chord tones, beats 2+4": chord_tone_share(solo, lambda t: t % (2 * beat) == beat),
        "chord tones, off beats": chord_tone_share(solo, lambda t: t % beat != 0),
        "range": max(pitches) - min(pitches),
        "lowest": min(pitches),
        "highest": max(pitches),
    }


def _interval_figures(solo: Solo) -> dict[str, float | None]:
    sizes = [abs(step) for step in intervals(solo)]
    shares: dict[str, float | None] = {
        name: sum(low <= size <= high for size in sizes) / len(sizes)
        for name, low, high in INTERVAL_CLASSES
    }
    return {
        "mean interval": sum(sizes) / len(sizes),
        **shares,
        "direction changes": direction_changes(solo),
        "self-repetition": self_repetition(solo),
    }


def _time_figures(solo: Solo) -> dict[str, float | None]:
    beat = TICKS_PER_QUARTER
    bars = bars_of(solo)
    found = phrases(solo)
    span = solo.notes[-1].end - solo.notes[0].onset
    return {
        "silence": sum(gaps(solo)) / span,
        "silence in gaps >= 1/2 beat": sum(g for g in gaps(solo) if 2 * g >= beat) / span,
        "empty bars": sum(not bar for bar in bars) / len(bars),
        "phrase length, notes": median([len(p) for p in found]),
        "phrase length, beats": median([(p[-1].end - p[0].onset) / beat for p in found]),
        "phrases per 32 bars": 32 * len(found) / len(bars),
        "notes per bar": len(solo.notes) / len(bars),
        "onsets on the beat": sum(n.onset % beat == 0 for n in solo.notes) / len(solo.notes),
        "groove similarity": groove_similarity(solo),
    }
