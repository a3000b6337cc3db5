"""The MIDI reader: melody track, chord symbols or inferred chords, bars, by symusic."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.chord import Chord, parse_chord
from seqgen_jazz.reading.fit import fit
from seqgen_jazz.reading.infer import downbeat_shift, infer_chords
from seqgen_jazz.reading.midi_events import LYRIC, MARKER, TEXT, MidiTexts, walk_events
from seqgen_jazz.reading.raw import (
    MAX_QUARTERS,
    MIN_NOTES,
    FileRead,
    RawNote,
    RawSolo,
    bar_ticks,
    check_meter,
    meter_of_ticks,
)
from seqgen_jazz.solo import TICKS_PER_QUARTER

_MELODY: Final = re.compile(
    r"melod|solo|lead|vocal|voice|sing|sax|trumpet|trombone|clarinet|flute|theme", re.I
)
_OTHER: Final = re.compile(r"bass|drum|chord|comp|piano|guitar|pad|string|acc|left|perc", re.I)
_BASS_PROGRAMS: Final = range(32, 40)
#: Below this share of single notes a track is no line.
_LEAST_SINGLE: Final = 0.6
_MOST_NOTES: Final = 300_000


def read_midi(path: Path) -> FileRead:
    """The solo of a MIDI file.

    Raises:
        DataError: The file is damaged, or has no line, no chords or no usable meter.
    """
    score = load_midi(path)
    quarter = score.ticks_per_quarter
    counts: Counter[str] = Counter()
    texts = walk_events(path.read_bytes())
    if texts.unfinished:
        counts["notes that never end left out"] += texts.unfinished
    pitched = [track for track in score.tracks if len(track.notes) and not track.is_drum]
    melody = _melody(pitched, quarter)
    meters = _meters(score, quarter, counts)
    chords = _symbols(texts, quarter, counts)
    backing = [track for track in pitched if track is not melody and not chords]
    others = [note for track in backing for note in _raw(track, quarter)]
    shift = downbeat_shift([onset for onset, _ in chords] or [n.onset for n in others], meters)
    if shift:
        meters = [meter_of_ticks(shift), *meters]
        counts["pickups found by the chords"] += 1
    if not chords:
        chords = infer_chords(others, meters)
        counts["files with chords inferred from the accompaniment"] += 1
    notes = tuple(_raw(melody, quarter))
    tempo = float(score.tempos[0].qpm) if len(score.tempos) else 120.0
    raw = RawSolo(notes, tuple(chords), tuple(meters), path.stem, round(tempo, 2), counts)
    solo, fitted = fit(raw)
    return FileRead((solo,), (), fitted)


def load_midi(path: Path) -> Any:
    """The score, or a plain reason why there is none."""
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
    _check(score)
    return score


def _check(score: Any) -> None:
    if score.ticks_per_quarter <= 0:
        raise DataError("it counts 0 ticks a quarter note")
    if not score.note_num():
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


def _melody(tracks: Sequence[Any], quarter: int) -> Any:
    """The track that is most like a line: one note at a time, named or pitched like a solo."""
    found = [
        (single, track)
        for track in tracks
        if (single := _single_share(track, quarter)) >= _LEAST_SINGLE
        and len(track.notes) >= MIN_NOTES
    ]
    if not found:
        raise DataError(f"no track is a line of at least {MIN_NOTES} single notes")
    most = max(len(track.notes) for _, track in found)

    def likeness(entry: tuple[float, Any]) -> float:
        single, track = entry
        name = _text(track, "name")
        low = track.program in _BASS_PROGRAMS or _median(track) < 48
        named = 1.5 * bool(_MELODY.search(name)) - 1.5 * bool(_OTHER.search(name))
        return 2 * single + named + len(track.notes) / most - 1.5 * low

    return max(found, key=likeness)[1]


def _single_share(track: Any, quarter: int) -> float:
    """The share of notes that end about when the next one starts, or before."""
    spans = sorted((note.time, note.time + note.duration) for note in track.notes)
    slack = quarter / 8
    clean = sum(
        start < after and end <= after + max(slack, (end - start) / 4)
        for (start, end), (after, _) in pairwise(spans)
    )
    return float(clean / max(1, len(spans) - 1))


def _median(track: Any) -> float:
    return float(statistics.median(note.pitch for note in track.notes))


def _meters(score: Any, quarter: int, counts: Counter[str]) -> list[tuple[int, int]]:
    """One meter a bar up to the last note; a bar that a change cuts short gets its own meter."""
    signs: dict[int, tuple[int, int]] = {}
    for sign in score.time_signatures:
        tick = round(sign.time * TICKS_PER_QUARTER / quarter)
        signs[tick] = check_meter(sign.numerator, sign.denominator)
    if 0 not in signs:
        counts["files that begin without a meter, read as 4/4"] += 1
        signs[0] = (4, 4)
    end = round(score.end() * TICKS_PER_QUARTER / quarter)
    meters: list[tuple[int, int]] = []
    ordered = sorted(signs)
    for tick, after in zip(ordered, [*ordered[1:], end], strict=True):
        length = bar_ticks(signs[tick])
        whole, rest = divmod(max(0, after - tick), length)
        meters += [signs[tick]] * whole
        if rest:
            meters.append(signs[tick] if after == end else meter_of_ticks(rest))
    return meters


def _text(owner: Any, name: str) -> str:
    """A text of the file; a name that is no UTF-8 is as good as no name."""
    try:
        return str(getattr(owner, name))
    except UnicodeDecodeError:
        return ""


def _chord(text: str) -> Chord | None:
    """The chord a text is, None when it is another kind of text; the caller counts those."""
    try:
        return parse_chord(text)
    except DataError:
        return None


def _symbols(texts: MidiTexts, quarter: int, counts: Counter[str]) -> list[tuple[float, Chord]]:
    """The chord symbols among markers, else lyrics, else texts; empty when there are none.

    Rehearsal letters are markers too: texts count as chords only when most of them are
    chords and one at least says more than a single letter.
    """
    for wanted in (MARKER, LYRIC, TEXT):
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
