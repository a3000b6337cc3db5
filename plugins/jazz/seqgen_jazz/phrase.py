"""Phrase: a line as one line of text inside a MIDI file, and the reader of lines to go on from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, final

from seqgen import DataError
from seqgen_jazz.named import named_file
from seqgen_jazz.solo import Note

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from seqgen_jazz.solo import Solo

#: Stands before the notes in a MIDI file's text.
MARK: Final = "seqgen-jazz-solo "
_LARGEST: Final = 8_000_000
#: How far, in quarters, a note may sound from its place on the grid before the file counts as
#: edited: swing 4:1 moves an off-beat by 0.3.
_MOVED: Final = 0.4
_KEYS: Final = ("chart", "notes", "tempo", "instrument", "form", "style", "swing", "band_seed")


#: Start and end in quarters, and the pitch, of a note as it is played.
Played = tuple[float, float, int]


@final
@dataclass(frozen=True)
class Phrase:
    """A line to go on from.

    Args:
        notes: Ascending, none overlapping, from the start of their file.
        about: What their file says of itself: chart, tempo, instrument and so on; empty where
            it is not of this plugin.
    """

    notes: tuple[Note, ...]
    about: dict[str, Any]

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return self.notes[-1].end if self.notes else 0

    @property
    def text(self) -> str:
        """The phrase as text, which ``read_phrase`` reads back."""
        notes = [[note.onset, note.duration, note.pitch] for note in self.notes]
        return json.dumps({**self.about, "notes": notes}, separators=(",", ":"))


def solo_line(solo: Solo) -> str:
    """The notes of a solo on the grid and what they are played over, as a line of ASCII text."""
    about: dict[str, Any] = {
        "chart": solo.chart.sheet,
        "tempo": solo.tempo,
        "instrument": solo.instrument,
    }
    if solo.playing is not None:
        playing = solo.playing
        about |= {"form": playing.form, "style": playing.style, "swing": playing.swing}
        about["band_seed"] = playing.seed
    return MARK + Phrase(solo.notes, about).text


def is_phrase_text(text: str) -> bool:
    """Whether this is the text of a phrase, as settled prompts have it, and no name of a file."""
    return text.lstrip().startswith("{")


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
            f"there is no file {text[:200]!r} to go on from; give a MIDI or MusicXML file"
        )
    if path.suffix.lower() in (".mid", ".midi"):
        return _from_midi(path)
    from seqgen_jazz.reading.reader import read_file

    try:
        solos = read_file(path).solos
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    if not solos:
        raise DataError(f"{path}: holds no line of notes")
    return Phrase(solos[0].notes, {})


def _parsed(text: str, where: str) -> Phrase:
    """The phrase in JSON text; nothing in it is trusted."""
    try:
        found = json.loads(text)
        notes = tuple(Note(*(_whole(part) for part in note)) for note in found.pop("notes"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DataError(f"{where}: not the notes of a solo: {error}") from None
    end = 0
    for number, note in enumerate(notes, 1):
        if note.onset < end or note.duration < 1 or not 0 <= note.pitch <= 127:
            raise DataError(f"{where}: note {number} overlaps, is empty, or has no MIDI pitch")
        end = note.end
    unknown = sorted(set(found) - set(_KEYS))
    if unknown:
        raise DataError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(_KEYS)}")
    return Phrase(notes, found)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.40} is no whole number")
    return value


def _from_midi(path: Path) -> Phrase:
    from seqgen_jazz.reading.midi_events import walk_events

    data = path.read_bytes()
    if data[:4] != b"MThd" or len(data) > _LARGEST:
        raise DataError(f"{path}: no MIDI file (or one of more than {_LARGEST:,} bytes)")
    import symusic

    try:
        score = symusic.Score(path)
    except Exception as error:  # the C++ reader raises whatever its libraries do
        raise DataError(f"{path}: a damaged MIDI file ({error!s:.80})") from error
    quarter = score.ticks_per_quarter
    tracks = [
        sorted((n.time / quarter, (n.time + n.duration) / quarter, n.pitch) for n in track.notes)
        for track in score.tracks
        if len(track.notes) and not track.is_drum
    ]
    if quarter <= 0 or not tracks:
        raise DataError(f"{path}: holds no notes to go on from")
    own = own_phrase(walk_events(data).texts, tracks, str(path))
    return own or Phrase(_snapped(max(tracks, key=_likeness)), {})


def own_phrase(
    texts: Sequence[tuple[int, int, str]], tracks: Sequence[Sequence[Played]], where: str
) -> Phrase | None:
    """The line that a file of this plugin says it plays, exactly on its grid; None where it says
    none, or where no track sounds like it any more.

    Args:
        texts: Tick, kind and text of the texts of a MIDI file.
        tracks: The notes of each track, ascending.
        where: What the file is called in errors.

    Raises:
        DataError: Its text is damaged.
    """
    from seqgen_jazz.reading.midi_events import TEXT

    for _, kind, said in texts:
        if kind == TEXT and said.startswith(MARK):
            phrase = _parsed(said.removeprefix(MARK), where)
            if any(_sounds_like(track, phrase) for track in tracks):
                return phrase
    return None


def _sounds_like(track: Sequence[Played], phrase: Phrase) -> bool:
    """Whether a track is the phrase as somebody plays it, note for note."""
    return len(track) == len(phrase.notes) and all(
        pitch == note.pitch and abs(start - note.onset / 24) <= _MOVED
        for (start, _, pitch), note in zip(track, phrase.notes, strict=True)
    )


def _likeness(track: list[Played]) -> tuple[float, int]:
    """How much a track is a line: the share of notes that end before the next, and how many."""
    alone = sum(one[1] <= two[0] + 0.1 for one, two in pairwise(track))
    return alone / max(1, len(track) - 1), len(track)


def _snapped(track: list[Played]) -> tuple[Note, ...]:
    """A played line on the grid; the highest note of those that begin together."""
    from seqgen_jazz.reading.fit import to_grid

    highest: dict[int, tuple[int, int]] = {}
    for start, end, pitch in track:
        onset = to_grid(start)
        length = max(1, to_grid(end) - onset)
        highest[onset] = max(highest.get(onset, (0, 0)), (pitch, length))
    onsets = sorted(highest)
    notes = []
    for onset, after in zip(onsets, [*onsets[1:], 1 << 30], strict=True):
        pitch, length = highest[onset]
        notes.append(Note(onset, min(length, after - onset), pitch))
    return tuple(notes)
