"""The MIDI reader: melody track, chord symbols or inferred chords, bars, by symusic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.chord_inference import downbeat_shift, infer_chords
from seqgen_jazz.readers.melody_track import choose_melody
from seqgen_jazz.readers.midi_events import LYRIC, MARKER, TEXT, MidiTexts, walk_events
from seqgen_jazz.readers.quantize import fit
from seqgen_jazz.readers.raw_tune import (
    MAX_QUARTERS,
    FileRead,
    RawNote,
    RawSolo,
    bar_ticks,
    check_meter,
    meter_of_ticks,
)
from seqgen_jazz.readers.recipe import AS_FOUND, CHORD_PLACES, FileChoice

#: The names of ``choices.CHORD_PLACES`` for kinds of text.
_PLACES: Final = {"markers": MARKER, "lyrics": LYRIC, "texts": TEXT}
_MOST_NOTES: Final = 300_000


def read_midi(path: Path, choice: FileChoice = AS_FOUND) -> FileRead:
    """The solo of a MIDI file.

    Args:
        path: The file.
        choice: Its melody track and where its chords stand; by default both are found.

    Raises:
        DataError: The file is damaged, or has no line, no chords or no usable meter.
    """
    solo, counts = fit(raw_midi(path, choice))
    return FileRead((solo,), (), counts)


def raw_midi(path: Path, choice: FileChoice = AS_FOUND, whole: bool = False) -> RawSolo:
    """The tune of a MIDI file before it is laid on the grid; errors as ``read_midi``.

    Args:
        path: The file.
        choice: Its melody track and where its chords stand.
        whole: Whether all bars matter and a line is not needed: of tracks without one the chords
            are inferred from all, and the last bar is that in which something begins, or of a
            file without notes that in which its tracks end. The notes are then those of all
            tracks but drums, for all of them tell where the music begins.
    """
    score = load_midi(path, silent=whole)
    quarter = score.ticks_per_quarter
    counts: Counter[str] = Counter()
    texts = walk_events(path.read_bytes())
    if texts.unfinished:
        counts["notes that never end left out"] += texts.unfinished
    sounding = sounding_tracks(score)
    melody = _melody(sounding, quarter, choice.melody, whole)
    end = _last_begin(sounding, texts, quarter) if whole else score.end() / quarter
    meters = _meters(score, end, counts)
    chords = _chosen_chords(choice.chords, texts, meters, quarter, counts)
    pitched = [track for track in sounding if not track.is_drum]
    backing = [track for track in pitched if track is not melody and not chords]
    others = [note for track in backing for note in _raw(track, quarter)]
    shift = 0
    if choice.chords in CHORD_PLACES:
        shift = downbeat_shift([onset for onset, _ in chords] or [n.onset for n in others], meters)
    if shift:
        meters = [meter_of_ticks(shift), *meters]
        counts["pickups found by the chords"] += 1
    if not chords:
        chords = infer_chords(others, meters)
        counts["files with chords inferred from the accompaniment"] += 1
    played = pitched if whole else [melody]
    notes = tuple(note for track in played for note in _raw(track, quarter))
    notes = (not whole and _as_written(texts, notes)) or notes
    tempo = float(score.tempos[0].qpm) if len(score.tempos) else 120.0
    return RawSolo(notes, tuple(chords), tuple(meters), path.stem, round(tempo, 2), counts)


def _melody(tracks: Sequence[Any], quarter: int, number: int, whole: bool) -> Any:
    """The track of the melody; None where there is none and none is needed."""
    try:
        return choose_melody(tracks, quarter, number)
    except DataError:
        if not whole:
            raise
        return None


def _last_begin(tracks: Sequence[Any], texts: MidiTexts, quarter: int) -> float:
    """The quarter up to which bars count: behind the last note and chord symbol that begin, and
    up to a quarter before the last sound ends, which may ring over its bar line. Where nothing
    sounds, nothing else tells of the last bars than the end of the tracks."""
    symbols = _symbols(texts, quarter, Counter(), (MARKER, LYRIC, TEXT))
    notes = [note for track in tracks for note in _raw(track, quarter)]
    begins = [onset for onset, _ in symbols] + [note.onset for note in notes]
    last = max(begins, default=0.0) + 1 / TICKS_PER_QUARTER
    return max([last, *(note.end - 1 for note in notes)] if notes else [last, texts.end / quarter])


def _as_written(texts: MidiTexts, notes: Sequence[RawNote]) -> tuple[RawNote, ...]:
    """The notes of a file of this plugin as they stand on its grid, without swing and lateness;
    () for other files."""
    from seqgen_jazz.readers.embedded_line import own_phrase

    try:
        own = own_phrase(
            texts.texts, [sorted((n.onset, n.end, n.pitch) for n in notes)], "the file"
        )
    except DataError:
        return ()
    quarter = TICKS_PER_QUARTER
    line = own.notes if own else ()
    return tuple(RawNote(n.onset / quarter, n.end / quarter, n.pitch) for n in line)


def sounding_tracks(score: Any) -> list[Any]:
    """The tracks that have notes, drums too, in the order of the file."""
    return [track for track in score.tracks if len(track.notes)]


def _chosen_chords(
    chosen: str,
    texts: MidiTexts,
    meters: Sequence[tuple[int, int]],
    quarter: int,
    counts: Counter[str],
) -> list[tuple[float, Chord]]:
    """The chords as a recipe chooses them; empty when they are to be inferred."""
    if chosen == "infer":
        return []
    if chosen not in CHORD_PLACES:
        counts["files with the chords of a chart from the recipe"] += 1
        return _charted(chosen, sum(map(bar_ticks, meters)))
    kinds = (_PLACES[chosen],) if chosen else (MARKER, LYRIC, TEXT)
    chords = _symbols(texts, quarter, counts, kinds)
    if chosen and not chords:
        raise DataError(f"its {chosen} hold no chord symbols; the recipe says they do")
    return chords


def _charted(text: str, ticks: int) -> list[tuple[float, Chord]]:
    """The changes of a chart, from the beginning and over again up to so many ticks."""
    from seqgen_jazz.charts.chart_parser import parse_chart

    chart = parse_chart(text)
    return [
        ((start + tick) / TICKS_PER_QUARTER, chord)
        for start in range(0, ticks, chart.ticks)
        for tick, chord in chart.changes
    ]


def load_midi(path: Path, silent: bool = False) -> Any:
    """The score, or a plain reason why there is none; ``silent`` scores have no notes."""
    with path.open("rb") as file:
        head = file.read(14)
    if head[:4] != b"MThd":
        kind = "a web page" if head.lstrip()[:1] == b"<" else "no MIDI file"
        raise DataError(f"it is {kind}: it does not begin with MThd" if head else "it is empty")
    if len(head) < 14:
        raise DataError("its MIDI header is cut short")
    if head[8:10] == b"\x00\x02":
        raise DataError("it is MIDI of format 2, several songs in one; save them one by one")
    import symusic

    try:
        score = symusic.Score(path)
    except Exception as error:  # the C++ reader raises whatever its libraries do
        why = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise DataError(f"it is a damaged MIDI file ({why})") from error
    _check(score, silent)
    return score


def _check(score: Any, silent: bool) -> None:
    if score.ticks_per_quarter <= 0:
        raise DataError("it counts 0 ticks a quarter note")
    if not silent and not score.note_num():
        raise DataError("it has no notes")
    if score.note_num() > _MOST_NOTES:
        raise DataError(f"it has {score.note_num()} notes; the most is {_MOST_NOTES}")
    quarters = score.end() / score.ticks_per_quarter
    if quarters > MAX_QUARTERS:
        raise DataError(
            f"it lasts {quarters:.0f} quarter notes, so it must be damaged; "
            f"the most is {MAX_QUARTERS}"
        )


def _raw(track: Any, quarter: int) -> Iterable[RawNote]:
    for note in track.notes:
        yield RawNote(note.time / quarter, (note.time + note.duration) / quarter, note.pitch)


def _meters(score: Any, last: float, counts: Counter[str]) -> list[tuple[int, int]]:
    """One meter a bar up to a quarter; a bar that a change cuts short gets its own meter."""
    quarter = score.ticks_per_quarter
    signs: dict[int, tuple[int, int]] = {}
    for sign in score.time_signatures:
        tick = round(sign.time * TICKS_PER_QUARTER / quarter)
        signs[tick] = check_meter(sign.numerator, sign.denominator)
    if 0 not in signs:
        counts["files that begin without a meter, read as 4/4"] += 1
        signs[0] = (4, 4)
    end = round(last * TICKS_PER_QUARTER)
    meters: list[tuple[int, int]] = []
    ordered = sorted(signs)
    for tick, after in zip(ordered, [*ordered[1:], end], strict=True):
        length = bar_ticks(signs[tick])
        whole, rest = divmod(max(0, after - tick), length)
        meters += [signs[tick]] * whole
        if rest:
            meters.append(signs[tick] if after == end else meter_of_ticks(rest))
    return meters


def first_meters(score: Any) -> tuple[tuple[int, int], ...]:
    """One meter for each of the first bars, up to three; () where the file's meters make none."""
    quarter = score.ticks_per_quarter
    signs = sorted(sign.time / quarter for sign in score.time_signatures)
    try:
        # Behind the second sign of meter, nothing says more of a pickup.
        return tuple(_meters(score, max([0.0, *signs[:2]]) + 1, Counter())[:3])
    except DataError:
        return ()


def _chord(text: str) -> Chord | None:
    """The chord a text is, None when it is another kind of text; the caller counts those."""
    try:
        return parse_chord(text)
    except DataError:
        return None


def _symbols(
    texts: MidiTexts, quarter: int, counts: Counter[str], kinds: Sequence[int]
) -> list[tuple[float, Chord]]:
    """The chord symbols among markers, else lyrics, else texts; empty when there are none.

    Rehearsal letters are markers too: texts count as chords only when most of them are
    chords and one at least says more than a single letter.
    """
    for wanted in kinds:
        found = [
            (tick / quarter, said.strip()) for tick, kind, said in texts.texts if kind == wanted
        ]
        chords = [(onset, chord) for onset, said in found if (chord := _chord(said)) is not None]
        telling = any(len(said) > 1 for _, said in found)
        if telling and len(chords) >= 2 and 2 * len(chords) > len(found):
            if len(found) > len(chords):
                counts["markers that are no chord"] += len(found) - len(chords)
            return chords
    return []
