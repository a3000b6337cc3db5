"""Parts: which voice of an ABC tune, or part of a page, is its line, and how that is told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any, Final, final

from seqgen_jazz.readers.measures import Measure
from seqgen_jazz.readers.melody_track import LEAST_SINGLE, Likeness, most_likely, share_of_singles

_MOST_NAMES: Final = 6
#: Signs of all names together, so that a receipt may hold what is told.
_MOST_LISTED: Final = 200
_NAME: Final = re.compile(r"""\b(?:name|nm)\s*=\s*(?:"([^"]*)"|(\S+))""")
_BASS_CLEF: Final = re.compile(r"\bbass\b")
#: How far, in quarters, a single note may reach into the next one.
_SLACK: Final = 1 / 8


@final
@dataclass(frozen=True, slots=True)
class Part:
    """A voice or a part of a written tune.

    Args:
        label: What it is called in the file: ``voice 2`` or ``part 1``.
        name: The name that the file gives it, "" for none.
        measures: As they are written, repeats not played out.
        bass_clef: Whether it begins in a bass clef.
    """

    label: str
    name: str
    measures: Sequence[Measure]
    bass_clef: bool = False

    @property
    def told(self) -> str:
        """Label and name."""
        return told_name(self.label, self.name)


def choose_part(parts: Sequence[Part]) -> int:
    """The index of the part that is most like a line, by what tells it among MIDI tracks: single
    notes, its name, not low, how many notes.

    Args:
        parts: At least one. Where none has notes, the first is taken.
    """
    if len(parts) == 1:
        return 0
    found = {place: like for place, part in enumerate(parts) if (like := _likeness(part))}
    single = {place: like for place, like in found.items() if like.single >= LEAST_SINGLE}
    return most_likely(single or found) if found else 0


def _likeness(part: Part) -> Likeness | None:
    """What a part is like; None where it has no notes."""
    spans: list[tuple[float, float]] = []
    pitches: list[int] = []
    at = Fraction(0)
    for measure in part.measures:
        for onset, length, pitch, _ in measure.notes:
            spans.append((float(at + onset), float(at + onset + length)))
            pitches.append(pitch)
        at += measure.length
    if not spans:
        return None
    single = share_of_singles(spans, _SLACK)
    return Likeness(single, len(spans), part.name, float(median(pitches)), part.bass_clef)


def voice_part(label: str, said: str, measures: Sequence[Measure]) -> Part:
    """A voice of an ABC tune.

    Args:
        label: What stands behind ``V:``, "" for the music in front of any.
        said: What its ``V:`` lines say of it besides.
        measures: Its bars.
    """
    named = _NAME.search(said)
    name = (named[1] or named[2] or "") if named else ""
    bare = _NAME.sub("", said)
    own = f"voice {shown(label)}" if label else "the voice without a name"
    return Part(
        own,
        name or (label if not label.isdigit() else ""),
        measures,
        _BASS_CLEF.search(bare) is not None,
    )


def page_part(part: Any, number: int, measures: Sequence[Measure]) -> Part:
    """A part of a MusicXML page.

    Args:
        part: As music21 has it.
        number: Its place on the page, from 1.
        measures: Its bars.
    """
    clef = next(iter(part.recurse().getElementsByClass("Clef")), None)
    low = clef is not None and "BassClef" in clef.classes
    return Part(f"part {number}", str(part.partName or "").strip(), measures, low)


def told_name(label: str, name: str) -> str:
    """``track 2 'Bass'``; the label alone where the name adds nothing to it."""
    name = shown(name)
    return f"{label} {name!r}" if name and not label.endswith(f" {name}") else label


def shown(name: str) -> str:
    """A name of a file as a terminal can show it: at most 40 signs."""
    return "".join(sign for sign in name[:40] if sign.isprintable())


def line_told(names: Sequence[str], taken: str) -> str:
    """Which of several parts is the line, and which are left out."""
    listed = list(names[:_MOST_NAMES])
    while len(", ".join(listed)) > _MOST_LISTED:
        listed.pop()
    more = len(names) - len(listed)
    rest = [f"{more} more"] if more else []
    return f"{taken} is its line; left out: {' and '.join([', '.join(listed), *rest])}"


def part_told(parts: Sequence[Part], taken: int) -> str:
    """The same of voices or parts; "" where there is one alone."""
    names = [part.told for place, part in enumerate(parts) if place != taken]
    return line_told(names, parts[taken].told) if names else ""
