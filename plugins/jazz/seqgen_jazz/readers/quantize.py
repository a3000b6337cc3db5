"""Fit: lay a tune on the grid as one line of single notes, and count every change this makes."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar, Chart
from seqgen_jazz.encoding.solo import Note, Solo, check_solo
from seqgen_jazz.harmony.chord import NO_CHORD, Chord
from seqgen_jazz.readers.raw_tune import MAX_QUARTERS, MIN_NOTES, RawNote, RawSolo, bar_ticks

#: Where onsets lie within a sixteenth note, in ticks: on the 12ths of a quarter (93 % of those
#: of real solos do, within 0.002 quarter) and on its eighths, which written solos use besides.
PLACES = (0, 2, 3, 4, 6)
_MIDDLES = tuple((low + high) / 2 for low, high in pairwise(PLACES))
#: A rest shorter than a sixth of a quarter is articulation, not silence.
SHORTEST_REST = TICKS_PER_QUARTER // 6
#: Quarter notes a minute of a solo whose file says none.
_TEMPO = 160.0


def fit(raw: RawSolo) -> tuple[Solo, Counter[str]]:
    """A solo on the grid of 24 ticks a quarter and what was changed.

    Of notes at one onset the highest stays, notes are cut at the next onset, rests under a
    sixth of a quarter are closed, and bars without notes at both ends are cut off.

    Raises:
        DataError: Too few notes, no chords, or a length that no piece has.
    """
    counts = Counter(raw.counts)
    if not raw.notes:
        raise DataError("it has no notes")
    if len(raw.notes) < MIN_NOTES:
        raise DataError(f"it has {len(raw.notes)} notes; at least {MIN_NOTES} are needed")
    _check_chords(raw)
    if max(note.end for note in raw.notes) > MAX_QUARTERS:
        raise DataError(f"it is longer than {MAX_QUARTERS} quarter notes, so it must be damaged")
    notes = _close_gaps(_single_line(_snap(raw.notes, counts), counts), counts)
    if len(notes) < MIN_NOTES:
        raise DataError(f"its line has {len(notes)} notes; at least {MIN_NOTES} are needed")
    chart, shift = _chart(raw, notes, counts)
    line = tuple(Note(note.onset - shift, note.duration, note.pitch) for note in notes)
    solo = Solo(chart, line, raw.title, raw.tempo or _TEMPO)
    check_solo(solo)
    counts["solos"] += 1
    counts["notes"] += len(line)
    return solo, counts


def whole_chart(raw: RawSolo, begin: float = 0.0) -> Chart:
    """The chart of all bars of a tune, also those in which the line rests.

    Args:
        raw: The tune.
        begin: The quarter in whose bar the chart begins.

    Raises:
        DataError: It has no chords or no bars.
    """
    _check_chords(raw)
    starts = [0, *accumulate(map(bar_ticks, raw.meters))]
    if len(starts) == 1:
        raise DataError("it has no bars")
    first = min(bisect_right(starts, to_grid(begin)), len(raw.meters)) - 1
    bars = _bars(raw, raw.meters, starts, first, len(raw.meters) - 1)
    return Chart(bars, raw.title, tempo=raw.tempo)


def whole_line(raw: RawSolo) -> tuple[tuple[Note, ...], Counter[str]]:
    """The notes of a tune as one line on the grid, from the start of its file, and what was
    changed.

    Raises:
        DataError: It is as long as no piece is.
    """
    counts: Counter[str] = Counter(raw.counts)
    if any(note.end > MAX_QUARTERS for note in raw.notes):
        raise DataError(f"it is longer than {MAX_QUARTERS} quarter notes, so it must be damaged")
    return tuple(_single_line(_snap(raw.notes, counts), counts)), counts


def _check_chords(raw: RawSolo) -> None:
    if all(chord == NO_CHORD for _, chord in raw.chords):
        raise DataError(
            "it has no chords: neither chord symbols nor an accompaniment to infer them"
        )


def to_grid(quarters: float) -> int:
    """The nearest 12th or eighth of a quarter, in ticks."""
    sixteenth, rest = divmod(quarters * TICKS_PER_QUARTER, PLACES[-1])
    return int(sixteenth) * PLACES[-1] + PLACES[bisect_left(_MIDDLES, rest)]


def _snap(notes: Iterable[RawNote], counts: Counter[str]) -> list[Note]:
    snapped = []
    moved = 0
    for first, last, pitch in notes:
        onset = to_grid(first)
        moved += abs(first * TICKS_PER_QUARTER - onset) > 0.5
        snapped.append(Note(onset, max(1, to_grid(last) - onset), pitch))
    counts["onsets"] += len(snapped)
    counts["onsets moved"] += moved
    return sorted(snapped)


def _single_line(notes: list[Note], counts: Counter[str]) -> list[Note]:
    highest: dict[int, Note] = {}
    for note in notes:  # ascending: of one onset and length the highest comes last
        other = highest.get(note.onset)
        if other is None or note.pitch > other.pitch:
            highest[note.onset] = note
    line = [highest[onset] for onset in sorted(highest)]
    counts["second voices dropped"] += len(notes) - len(line)
    for place, ((onset, length, pitch), after) in enumerate(pairwise(list(line))):
        if onset + length > after.onset:
            counts["notes trimmed"] += 1
            line[place] = Note(onset, after.onset - onset, pitch)
    return line


def _close_gaps(line: list[Note], counts: Counter[str]) -> list[Note]:
    closed = list(line)
    for place, ((onset, length, pitch), after) in enumerate(pairwise(line)):
        if 0 < after.onset - onset - length < SHORTEST_REST:
            counts["short rests closed"] += 1
            closed[place] = Note(onset, after.onset - onset, pitch)
    return closed


def _chart(raw: RawSolo, notes: list[Note], counts: Counter[str]) -> tuple[Chart, int]:
    """The chart of the bars from the first note to the last, and the tick it starts at."""
    meters = list(raw.meters)
    starts = [0, *accumulate(map(bar_ticks, meters))]
    while starts[-1] < notes[-1].end:
        # Files end their last bar with the last note; the bar itself goes on.
        meters.append(meters[-1])
        starts.append(starts[-1] + bar_ticks(meters[-1]))
    first = bisect_right(starts, notes[0].onset) - 1
    last = bisect_right(starts, notes[-1].end - 1) - 1
    counts["empty bars cut at the ends"] += first + max(0, len(raw.meters) - 1 - last)
    bars = _bars(raw, meters, starts, first, last)
    counts["bars"] += len(bars)
    return Chart(bars, raw.title), starts[first]


def _bars(
    raw: RawSolo, meters: Sequence[tuple[int, int]], starts: Sequence[int], first: int, last: int
) -> tuple[Bar, ...]:
    """The bars from one to another with their changes; ``starts`` are the ticks of all bars."""
    changes = _changes(raw.chords, starts[first], starts[last + 1], set(starts))
    inside: list[list[tuple[int, Chord]]] = [[] for _ in range(first, last + 1)]
    for tick, chord in changes:
        place = bisect_right(starts, tick) - 1
        inside[place - first].append((tick - starts[place], chord))
    pairs = zip(inside, meters[first : last + 1], strict=True)
    return tuple(Bar(tuple(found), meter) for found, meter in pairs)


def _changes(
    chords: Iterable[tuple[float, Chord]], start: int, end: int, bar_starts: set[int]
) -> list[tuple[int, Chord]]:
    """The changes in ``[start, end)``; the chord that sounds already stands at ``start``."""
    by_tick: dict[int, Chord] = {start: NO_CHORD}
    for quarters, chord in sorted(chords, key=lambda found: found[0]):
        tick = to_grid(quarters)
        if tick < end:
            by_tick[max(start, tick)] = chord
    changes: list[tuple[int, Chord]] = []
    for tick, chord in sorted(by_tick.items()):
        # The same chord again says something only where a bar begins.
        if not changes or chord != changes[-1][1] or tick in bar_starts:
            changes.append((tick, chord))
    return changes
