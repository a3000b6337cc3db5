"""Chord: a chord symbol as pitch classes, and the reader of its text in every common dialect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from seqgen import DataError
from seqgen_jazz.harmony.chord_parser import read_quality
from seqgen_jazz.harmony.chord_quality import Quality, QualityTextError

#: The spelling of each pitch class in ``Chord.text``: as most jazz charts have it.
NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS: Final = {"b": -1, "♭": -1, "#": 1, "♯": 1, "x": 2}
_ROOT: Final = re.compile(r"[A-G](?:[b♭]{2}|[#♯]{2}|[b#♭♯])?")
_BASS: Final = re.compile(r"/([A-G](?:[b♭]{2}|[#♯]{2}|[b#♭♯])?)$")
_DEGREE_BASS: Final = re.compile(r"/([b#♭♯]{0,2})([2-7])$")
_NO_CHORD: Final = re.compile(r"N\.?C\.?|n\.?c\.?|N|NoChord|no chord", re.ASCII)
_DEGREES: Final = {"2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11}
#: Superscripts, as typeset charts have them, one character for one.
_PLAIN: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
#: What is typed for what is meant.
_SLIPS: Final = (("0", "o"), ("-5", "(b5)"), ("4", "sus4"))
_IN_CHARTS: Final = {"%": "it repeats the bar before", "/": "it holds the chord before"}


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
    def pitch_classes(self) -> tuple[int, ...]:
        """Root, chord tones and tensions, from the root up; the bass is not added."""
        return self.chord_tones + tuple((self.root + tension) % 12 for tension in self.tensions)

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

    The dialects are those of iReal, Impro-Visor, the Weimar Jazz Database, MusicXML's kinds
    ("Cminor-seventh"), the colon form of data sets ("C:min7/b3") and plain text, with ASCII or
    Unicode signs. Where one spelling has two readings, this one is taken: an accidental behind
    the root belongs to the root ("Cb9" is a ninth chord on C flat), "-" behind the root is
    minor ("B-7"), "+" is augmented ("C+9" is C9#5), "CM" is major and "Cm" minor, "Co" and
    "C5" are no sevenths, "C2" is sus2, and a 13 holds a 9 and no 11. "Ebb9" and "C+11" are
    refused, for people mean either reading.

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


@lru_cache(maxsize=4096)
def _read(text: str) -> Chord:
    if _NO_CHORD.fullmatch(text):
        return NO_CHORD
    if text in _IN_CHARTS:
        raise QualityTextError(0, f"{_IN_CHARTS[text]}, so it has a meaning in a chart only")
    root = _ROOT.match(text)
    if root is None:
        raise QualityTextError(0, "a root A to G (or N.C.) was expected" if text else "it is empty")
    start = root.end()
    if start == 3 and text[3:4].isdigit():
        # "Ebb9" is E flat with a flat ninth to one reader and D9 to another.
        raise QualityTextError(2, "two accidentals before a number can be read in two ways")
    low = pitch_class(root[0])
    colon = text.startswith(":", start)
    if colon and start + 1 == len(text):
        # "A:" is how people head a section, and no chord of any dialect.
        raise QualityTextError(start + 1, "a quality was expected behind the colon")
    slash = _BASS.search(text, start) or (_DEGREE_BASS.search(text, start) if colon else None)
    try:
        words = text[start + colon : slash.start() if slash else len(text)].translate(_PLAIN)
        quality = read_quality(words)
    except QualityTextError as error:
        raise QualityTextError(start + colon + error.at, str(error)) from error
    return make_chord(low, quality, None if slash is None else _bass(slash, low))


def _bass(slash: re.Match[str], root: int) -> int:
    """The bass behind a slash: a note, or behind a colon ("C:maj/3") a degree above the root."""
    if slash.re is _BASS:
        return pitch_class(slash[1])
    return root + _DEGREES[slash[2]] + sum(_SHIFTS[sign] for sign in slash[1])


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
    yield from (text.replace(typed, meant, 1) for typed, meant in _SLIPS)
    yield text.replace("[", "(").replace("]", ")")
    head, _, bass = text.partition("/")
    yield f"{head}/{bass[:1].upper()}{bass[1:]}"
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
