"""The reader of phrases: the melody line of a MIDI, MusicXML or ABC file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.encoding.phrase import SOLO_LINE_PREFIX, Phrase, is_phrase_text, parse_phrase
from seqgen_jazz.options import existing_file
from seqgen_jazz.readers.embedded_line import own_phrase
from seqgen_jazz.readers.melody_voice import line_told, told_name
from seqgen_jazz.readers.quantize import whole_line
from seqgen_jazz.readers.raw_tune import JUMPS, PART_ORDER, RawNote, RawSolo
from seqgen_jazz.readers.read_file import MIDI, plain_errors, read_raw

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES: Final = 8_000_000
#: Counters of the readers -> the notice about them; {} is the count.
_NOTICES: Final = {
    JUMPS: "its D.C., D.S. and coda signs are not followed",
    PART_ORDER: "its order of parts (P:) is not followed",
    "bars added by repeats": "its repeats are written out, which adds {} bars",
    "grace notes left out": "grace notes skipped: {}",
    "notes that never end left out": "notes that never end, skipped: {}",
    "second voices dropped": "notes below others that begin with them, skipped: {}",
    "notes trimmed": "notes cut where the next one begins: {}",
}


def read_phrase(text: str) -> Phrase:
    """The phrase of a music file, by its name, or of the text of a phrase.

    Raises:
        DataError: There is no such file, it cannot be read, or it has no notes.
    """
    if is_phrase_text(text):
        return parse_phrase(text, "the phrase")
    path = existing_file(text)
    if path is None:
        raise DataError(f"there is no file {text[:200]!r}; provide a MIDI, MusicXML or ABC file")
    suffix = path.suffix.lower()
    try:
        with plain_errors(suffix):
            return _from_midi(path) if suffix in MIDI else _from_notation(path)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _from_notation(path: Path) -> Phrase:
    """The first tune of a MusicXML or ABC file; it needs no chords."""
    read = read_raw(path, chords=False)
    raw, *others = read.tunes
    notices = []
    if others or read.skipped:
        number, title = len(read.tunes) + len(read.skipped), raw.title[:80]
        notices.append(f"{title!r} is used, the first readable one of its {number} tunes")
    if raw.line:
        notices.append(raw.line)
    return _phrase(raw, notices)


def _from_midi(path: Path) -> Phrase:
    """The track that is most likely the melody; of a file of this plugin exactly what was
    written."""
    from seqgen_jazz.readers.melody_track import choose_line
    from seqgen_jazz.readers.midi import first_meters, load_midi, sounding_tracks
    from seqgen_jazz.readers.midi_events import TEXT, walk_events

    data = path.read_bytes()
    if len(data) > _MAX_BYTES:
        raise DataError(f"it has {len(data):,} bytes; a phrase has at most {_MAX_BYTES:,}")
    score = load_midi(path)
    quarter = score.ticks_per_quarter
    numbered = list(enumerate(sounding_tracks(score), 1))
    tracks = [track for _, track in numbered if not track.is_drum]
    if not tracks:
        raise DataError("it has no notes except those of drums")
    events = walk_events(data)
    own = own_phrase(events.texts, [_notes(track, quarter) for track in tracks], "the file")
    if own:
        return own
    line = choose_line(tracks, quarter)
    raw = RawSolo(tuple(RawNote(*note) for note in _notes(line, quarter)), (), first_meters(score))
    raw.counts["notes that never end left out"] = events.unfinished
    notices = _track_notices(numbered, line)
    if any(kind == TEXT and text.startswith(SOLO_LINE_PREFIX) for _, kind, text in events.texts):
        notices.insert(
            0, "its notes were changed after it was written; they are read as they sound"
        )
    return _phrase(raw, notices)


def _notes(track: Any, quarter: int) -> list[tuple[float, float, int]]:
    """Start and end in quarters and pitch of each note, ascending."""
    return sorted((n.time / quarter, (n.time + n.duration) / quarter, n.pitch) for n in track.notes)


def _track_notices(numbered: Sequence[tuple[int, Any]], line: Any) -> list[str]:
    """The track that is used, if there are several; numbered as by ``seqgen inspect``."""
    from seqgen_jazz.readers.melody_track import read_name

    names = {
        number: told_name(f"track {number}", read_name(track))
        for number, track in numbered
        if not track.is_drum
    }
    chosen = next(names.pop(number) for number, track in numbered if track is line)
    return [line_told(list(names.values()), chosen)] if names else []


def _phrase(raw: RawSolo, notices: Sequence[str]) -> Phrase:
    notes, counts = whole_line(raw)
    if not notes:
        raise DataError("it has no notes")
    phrase = Phrase(notes, {}, _pickup_ticks(raw.meters))
    return phrase.add_notices(*notices, *_changes(counts))


def _pickup_ticks(meters: Sequence[tuple[int, int]]) -> int:
    """The length of the pickup of a phrase; 0 for none.

    A phrase may be as short as its pickup and one bar: bars like the last one are assumed after it.
    """
    bars = tuple(Bar((), meter) for meter in (*meters, *(meters[-1:] * 2)))
    return Chart(bars).first_full_bar


def _changes(counts: Mapping[str, int]) -> list[str]:
    """Notices on what is not played as it is in the file."""
    found = [text.format(counts[name]) for name, text in _NOTICES.items() if counts.get(name)]
    if moved := counts.get("onsets moved", 0):
        found.append(
            f"{moved} of its {counts['onsets']} notes are moved to the nearest 12th or 8th of a "
            "quarter"
        )
    return found
