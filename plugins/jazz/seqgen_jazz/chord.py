"""Chord: a chord symbol as pitch classes, and the reader of its text in every common dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from seqgen import DataError
from seqgen_jazz.quality import Quality, QualityTextError
from seqgen_jazz.quality_reader import read_quality

#: The spelling of each pitch class in ``Chord.text``: as most jazz charts have it.
NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS: Final = {"b": -1, "♭": -1, "#": 1, "♯": 1, "x": 2}
_ROOT: Final = re.compile(r"[A-G](?:bb|##|[b#♭♯])?")
_BASS: Final = re.compile(r"/([A-G](?:bb|##|[b#♭♯])?)$")
_NO_CHORD: Final = re.compile(r"N\.?C\.?|n\.?c\.?|NoChord|no chord", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol.

    Args:
        root: Pitch class of the root, 0 (C) to 11 (B); -1 for N.C.
        quality: Canonical suffix: "", "m", "7", "maj7", "m7", "m7b5", "dim7", ... ("NC" for N.C.).
        intervals: Semitones of the chord tones above the root, ascending, beginning with 0.
        bass: Pitch class of a slash bass; None when the root is the bass.
    """

    root: int
    quality: str
    intervals: tuple[int, ...]
    bass: int | None = None

    @property
    def text(self) -> str:
        """The canonical spelling, which ``parse_chord`` reads back to an equal chord."""
        if self.root < 0:
            return "N.C."
        slash = "" if self.bass is None else f"/{NAMES[self.bass]}"
        return f"{NAMES[self.root]}{self.quality}{slash}"

    def __str__(self) -> str:
        return self.text

    @property
    def structure(self) -> Quality | None:
        """Third, fifth, seventh and tensions as numbers; None for N.C."""
        return None if self.root < 0 else read_quality(self.quality)

    @property
    def chord_tones(self) -> tuple[int, ...]:
        """Pitch classes of root, third or sus, fifth, sixth or seventh, as written; () for N.C."""
        return tuple((self.root + interval) % 12 for interval in self.intervals)

    @property
    def tensions(self) -> tuple[int, ...]:
        """Written tensions in semitones above the root (13 = b9 to 21 = 13); () for N.C."""
        found = self.structure
        return () if found is None else found.tensions

    @property
    def family(self) -> str:
        """One of ``quality.FAMILIES``; "none" for N.C."""
        found = self.structure
        return "none" if found is None else found.family

    @property
    def scale(self) -> tuple[int, ...]:
        """The chord scale as pitch classes from the root upwards; () for N.C."""
        found = self.structure
        return () if found is None else tuple((self.root + step) % 12 for step in found.scale)

    def transpose(self, semitones: int) -> Chord:
        """The same chord ``semitones`` higher; N.C. stays N.C."""
        if self.root < 0:
            return self
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return replace(self, root=(self.root + semitones) % 12, bass=bass)


NO_CHORD = Chord(-1, "NC", ())


def make_chord(root: int, quality: Quality, bass: int | None = None) -> Chord:
    """The chord of a structure; a bass that is the root is no slash bass."""
    under = None if bass is None or bass % 12 == root % 12 else bass % 12
    return Chord(root % 12, quality.text, quality.intervals, under)


def parse_chord(text: str) -> Chord:
    """Read a chord symbol as musicians type it: ``Bb7``, ``C-7``, ``F#o``, ``C7b9#11``, ``Am/G``.

    The dialects are those of iReal, the Weimar Jazz Database, MusicXML and plain text.

    Raises:
        DataError: The text has no reading; the message names the column (from 1), shows the
            text and, where there is one, the nearest text that can be read.
    """
    try:
        return _read(text)
    except QualityTextError as error:
        near = _nearest(text)
        hint = f"; did you mean {near!r}?" if near else "; a chord looks like Bb7, F#m7b5 or C/E"
        raise DataError(
            f"cannot read the chord {text!r} at column {error.at + 1}: {error}{hint}"
        ) from error


def pitch_class(name: str) -> int:
    """The pitch class of a note name ``[A-G]`` with any number of accidentals."""
    return (_STEPS[name[0]] + sum(_SHIFTS[sign] for sign in name[1:])) % 12


def _read(text: str) -> Chord:
    if _NO_CHORD.fullmatch(text):
        return NO_CHORD
    root = _ROOT.match(text)
    if root is None:
        raise QualityTextError(0, "a root A to G (or N.C.) was expected" if text else "it is empty")
    if len(root[0]) == 3 and text[3:4].isdigit():
        # "Ebb9" is E flat with a flat ninth to one reader and D9 to another.
        raise QualityTextError(2, "two accidentals before a number can be read in two ways")
    slash = _BASS.search(text, root.end())
    end = slash.start() if slash else len(text)
    try:
        quality = read_quality(text[root.end() : end])
    except QualityTextError as error:
        raise QualityTextError(root.end() + error.at, str(error)) from error
    return make_chord(
        pitch_class(root[0]), quality, None if slash is None else pitch_class(slash[1])
    )


def _nearest(text: str) -> str:
    """The readable text that differs least: other case, one edit, or the longest beginning."""
    for candidate in _edits(text[:24]):
        try:
            _read(candidate)
        except QualityTextError:
            continue
        return candidate
    return ""


def _edits(text: str) -> Iterator[str]:
    if not text:
        return
    yield text.strip()
    capital = {"H": "B", "h": "B"}.get(text[0], text[0].upper()) + text[1:]
    yield capital
    yield capital.lower().replace(capital[0].lower(), capital[0], 1)
    if text[1:3] in ("bb", "##") and text[3:4].isdigit():
        yield f"{text[:2]}7{text[2:]}"
    for place in range(len(capital) - 1, 0, -1):
        yield capital[:place] + capital[place + 1 :]
    for place in range(1, len(capital) - 1):
        yield capital[:place] + capital[place + 1] + capital[place] + capital[place + 2 :]
    for end in range(len(capital) - 1, 0, -1):
        yield capital[:end]
