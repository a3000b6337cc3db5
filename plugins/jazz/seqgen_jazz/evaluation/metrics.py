"""Metrics of a solo, and how close they are to those of real solos; the passages of a solo."""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from itertools import combinations, pairwise
from statistics import median
from typing import Any, Final, final

from seqgen import Passages
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Note, Solo

#: A rest of at least this many ticks, a beat, ends a phrase.
PHRASE_GAP = TICKS_PER_QUARTER
#: Onset slots per quarter note for groove similarity: 64 in a bar of 4/4.
SLOTS = 16
#: The second of two notes of a beat is an eighth between these ticks: 1 : 1 to 3 : 1.
SECOND_EIGHTH = (12, 18)
#: The minimum number of pairs of eighths for the swing ratio.
MIN_PAIRS = 8
#: The minimum number of notes for a share of chord tones.
MIN_NOTES = 8
#: Interval classes in semitones, as (name, lowest, highest).
INTERVAL_CLASSES = (
    ("repeats", 0, 0),
    ("steps", 1, 2),
    ("thirds", 3, 4),
    ("5-7", 5, 7),
    ("8-12", 8, 12),
    ("> 12", 13, 127),
)
#: The maximum time between onsets in passages, in ticks (4 beats), as in the source of ``USUAL``.
CAP = 4 * TICKS_PER_QUARTER
#: The longest run that 95 % of 437 real solos share with another one, including other takes of
#: the same tune: of intervals, and of intervals with the time to the next onset.
USUAL = (19, 10)
#: The tolerance of the mean of many solos, in standard deviations of real solos.
WIDTH: Final = 0.7
#: The weight of metrics that separate a model from a baseline.
SEPARATING_WEIGHT = 3.0
#: The maximum distance of a metric, in half ranges, so that one metric does not decide.
MAX_DISTANCE = 4.0


def solo_metrics(solo: Solo) -> dict[str, float | None]:
    """All metrics of a solo with at least two notes.

    Shares are from 0 to 1, entropies in bits, intervals in semitones, lengths in quarter notes.
    A metric for which the solo has too few notes is None.

    Raises:
        ValueError: The solo has fewer notes.
    """
    notes, beat = solo.notes, TICKS_PER_QUARTER
    if len(notes) < 2:
        raise ValueError(f"a solo of {len(notes)} notes has no metrics; it needs at least 2")
    pitches = [note.pitch for note in notes]
    sizes = [abs(step) for step in intervals(solo)]
    bars, found, rests = notes_by_bar(solo), phrases(solo), gaps(solo)
    span = notes[-1].end - notes[0].onset
    return {
        "H1": window_entropy(solo, 1),
        "H4": window_entropy(solo, 4),
        "entropy": entropy(pitch % 12 for pitch in pitches),
        "chord tones": chord_tone_share(solo, lambda tick: True),
        "chord tones, on the beat": chord_tone_share(solo, lambda tick: tick % beat == 0),
        "chord tones, beats 1+3": chord_tone_share(solo, lambda tick: tick % (2 * beat) == 0),
        "chord tones, beats 2+4": chord_tone_share(solo, lambda tick: tick % (2 * beat) == beat),
        "chord tones, off beats": chord_tone_share(solo, lambda tick: tick % beat != 0),
        "range": max(pitches) - min(pitches),
        "lowest": min(pitches),
        "highest": max(pitches),
        "mean interval": sum(sizes) / len(sizes),
        **interval_shares(solo),
        "direction changes": direction_changes(solo),
        "self-repetition": self_repetition(solo),
        "silence": sum(rests) / span,
        "silence in gaps >= 1/2 beat": sum(rest for rest in rests if 2 * rest >= beat) / span,
        "overlap": overlap(solo),
        "empty bars": sum(not bar for bar in bars) / len(bars),
        "phrase length, notes": float(median(len(p) for p in found)),
        "phrase length, beats": median((p[-1].end - p[0].onset) / beat for p in found),
        "phrases per 32 bars": 32 * len(found) / len(bars),
        "notes per bar": len(notes) / len(bars),
        "onsets on the beat": sum(note.onset % beat == 0 for note in notes) / len(notes),
        "groove similarity": groove_similarity(solo),
        "swing": swing_ratio(solo),
    }


def entropy(pitch_classes: Iterable[int]) -> float:
    """Shannon entropy in bits of a multiset of pitch classes; 0 for an empty one."""
    counts = Counter(pitch_classes)
    total = sum(counts.values())
    return -sum(n / total * math.log2(n / total) for n in counts.values()) + 0.0


def window_entropy(solo: Solo, bars: int) -> float:
    """Mean pitch-class entropy over all windows of ``bars`` bars (stride 1) with notes."""
    by_bar = notes_by_bar(solo)
    width = min(bars, len(by_bar))
    values = []
    for first in range(len(by_bar) - width + 1):
        pitches = [note.pitch % 12 for bar in by_bar[first : first + width] for note in bar]
        if pitches:
            values.append(entropy(pitches))
    return sum(values) / len(values)


