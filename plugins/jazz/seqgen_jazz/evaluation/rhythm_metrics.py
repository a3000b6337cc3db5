"""When a solo plays: bars, silence, phrases, groove, swing and overlap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import combinations, pairwise

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import Note, Solo

#: A silence of at least this many ticks ends a phrase (one beat).
PHRASE_GAP = TICKS_PER_QUARTER
#: Onset slots in a quarter for groove similarity: 64 in a bar of 4/4.
SLOTS = 16
#: Where in a beat the second of two notes may stand for the pair to count as eighths, in ticks:
#: from even (1 : 1) to dotted (3 : 1).
SECOND_EIGHTH = (12, 18)
#: Swing is left out of a solo with fewer pairs of eighths.
LEAST_PAIRS = 8


def bars_of(solo: Solo) -> list[list[Note]]:
    """The notes of each bar by onset, from the bar of the first note to that of the last."""
    starts = solo.chart.bar_starts
    where = [bisect_right(starts, note.onset) - 1 for note in solo.notes]
    bars: list[list[Note]] = [[] for _ in range(where[-1] - where[0] + 1)]
    for index, note in zip(where, solo.notes, strict=True):
        bars[index - where[0]].append(note)
    return bars


def gaps(solo: Solo) -> list[int]:
    """The silence in ticks between each note and the next."""
    return [max(0, b.onset - a.end) for a, b in pairwise(solo.notes)]


def overlap(solo: Solo) -> float:
    """Share of the notes that still sound when the next one begins; 0 in every valid solo."""
    return sum(a.end > b.onset for a, b in pairwise(solo.notes)) / len(solo.notes)


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


def groove_similarity(solo: Solo) -> float:
    """Mean of 1 - Hamming distance / slots over all pairs of bars, 64 slots in a bar of 4/4.

    The distance counts the slots with an onset in one of the two bars only; bars of another
    meter have 16 slots a quarter, and a pair has those of its longer bar.

    Source: S.-L. Wu and Y.-H. Yang, The Jazz Transformer on the Front Line, ISMIR 2020.
    """
    starts = solo.chart.bar_starts
    first = bisect_right(starts, solo.notes[0].onset) - 1
    grids, sizes = [], []
    for number, bar in enumerate(bars_of(solo), first):
        base = starts[number]
        slots = {(note.onset - base) * SLOTS // TICKS_PER_QUARTER for note in bar}
        grids.append(sum(1 << slot for slot in slots))
        sizes.append((starts[number + 1] - base) * SLOTS // TICKS_PER_QUARTER)
    far = [
        (a ^ b).bit_count() / max(m, n)
        for (a, m), (b, n) in combinations(zip(grids, sizes, strict=True), 2)
    ]
    return 1 - sum(far) / len(far) if far else 1.0


def swing(solo: Solo) -> float | None:
    """The median ratio long : short of the pairs of eighths, as they are written; 1 is even.

    A pair is a beat with two onsets, one on it and one from its middle to three quarters. What
    is written even may be meant to swing: notation says little here, a performance much.

    Returns:
        A ratio in 1 to 3, or None for fewer than ``LEAST_PAIRS`` pairs.
    """
    beats: dict[int, list[int]] = {}
    for note in solo.notes:
        beat, tick = divmod(note.onset, TICKS_PER_QUARTER)
        beats.setdefault(beat, []).append(tick)
    low, high = SECOND_EIGHTH
    seconds = [ticks[1] for ticks in beats.values() if len(ticks) == 2 and ticks[0] == 0]
    ratios = [tick / (TICKS_PER_QUARTER - tick) for tick in seconds if low <= tick <= high]
    return median(ratios) if len(ratios) >= LEAST_PAIRS else None
