"""Phrases out of files: the line of a MIDI, MusicXML or ABC file, and what is told of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from seqgen import DataError
from seqgen_jazz.encoding.phrase import MARK, Phrase, _parsed, is_phrase_text
from seqgen_jazz.paths import named_file
from seqgen_jazz.prompting.align import pickup_ticks
from seqgen_jazz.readers.embedded_line import own_phrase
from seqgen_jazz.readers.melody_voice import line_told, told_name
from seqgen_jazz.readers.quantize import whole_line
from seqgen_jazz.readers.raw_tune import JUMPS, PART_ORDER, RawNote, RawSolo
from seqgen_jazz.readers.read_file import MIDI, plain_errors, read_raw

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_LARGEST: Final = 8_000_000
#: What the readers count -> what is told of it; {} is the number.
_TOLD: Final = {
    JUMPS: "its D.C., D.S. and coda signs are not followed",
    PART_ORDER: "its order of parts (P:) is not followed",
    "bars added by repeats": "its repeats are played out, which adds {} bars",
    "grace notes left out": "grace notes left out: {}",
    "notes that never end left out": "notes that never end, left out: {}",
    "second voices dropped": "notes below others that begin with them, left out: {}",
    "notes trimmed": "notes cut where the next one begins: {}",
}


def file_phrase(path: Path) -> Phrase:
    """The line of a file, from the start of the file, and what is told of it.

    Raises:
        DataError: The file cannot be read, or holds no notes.
    """
    suffix = path.suffix.lower()
    with plain_errors(suffix):
        return _from_midi(path) if suffix in MIDI else _from_notation(path)


def _from_notation(path: Path) -> Phrase:
    """The first tune of a page or an ABC file; it needs no chords."""
    read = read_raw(path, chords=False)
    raw, *others = read.tunes
    told = []
    if others or read.left_out:
        number, title = len(read.tunes) + len(read.left_out), raw.title[:80]
        told.append(f"{title!r} is taken, the first that can be read of its {number} tunes")
    if raw.line:
        told.append(raw.line)
    return _phrase(raw, told)


def _from_midi(path: Path) -> Phrase:
    """The track that is most like a line; of a file of this plugin exactly what was written."""
    from seqgen_jazz.readers.melody_track import choose_line
    from seqgen_jazz.readers.midi import first_meters, load_midi, sounding_tracks
    from seqgen_jazz.readers.midi_events import TEXT, walk_events

    data = path.read_bytes()
    if len(data) > _LARGEST:
        raise DataError(f"it has {len(data):,} bytes; the most for a phrase is {_LARGEST:,}")
    score = load_midi(path)
    quarter = score.ticks_per_quarter
    numbered = list(enumerate(sounding_tracks(score), 1))
    tracks = [track for _, track in numbered if not track.is_drum]
    if not tracks:
        raise DataError("it holds no notes to go on from but those of drums")
    events = walk_events(data)
    own = own_phrase(events.texts, [_notes(track, quarter) for track in tracks], "the file")
    if own:
        return own
    line = choose_line(tracks, quarter)
    raw = RawSolo(tuple(RawNote(*note) for note in _notes(line, quarter)), (), first_meters(score))
    raw.counts["notes that never end left out"] = events.unfinished
    told = _tracks_told(numbered, line)
    if any(kind == TEXT and said.startswith(MARK) for _, kind, said in events.texts):
        told.insert(0, "its notes were changed since it was written; they are read as they sound")
    return _phrase(raw, told)


def _notes(track: Any, quarter: int) -> list[tuple[float, float, int]]:
    """Start and end in quarters and pitch of each note, ascending."""
    return sorted((n.time / quarter, (n.time + n.duration) / quarter, n.pitch) for n in track.notes)


def _tracks_told(numbered: Sequence[tuple[int, Any]], line: Any) -> list[str]:
    """Which track is the line, where there are several; numbers as ``seqgen inspect`` gives."""
    from seqgen_jazz.readers.melody_track import read_name

    names = {
        number: told_name(f"track {number}", read_name(track))
        for number, track in numbered
        if not track.is_drum
    }
    taken = next(number for number, track in numbered if track is line)
    others = [name for number, name in names.items() if number != taken]
    return [line_told(others, names[taken])] if others else []


def _phrase(raw: RawSolo, told: Sequence[str]) -> Phrase:
    notes, counts = whole_line(raw)
    if not notes:
        raise DataError("it holds no notes to go on from")
    return Phrase(notes, {}, pickup_ticks(raw.meters)).telling(*told, *_changes(counts))


def _changes(counts: Mapping[str, int]) -> list[str]:
    """What is not played as it stands in the file."""
    found = [words.format(counts[name]) for name, words in _TOLD.items() if counts.get(name)]
    if moved := counts.get("onsets moved", 0):
        found.append(
            f"{moved} of its {counts['onsets']} notes are moved to the nearest 12th or 8th of a "
            "quarter"
        )
    return found


def read_phrase(text: str) -> Phrase:
    """A phrase from the name of a music file, or from the text of one.

    Raises:
        DataError: There is no such file, it cannot be read, or it holds no notes.
    """
    if is_phrase_text(text):
        return _parsed(text, "the phrase")
    path = named_file(text)
    if path is None:
        raise DataError(
            f"there is no file {text[:200]!r} to go on from; give a MIDI, MusicXML or ABC file"
        )

    try:
        return file_phrase(path)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