def chord_tone_share(solo: Solo, chosen: Callable[[int], bool]) -> float | None:
    """The share of chord tones among the notes whose onset in the bar (ticks) is ``chosen``; None
    for fewer than ``MIN_NOTES`` such notes over a chord."""
    chart, hits = solo.chart, []
    for note in solo.notes:
        chord = chart.chord_at(note.onset)
        tick = note.onset - chart.bar_starts[chart.bar_at(note.onset)]
        if chord.root >= 0 and chosen(tick):
            hits.append(note.pitch % 12 in chord.chord_tones)
    return sum(hits) / len(hits) if len(hits) >= MIN_NOTES else None


def phrase_finals(solo: Solo) -> list[bool]:
    """Whether the last note of each phrase over a chord is a chord tone."""
    finals = [phrase[-1] for phrase in phrases(solo)]
    chords = [solo.chart.chord_at(note.onset) for note in finals]
    return [
        note.pitch % 12 in chord.chord_tones
        for note, chord in zip(finals, chords, strict=True)
        if chord.root >= 0
    ]


def intervals(solo: Solo) -> list[int]:
    """Semitones from each note to the next."""
    return [b.pitch - a.pitch for a, b in pairwise(solo.notes)]


def interval_shares(solo: Solo) -> dict[str, float]:
    """The share of each of ``INTERVAL_CLASSES``; they add up to 1."""
    sizes = [abs(step) for step in intervals(solo)]
    return {
        name: sum(low <= size <= high for size in sizes) / len(sizes)
        for name, low, high in INTERVAL_CLASSES
    }


def direction_changes(solo: Solo) -> float:
    """The share of neighbouring intervals in opposite directions."""
    steps = intervals(solo)
    return sum(a * b < 0 for a, b in pairwise(steps)) / max(1, len(steps) - 1)


def self_repetition(solo: Solo, size: int = 4) -> float:
    """The share of interval ``size``-grams that occur at least twice in the solo."""
    grams = runs(intervals(solo), size)
    counts = Counter(grams)
    return sum(counts[gram] > 1 for gram in grams) / max(1, len(grams))


def longest_shared_run(ours: Sequence[Hashable], others: Collection[Sequence[Hashable]]) -> int:
    """The length of the longest run of entries that ``ours`` shares with one of ``others``."""
    size = 0
    while True:
        known = {run for other in others for run in runs(other, size + 1)}
        if known.isdisjoint(runs(ours, size + 1)):
            return size
        size += 1


def runs(entries: Sequence[Hashable], size: int) -> list[tuple[Hashable, ...]]:
    """Every run of ``size`` consecutive entries, in order."""
    return [tuple(entries[i : i + size]) for i in range(len(entries) - size + 1)]


def notes_by_bar(solo: Solo) -> list[list[Note]]:
    """The notes of each bar by onset, from the bar of the first note to that of the last."""
    numbers = [solo.chart.bar_at(note.onset) for note in solo.notes]
    bars: list[list[Note]] = [[] for _ in range(numbers[-1] - numbers[0] + 1)]
    for number, note in zip(numbers, solo.notes, strict=True):
        bars[number - numbers[0]].append(note)
    return bars


def gaps(solo: Solo) -> list[int]:
    """The silence in ticks between each note and the next."""
    return [max(0, b.onset - a.end) for a, b in pairwise(solo.notes)]


def overlap(solo: Solo) -> float:
    """The share of notes that still sound when the next one begins; 0 in every valid solo."""
    return sum(a.end > b.onset for a, b in pairwise(solo.notes)) / len(solo.notes)


def inter_onsets(solo: Solo) -> list[int]:
    """Ticks from each onset to the next."""
    return [b.onset - a.onset for a, b in pairwise(solo.notes)]


def phrases(solo: Solo) -> list[tuple[Note, ...]]:
    """The solo divided at rests of a beat or more."""
    cuts = [i + 1 for i, gap in enumerate(gaps(solo)) if gap >= PHRASE_GAP]
    return [solo.notes[a:b] for a, b in pairwise([0, *cuts, len(solo.notes)])]


