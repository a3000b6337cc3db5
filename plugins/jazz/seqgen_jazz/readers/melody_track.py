"""Tracks: what each track of a MIDI file is for, from its notes, program and name."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.readers.raw_tune import MIN_NOTES

#: The roles a track may have; "line" is a line that was not chosen as the solo.
ROLES: Final = ("solo", "line", "comp", "bass", "drums", "few notes")
_MELODY: Final = re.compile(
    r"melod|solo|lead|vocal|voice|sing|sax|trumpet|trombone|clarinet|flute|theme", re.I
)
_OTHER: Final = re.compile(r"bass|drum|chord|comp|piano|guitar|pad|string|acc|left|perc", re.I)
_BASS: Final = re.compile(r"bass(?!oon)", re.I)
_BASS_PROGRAMS: Final = range(32, 40)
#: Below this share of single notes a track is no line.
LEAST_SINGLE: Final = 0.6


@final
@dataclass(frozen=True, slots=True)
class Likeness:
    """What tells whether a track, a voice or a part is a solo.

    Args:
        single: The share of notes that end about when the next begins, 0 to 1.
        notes: How many.
        name: Empty when it has none that can be read.
        middle: The median of its MIDI pitches.
        bass: Whether the file says that it is low: a bass's program, a bass clef.
    """

    single: float
    notes: int
    name: str
    middle: float
    bass: bool

    def score(self, most: int) -> float:
        """How like a solo it is, beside others of which one has ``most`` notes."""
        low = self.bass or self.middle < 48
        named = 1.5 * bool(_MELODY.search(self.name)) - 1.5 * bool(_OTHER.search(self.name))
        return 2 * self.single + named + self.notes / most - 1.5 * low


@final
@dataclass(frozen=True, slots=True)
class TrackRole:
    """A track with notes, as a person would want to see it.

    Args:
        number: Its place among the tracks with notes of the file, from 1.
        name: Empty when it has none that can be read.
        role: One of ``ROLES``.
        notes: How many.
        single: The share of notes that end about when the next begins, 0 to 1.
        low: The lowest MIDI pitch.
        high: The highest MIDI pitch.
        density: Notes a quarter note between the first and the last.
        program: The General MIDI program, from 0.
    """

    number: int
    name: str
    role: str
    notes: int
    single: float
    low: int
    high: int
    density: float
    program: int


def choose_melody(tracks: Sequence[Any], quarter: int, number: int = 0) -> Any:
    """The track that is most like a line: one note at a time, named or pitched like a solo.

    Args:
        tracks: symusic tracks with notes.
        quarter: Ticks a quarter note.
        number: The track to take instead, from 1; 0 for none.

    Raises:
        DataError: No track is a line, or there is none of that number.
    """
    if number:
        if number > len(tracks):
            raise DataError(f"track {number} is asked for; it has {len(tracks)} with notes")
        return tracks[number - 1]
    pitched = [track for track in tracks if not track.is_drum]
    found = [
        (single, track)
        for track in pitched
        if (single := single_share(track, quarter)) >= LEAST_SINGLE
        and len(track.notes) >= MIN_NOTES
    ]
    if not found:
        raise DataError(f"no track is a line of at least {MIN_NOTES} single notes")
    return _most_likely(found)


def choose_line(tracks: Sequence[Any], quarter: int) -> Any:
    """The track that is most like a line, however few notes it has.

    Args:
        tracks: symusic tracks with notes, none of drums; at least one.
        quarter: Ticks a quarter note.
    """
    shares = [(single_share(track, quarter), track) for track in tracks]
    single = [(share, track) for share, track in shares if share >= LEAST_SINGLE]
    return _most_likely(single or shares)


def _most_likely(found: Sequence[tuple[float, Any]]) -> Any:
    """Of tracks, each with its share of single notes, the one that is most like a solo."""
    return found[most_likely({place: _likeness(*entry) for place, entry in enumerate(found)})][1]


def _likeness(single: float, track: Any) -> Likeness:
    low = track.program in _BASS_PROGRAMS
    return Likeness(single, len(track.notes), read_name(track), _median(track), low)


def most_likely(found: Mapping[int, Likeness]) -> int:
    """The number of the one that is most like a solo, of at least one; the first of equals."""
    most = max(like.notes for like in found.values())
    return max(found, key=lambda number: found[number].score(most))


def track_roles(tracks: Sequence[Any], quarter: int, melody: Any | None) -> list[TrackRole]:
    """The role of every track with notes; ``melody`` is the one chosen as the solo."""
    return [_role(track, number, quarter, melody) for number, track in enumerate(tracks, start=1)]


def _role(track: Any, number: int, quarter: int, melody: Any | None) -> TrackRole:
    pitches = [note.pitch for note in track.notes]
    times = [note.time for note in track.notes]
    single = single_share(track, quarter)
    span = max(1.0, (max(times) - min(times)) / quarter)
    name = read_name(track)
    low = track.program in _BASS_PROGRAMS or bool(_BASS.search(name)) or _median(track) < 48
    if melody is not None and track is melody:
        role = "solo"
    elif track.is_drum:
        role = "drums"
    elif len(pitches) < MIN_NOTES:
        role = "few notes"
    elif single < LEAST_SINGLE:
        role = "comp"
    else:
        role = "bass" if low else "line"
    return TrackRole(
        *(number, name, role, len(pitches), round(single, 3), min(pitches), max(pitches)),
        *(round(len(pitches) / span, 2), int(track.program)),
    )


def single_share(track: Any, quarter: int) -> float:
    """The share of notes that end about when the next one starts, or before."""
    spans = [(note.time, note.time + note.duration) for note in track.notes]
    return share_of_singles(spans, quarter / 8)


def share_of_singles(spans: Iterable[tuple[float, float]], slack: float) -> float:
    """The share of notes, each with start and end, that reach no further into the next one than
    ``slack`` or a quarter of their length."""
    ordered = sorted(spans)
    clean = sum(
        start < after and end <= after + max(slack, (end - start) / 4)
        for (start, end), (after, _) in pairwise(ordered)
    )
    return float(clean / max(1, len(ordered) - 1))


def read_name(track: Any) -> str:
    """The name of a track; one that is no UTF-8 is as good as none."""
    try:
        return str(track.name).strip("\0 ")
    except UnicodeDecodeError:
        return ""


def _median(track: Any) -> float:
    return float(statistics.median(note.pitch for note in track.notes))
