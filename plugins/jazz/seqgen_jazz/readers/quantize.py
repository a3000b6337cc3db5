"""Quantize a tune to one line of single notes on the grid, and count every change."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar, Chart
from seqgen_jazz.encoding.solo import Note, Solo, check_solo
from seqgen_jazz.harmony.chord import NO_CHORD, Chord
from seqgen_jazz.readers.errors import ReadError, SkipReason
from seqgen_jazz.readers.meters_and_measures import bar_ticks
from seqgen_jazz.readers.raw_tune import MAX_LENGTH, MIN_NOTES, Count, RawNote, RawTune

#: Onsets within a sixteenth note, in ticks: the 12ths of a quarter note (93 % of the onsets of
#: real solos are within 0.002 quarter notes of one) and its eighths, which written solos also use.
GRID = (0, 2, 3, 4, 6)
_MIDPOINTS = tuple((low + high) / 2 for low, high in pairwise(GRID))
#: A rest shorter than a sixth of a quarter note is articulation, not silence.
SHORTEST_REST = TICKS_PER_QUARTER // 6
#: The tempo of a solo whose file has none, in quarter notes a minute.
_TEMPO = 160.0


def quantize(raw: RawTune) -> tuple[Solo, Counter[Count]]:
    """A solo on the grid of 24 ticks per quarter note, and what was changed.

    Of several notes at one onset the highest is kept, notes are cut at the next onset, rests
    under a sixth of a quarter note are closed, and bars without notes at both ends are removed.

    Raises:
        ReadError: It has too few notes, no chords, or an unreasonable length.
    """
    _check_notes(len(raw.notes), "it has")
    _check_chords(raw)
    line, counts = quantize_line(raw)
    notes = _close_gaps(line, counts)
    _check_notes(len(notes), "its line has")
    chart, shift = _solo_chart(raw, notes, counts)
    shifted = tuple(Note(note.onset - shift, note.duration, note.pitch) for note in notes)
    solo = Solo(chart, shifted, raw.title, raw.tempo or _TEMPO)
    check_solo(solo)
    counts[Count.SOLOS] += 1
    counts[Count.NOTES] += len(shifted)
    return solo, counts


def quantize_chart(raw: RawTune, begin: float = 0.0) -> Chart:
    """The chart of all bars of a tune, including those without notes.

    Args:
        raw: The tune.
        begin: The chart begins with the bar that contains this quarter note.

    Raises:
        ReadError: It has no chords or no bars.
    """
    _check_chords(raw)
    starts = _bar_starts(raw.meters)
    if len(starts) == 1:
        raise ReadError("it has no bars", SkipReason.EMPTY)
    first = min(bisect_right(starts, to_grid(begin)), len(raw.meters)) - 1
    bars = _bars(raw, raw.meters, starts, first, len(raw.meters) - 1)
    return Chart(bars, raw.title, tempo=raw.tempo)


def quantize_line(raw: RawTune) -> tuple[list[Note], Counter[Count]]:
    """The notes of a tune as one line on the grid, from the start of its file, and the changes.

    Raises:
        ReadError: It has an unreasonable length.
    """
    counts = Counter(raw.counts)
    if any(note.end > MAX_LENGTH for note in raw.notes):
        raise ReadError(f"it lasts over {MAX_LENGTH} quarter notes", SkipReason.DAMAGED)
    return _single_line(_snap(raw.notes, counts), counts), counts


def _check_notes(number: int, what: str) -> None:
    if not number:
        raise ReadError("it has no notes", SkipReason.EMPTY)
    if number < MIN_NOTES:
        message = f"{what} {number} notes; at least {MIN_NOTES} are needed"
        raise ReadError(message, SkipReason.TOO_SHORT)


def _check_chords(raw: RawTune) -> None:
    if all(chord == NO_CHORD for _, chord in raw.chords):
        raise ReadError("it has no chords", SkipReason.NO_CHORDS)


def to_grid(quarters: float) -> int:
    """The nearest 12th or eighth of a quarter note, in ticks."""
    sixteenth, rest = divmod(quarters * TICKS_PER_QUARTER, GRID[-1])
    return int(sixteenth) * GRID[-1] + GRID[bisect_left(_MIDPOINTS, rest)]


def _snap(notes: Iterable[RawNote], counts: Counter[Count]) -> list[Note]:
    snapped = []
    moved = 0
    for first, last, pitch in notes:
        onset = to_grid(first)
        moved += abs(first * TICKS_PER_QUARTER - onset) > 0.5
        snapped.append(Note(onset, max(1, to_grid(last) - onset), pitch))
    counts[Count.ONSETS] += len(snapped)
    counts[Count.ONSETS_MOVED] += moved
    return sorted(snapped)


def _single_line(notes: list[Note], counts: Counter[Count]) -> list[Note]:
    highest: dict[int, Note] = {}
    for note in notes:  # ascending: of one onset and length the highest comes last
        other = highest.get(note.onset)
        if other is None or note.pitch > other.pitch:
            highest[note.onset] = note
    line = [highest[onset] for onset in sorted(highest)]
    counts[Count.LOWER_NOTES] += len(notes) - len(line)
    for index, ((onset, length, pitch), (following, *_)) in enumerate(pairwise(list(line))):
        if onset + length > following:
            counts[Count.NOTES_CUT] += 1
            line[index] = Note(onset, following - onset, pitch)
    return line


def _close_gaps(line: list[Note], counts: Counter[Count]) -> list[Note]:
    closed = list(line)
    for index, ((onset, length, pitch), (following, *_)) in enumerate(pairwise(line)):
        if 0 < following - onset - length < SHORTEST_REST:
            counts[Count.RESTS_CLOSED] += 1
            closed[index] = Note(onset, following - onset, pitch)
    return closed


def _bar_starts(meters: Iterable[tuple[int, int]]) -> list[int]:
    """The tick at which each bar begins, and the tick at which the last one ends."""
    return [0, *accumulate(map(bar_ticks, meters))]


def _solo_chart(raw: RawTune, notes: list[Note], counts: Counter[Count]) -> tuple[Chart, int]:
    """The chart of the bars from the first note to the last, and the tick at which it begins."""
    meters = list(raw.meters)
    starts = _bar_starts(meters)
    while starts[-1] < notes[-1].end:
        # Files end with the last note; the bar of this note is completed.
        meters.append(meters[-1])
        starts.append(starts[-1] + bar_ticks(meters[-1]))
    first = bisect_right(starts, notes[0].onset) - 1
    last = bisect_right(starts, notes[-1].end - 1) - 1
    counts[Count.EMPTY_BARS] += first + max(0, len(raw.meters) - 1 - last)
    bars = _bars(raw, meters, starts, first, last)
    counts[Count.BARS] += len(bars)
    return Chart(bars, raw.title), starts[first]


def _bars(
    raw: RawTune, meters: Sequence[tuple[int, int]], starts: Sequence[int], first: int, last: int
) -> tuple[Bar, ...]:
    """The bars ``first`` to ``last`` with their changes; ``starts`` are the ticks of all bars."""
    bar_changes: list[list[tuple[int, Chord]]] = [[] for _ in range(first, last + 1)]
    for tick, chord in _changes(raw.chords, starts[first], starts[last + 1], set(starts)):
        bar = bisect_right(starts, tick) - 1
        bar_changes[bar - first].append((tick - starts[bar], chord))
    pairs = zip(bar_changes, meters[first : last + 1], strict=True)
    return tuple(Bar(tuple(changes), meter) for changes, meter in pairs)


def _changes(
    chords: Iterable[tuple[float, Chord]], start: int, end: int, bar_starts: set[int]
) -> list[tuple[int, Chord]]:
    """The changes in ``[start, end)``; a chord that began earlier is moved to ``start``."""
    by_tick: dict[int, Chord] = {start: NO_CHORD}
    for quarters, chord in sorted(chords, key=lambda entry: entry[0]):
        tick = to_grid(quarters)
        if tick < end:
            by_tick[max(start, tick)] = chord
    changes: list[tuple[int, Chord]] = []
    for tick, chord in sorted(by_tick.items()):
        # A repeated chord is written only at the beginning of a bar.
        if not changes or chord != changes[-1][1] or tick in bar_starts:
            changes.append((tick, chord))
    return changes