def groove_similarity(solo: Solo) -> float:
    """Mean of 1 - Hamming distance / slots over all pairs of bars, 64 slots in a bar of 4/4.

    The distance counts the slots with an onset in only one of the two bars. Bars of another
    meter have 16 slots per quarter note, and a pair has those of its longer bar.

    Source: S.-L. Wu and Y.-H. Yang, The Jazz Transformer on the Front Line, ISMIR 2020.
    """
    starts = solo.chart.bar_starts
    grids, sizes = [], []
    for number, bar in enumerate(notes_by_bar(solo), solo.chart.bar_at(solo.notes[0].onset)):
        slots = {(note.onset - starts[number]) * SLOTS // TICKS_PER_QUARTER for note in bar}
        grids.append(sum(1 << slot for slot in slots))
        sizes.append((starts[number + 1] - starts[number]) * SLOTS // TICKS_PER_QUARTER)
    distances = [
        (a ^ b).bit_count() / max(m, n)
        for (a, m), (b, n) in combinations(zip(grids, sizes, strict=True), 2)
    ]
    return 1 - sum(distances) / len(distances) if distances else 1.0


def swing_ratio(solo: Solo) -> float | None:
    """The median ratio long : short of the pairs of eighths as written, 1 to 3; 1 is even.

    A pair is a beat with two onsets, one on it and one from its middle to three quarters. Eighths
    that are written even may be meant to swing, so the ratio of a score says little, that of a
    performance much. None for fewer than ``MIN_PAIRS`` pairs.
    """
    beats: dict[int, list[int]] = {}
    for note in solo.notes:
        beat, tick = divmod(note.onset, TICKS_PER_QUARTER)
        beats.setdefault(beat, []).append(tick)
    low, high = SECOND_EIGHTH
    seconds = [ticks[1] for ticks in beats.values() if len(ticks) == 2 and ticks[0] == 0]
    ratios = [tick / (TICKS_PER_QUARTER - tick) for tick in seconds if low <= tick <= high]
    return median(ratios) if len(ratios) >= MIN_PAIRS else None


def passages(solo: Solo) -> tuple[Passages, Passages]:
    """The intervals of a solo, alone and with the times between onsets, so that transposed copies
    are found too."""
    steps, times = intervals(solo), [min(CAP, ticks) for ticks in inter_onsets(solo)]
    timed = [step * (CAP + 1) + ticks for step, ticks in zip(steps, times, strict=True)]
    position = partial(_position, solo)
    return (
        Passages("intervals", steps, position, USUAL[0]),
        Passages("intervals with rhythm", timed, position, USUAL[1]),
    )


def _position(solo: Solo, index: int) -> str:
    """The bar of the first note of an interval, counted as in a score."""
    bar = f"bar {solo.chart.bar_at(solo.notes[index].onset) + 1 - solo.chart.pickup}"
    return f"{solo.title}, {bar}" if solo.title else bar


@final
@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """The values of a metric for real solos.

    Args:
        key: Its name in ``solo_metrics`` ("phrase ends": share of chord tones, pooled).
        name: Its name in a table.
        mean: The mean over real solos.
        tolerance: The maximum distance of the mean of many solos from ``mean``: ``WIDTH`` standard
            deviations if these are known, else as stated.
        sd: The standard deviation over real solos; None if unknown.
        low: The 5th percentile of single real solos; None if unknown.
        high: The 95th percentile.
        separates: Whether it separates a model from a baseline.
        meaning: What the metric shows.
        sources: The sources of the mean, and of the percentiles if they differ.
    """

    key: str
    name: str
    mean: float
    tolerance: float
    sd: float | None
    low: float | None
    high: float | None
    separates: bool
    meaning: str
    sources: tuple[str, ...]

    def contains_mean(self, value: float) -> bool:
        """Whether the mean of many solos is near the mean of real ones."""
        return abs(value - self.mean) <= self.tolerance

    def contains(self, value: float) -> bool | None:
        """Whether the value of a solo is in the range of 90 % of real ones; None if unknown."""
        if self.low is None or self.high is None:
            return None
        return self.low <= value <= self.high


@cache
def reference_ranges() -> tuple[ReferenceRange, ...]:
    """Every metric, in the order of the score card."""
    path = files("seqgen_jazz.evaluation").joinpath("reference_ranges.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_reference_range(entry, table["sources"]) for entry in table["metric"])


def _reference_range(entry: dict[str, Any], sources: dict[str, str]) -> ReferenceRange:
    optional = {"sd": None, "low": None, "high": None, "separates": False, **entry}
    names = dict.fromkeys((optional.pop("from"), optional.pop("percentiles", entry["from"])))
    if optional["sd"] is not None:
        optional["tolerance"] = WIDTH * optional["sd"]
    return ReferenceRange(**optional, sources=tuple(sources[name] for name in names))


def distance(solo: Solo) -> float:
    """The distance of a solo from real ones: 0 at best, ``MAX_DISTANCE`` for fewer than two notes.

    The weighted mean over the metrics of the score card. The distance of a metric is measured
    from the range of 90 % of real solos, in halves of this range. Inside the range it is a tenth
    of the distance from the middle, so that of two solos inside every range the more usual one is
    better. A metric for which the solo is too short is ignored.
    """
    if len(solo.notes) < 2:
        return MAX_DISTANCE
    metrics = solo_metrics(solo)
    total = weights = 0.0
    for reference in reference_ranges():
        value = metrics.get(reference.key)
        if value is None or reference.low is None or reference.high is None:
            continue
        weight = SEPARATING_WEIGHT if reference.separates else 1.0
        total += weight * _metric_distance(value, reference.low, reference.high)
        weights += weight
    return total / weights


def _metric_distance(value: float, low: float, high: float) -> float:
    """0 in the middle of the range, 0.1 at its ends, then 1 more per half range."""
    half = (high - low) / 2 or 1.0
    offset = abs(value - (low + high) / 2) / half
    return min(MAX_DISTANCE, 0.1 * offset if offset <= 1 else 0.1 + offset - 1)


def rank_solos(solos: Sequence[Solo]) -> list[int]:
    """The indices of the solos by distance, the closest to real solos first; ties by index."""
    return sorted(range(len(solos)), key=lambda index: (distance(solos[index]), index))
