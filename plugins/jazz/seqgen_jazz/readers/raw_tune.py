"""What readers return: notes and chords in quarter notes before quantization, skips and counts."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, final

from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.readers.errors import SkipReason

#: The minimum number of notes of a line.
MIN_NOTES: Final = 8
#: The maximum length of a piece in quarter notes: more than an hour at 300 a minute.
MAX_LENGTH: Final = 20_000


class Count(StrEnum):
    """What readers count. The value is the label in the data card."""

    SOLOS = "solos"
    BARS = "bars"
    NOTES = "notes"
    ONSETS = "onsets"
    ONSETS_MOVED = "onsets moved by more than 1/48 beat"
    NOTES_CUT = "notes cut at the next onset"
    RESTS_CLOSED = "rests under 1/6 beat closed"
    LOWER_NOTES = "notes of second voices dropped"
    GRACE_NOTES = "grace notes dropped"
    ENDLESS_NOTES = "notes without an end dropped"
    OTHER_PARTS = "other voices or parts dropped"
    EMPTY_BARS = "empty bars cut at the ends"
    REPEATED_BARS = "bars added by repeats"
    ODD_BARS = "bars longer or shorter than their meter"
    INFERRED_CHORDS = "files with chords inferred from the accompaniment"
    RECIPE_CHORDS = "files with the chords of a chart from the recipe"
    PICKUPS = "pickups detected from the chords"
    OTHER_MARKERS = "markers that are not chords"
    NO_METER = "files without an initial meter, read as 4/4"
    ACCIDENTALS = "accidentals carried to another octave"
    MUSIC21_WARNINGS = "notation warnings by music21"
    JUMPS = "files with D.C., D.S. or coda signs, read as written"
    PART_ORDER = "tunes with an order of parts (P:), read as written"


#: The sources of the chords of a MIDI file in a recipe; any other text is a chart.
CHORD_SOURCES: Final = ("", "markers", "lyrics", "texts", "infer")


@final
@dataclass(frozen=True, slots=True)
class FileChoice:
    """How to read a file: the fields of its table in a recipe.

    Args:
        use: Whether to read it.
        bars: Bars to keep, "" for all.
        melody: The number of the melody track, from 1; 0 to detect it.
        chords: One of ``CHORD_SOURCES``, or a chart; "" to detect them.
    """

    use: bool = True
    bars: str = ""
    melody: int = 0
    chords: str = ""

    @property
    def has_chart(self) -> bool:
        """Whether the chords are those of a chart."""
        return self.chords not in CHORD_SOURCES

    @property
    def key(self) -> str:
        """The part that changes how a file is read, for the cache."""
        return json.dumps([self.melody, self.chords]) if self.melody or self.chords else ""


#: Everything is detected.
AS_FOUND: Final = FileChoice()


class RawNote(NamedTuple):
    """A note in quarter notes from the start of the piece; ``end >= onset``."""

    onset: float
    end: float
    pitch: int


@final
@dataclass(frozen=True, slots=True)
class RawTune:
    """A tune as its file contains it.

    Args:
        notes: In any order; they may overlap.
        chords: ``(onset in quarter notes, chord)``, in any order.
        meters: One meter per bar, from the start of the piece.
        title: The title; empty if the file has none.
        tempo: Quarter notes a minute; None if the file has none.
        counts: What the reader dropped or assumed.
        line: Which of several voices or parts the notes are, for messages; empty if there is one.
        label: The name of the tune in messages; empty if the file contains one tune.
    """

    notes: tuple[RawNote, ...]
    chords: tuple[tuple[float, Chord], ...]
    meters: tuple[tuple[int, int], ...]
    title: str = ""
    tempo: float | None = None
    counts: Counter[Count] = field(default_factory=Counter)
    line: str = ""
    label: str = ""


class SkippedTune(NamedTuple):
    """A tune, or an entire file (``label`` is empty), that cannot be used."""

    label: str
    message: str
    reason: SkipReason = SkipReason.OTHER

    @classmethod
    def from_error(cls, label: str, error: Exception) -> SkippedTune:
        """The tune that raised this error."""
        return cls(label, str(error), getattr(error, "reason", SkipReason.OTHER))


@final
@dataclass(frozen=True, slots=True)
class RawFile:
    """The tunes of a file before quantization."""

    tunes: tuple[RawTune, ...]
    skipped: tuple[SkippedTune, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class FileRead:
    """The solos of a file, what is skipped, and counts. A file without solos is skipped."""

    solos: tuple[Solo, ...] = ()
    skipped: tuple[SkippedTune, ...] = ()
    counts: Counter[Count] = field(default_factory=Counter)

    @classmethod
    def skip(cls, message: str, reason: SkipReason = SkipReason.OTHER) -> FileRead:
        """A file that cannot be used."""
        return cls(skipped=(SkippedTune("", message, reason),))


def decode_text(data: bytes) -> str:
    """UTF-8, else Latin-1, in which every byte is a character: older files name no encoding."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
