"""Choose the melody among the tracks of a MIDI file, the voices of a tune, the parts of a score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final, final

from seqgen_jazz.readers.meters_and_measures import Measure

_MELODY: Final = re.compile(
    r"melod|solo|lead|vocal|voice|sing|sax|trumpet|trombone|clarinet|flute|theme", re.I
)
_OTHER: Final = re.compile(r"bass|drum|chord|comp|piano|guitar|pad|string|acc|left|perc", re.I)
_BASS_PROGRAMS: Final = range(32, 40)
#: A track with a smaller share of single notes is not a line.
MIN_SINGLE: Final = 0.6
_MAX_NAMES: Final = 6
#: Characters of all names together: a receipt contains the message.
_MAX_LISTED: Final = 200
_ABC_NAME: Final = re.compile(r"""\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))""")
_BASS_CLEF: Final = re.compile(r"\bbass\b")


@final
@dataclass(frozen=True, slots=True)
class Candidate:
    """A track, voice or part that may be the melody.

    Args:
        label: ``track 1``, ``voice 2`` or ``part 1``.
        name: The name in the file, "" if there is none.
        notes: The number of notes.
        single: The share of notes that end about when the next one begins, 0 to 1.
        middle: The median pitch.
        bass: Whether the file marks it as low: a bass program, a bass clef.
    """

    label: str
    name: str
    notes: int
    single: float
    middle: float
    bass: bool

    @property
    def title(self) -> str:
        """``track 2 'Bass'``, or the label alone if the name adds nothing to it."""
        name = _printable(self.name)
        known = not name or self.label.endswith(f" {name}")
        return self.label if known else f"{self.label} {name!r}"

    def score(self, most: int) -> float:
        """How probable it is as the melody; ``most`` is the largest number of notes."""
        named = 1.5 * bool(_MELODY.search(self.name)) - 1.5 * bool(_OTHER.search(self.name))
        return 2 * self.single + named + self.notes / most - 1.5 * (self.bass or self.middle < 48)


def choose_melody(candidates: Sequence[Candidate]) -> int:
    """The index of the most probable melody: single notes, by name, not low, many notes.

    Args:
        candidates: At least one. If none has notes, the first is chosen.
    """
    found = [index for index, one in enumerate(candidates) if one.notes]
    found = [index for index in found if candidates[index].single >= MIN_SINGLE] or found
    most = max((candidates[index].notes for index in found), default=0)
    return max(found, key=lambda index: candidates[index].score(most), default=0)


def track_candidate(track: Any, quarter: int, number: int = 0) -> Candidate:
    """A symusic track with notes.

    Args:
        track: The track.
        quarter: Ticks per quarter note.
        number: Its number among the tracks with notes, from 1, for messages.
    """
    spans = [(note.time, note.time + note.duration) for note in track.notes]
    return Candidate(
        f"track {number}",
        read_name(track),
        len(spans),
        _single_share(spans, quarter / 8),
        float(median(note.pitch for note in track.notes)),
        track.program in _BASS_PROGRAMS,
    )


def voice_candidate(label: str, declaration: str, measures: Sequence[Measure]) -> Candidate:
    """A voice of an ABC tune.

    Args:
        label: The name after ``V:``, "" for the music before any voice.
        declaration: The rest of its ``V:`` lines.
        measures: Its measures.
    """
    named = _ABC_NAME.search(declaration)
    name = (named[1] or named[2] or "") if named else ""
    title = f"voice {_printable(label)}" if label else "the voice without a name"
    bass = _BASS_CLEF.search(_ABC_NAME.sub("", declaration)) is not None
    return _written(title, name or (label if not label.isdigit() else ""), measures, bass)


def part_candidate(part: Any, number: int, measures: Sequence[Measure]) -> Candidate:
    """A part of a music21 score; ``number`` is its position in the score, from 1."""
    clef = next(iter(part.recurse().getElementsByClass("Clef")), None)
    bass = clef is not None and "BassClef" in clef.classes
    return _written(f"part {number}", str(part.partName or "").strip(), measures, bass)


def _written(label: str, name: str, measures: Sequence[Measure], bass: bool) -> Candidate:
    """A candidate from its measures as written, repeats not played out."""
    spans: list[tuple[float, float]] = []
    pitches: list[int] = []
    at = 0.0
    for measure in measures:
        for onset, length, pitch, _ in measure.notes:
            start = at + float(onset)
            spans.append((start, start + float(length)))
            pitches.append(pitch)
        at += float(measure.length)
    single = _single_share(spans, 1 / 8)
    return Candidate(label, name, len(spans), single, float(median(pitches or [0])), bass)


def _single_share(spans: Iterable[tuple[float, float]], slack: float) -> float:
    """The share of notes that overlap the next one by at most ``slack`` or a quarter of their
    length; ``spans`` are starts and ends."""
    ordered = sorted(spans)
    single = sum(
        start < following and end <= following + max(slack, (end - start) / 4)
        for (start, end), (following, _) in pairwise(ordered)
    )
    return float(single / max(1, len(ordered) - 1))


def read_name(track: Any) -> str:
    """The name of a symusic track, "" if it is not UTF-8."""
    try:
        return str(track.name).strip("\0 ")
    except UnicodeDecodeError:
        return ""


def _printable(name: str) -> str:
    """A name from a file for the terminal: at most 40 characters."""
    return "".join(filter(str.isprintable, name[:40]))


def describe_choice(candidates: Sequence[Candidate], chosen: int) -> str:
    """Which candidate is the melody and which are not used; "" if there is only one."""
    names = [one.title for index, one in enumerate(candidates) if index != chosen]
    if not names:
        return ""
    listed = names[:_MAX_NAMES]
    while len(", ".join(listed)) > _MAX_LISTED:
        listed.pop()
    more = len(names) - len(listed)
    others = " and ".join([", ".join(listed), *([f"{more} more"] if more else [])])
    return f"{candidates[chosen].title} is the melody; not used: {others}"
