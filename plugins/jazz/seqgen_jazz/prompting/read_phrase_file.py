"""The reader of phrases: the melody line of a MIDI, MusicXML or ABC file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.encoding.solo_condition import (
    SOLO_LINE_PREFIX,
    Phrase,
    is_phrase_text,
    parse_phrase,
)
from seqgen_jazz.options import existing_file
from seqgen_jazz.readers.quantize import quantize_line
from seqgen_jazz.readers.raw_tune import Count, RawTune
from seqgen_jazz.readers.read_file import MIDI, plain_errors, read_raw

_MAX_BYTES: Final = 8_000_000
#: Counters of the readers -> the notice about them; {} is the count.
_NOTICES: Final = {
    Count.JUMPS: "its D.C., D.S. and coda signs are not followed",
    Count.PART_ORDER: "its order of parts (P:) is not followed",
    Count.REPEATED_BARS: "its repeats are written out, which adds {} bars",
    Count.GRACE_NOTES: "grace notes skipped: {}",
    Count.ENDLESS_NOTES: "notes that never end, skipped: {}",
    Count.LOWER_NOTES: "notes below others that begin with them, skipped: {}",
    Count.NOTES_CUT: "notes cut where the next one begins: {}",
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
        with plain_errors():
            return _from_midi(path) if suffix in MIDI else _from_notation(path)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def _from_notation(path: Path) -> Phrase:
    """The first tune of a MusicXML or ABC file; it needs no chords."""
    read = read_raw(path, infer=False)
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
    from seqgen_jazz.readers.choose_melody import choose_melody, describe_choice, track_candidate
    from seqgen_jazz.readers.midi import (
        embedded_line,
        first_meters,
        load_midi,
        raw_notes,
        sounding_tracks,
    )
    from seqgen_jazz.readers.midi_texts import TEXT, walk_events

    data = path.read_bytes()
    if len(data) > _MAX_BYTES:
        raise DataError(f"it has {len(data):,} bytes; a phrase has at most {_MAX_BYTES:,}")
    score = load_midi(path)
    quarter = score.ticks_per_quarter
    numbered = enumerate(sounding_tracks(score), 1)
    tracks = {number: track for number, track in numbered if not track.is_drum}
    if not tracks:
        raise DataError("it has no notes except those of drums")
    events = walk_events(data)
    notes = [sorted(raw_notes(track, quarter)) for track in tracks.values()]
    own = embedded_line(events, notes, "the file")
    if own:
        return own
    # Tracks are numbered as by ``seqgen inspect``.
    candidates = [track_candidate(track, quarter, number) for number, track in tracks.items()]
    chosen = choose_melody(candidates)
    raw = RawTune(tuple(notes[chosen]), (), first_meters(score))
    raw.counts[Count.ENDLESS_NOTES] = events.endless
    choice = describe_choice(candidates, chosen)
    notices = [choice] if choice else []
    if any(text.startswith(SOLO_LINE_PREFIX) for _, text in events.of_kind(TEXT)):
        notices.insert(
            0, "its notes were changed after it was written; they are read as they sound"
        )
    return _phrase(raw, notices)


def _phrase(raw: RawTune, notices: Sequence[str]) -> Phrase:
    notes, counts = quantize_line(raw)
    if not notes:
        raise DataError("it has no notes")
    phrase = Phrase(tuple(notes), {}, _pickup_ticks(raw.meters))
    return phrase.add_notices(*notices, *_changes(counts))


def _pickup_ticks(meters: Sequence[tuple[int, int]]) -> int:
    """The length of the pickup of a phrase; 0 for none.

    A phrase may be as short as its pickup and one bar: bars like the last one are assumed after it.
    """
    bars = tuple(Bar((), meter) for meter in (*meters, *meters[-1:], *meters[-1:]))
    return Chart(bars).first_full_bar


def _changes(counts: Mapping[Count, int]) -> list[str]:
    """Notices on what is not played as it is in the file."""
    found = [text.format(counts[name]) for name, text in _NOTICES.items() if counts.get(name)]
    if moved := counts.get(Count.ONSETS_MOVED, 0):
        onsets = counts[Count.ONSETS]
        found.append(f"{moved} of its {onsets} notes are moved to 12ths or 8ths of a quarter note")
    return found
