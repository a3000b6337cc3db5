"""The parser of chord symbols in the common dialects: a small grammar without backtracking."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, final

from seqgen import DataError
from seqgen_jazz.harmony.chord import NO_CHORD, TENSIONS, Chord, Quality, make_chord

_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SHIFTS: Final = {"b": -1, "♭": -1, "#": 1, "♯": 1, "x": 2}
_NOTE: Final = r"[A-G](?:[b♭]{2}|[#♯]{2}|[b#♭♯])?"
_ROOT: Final = re.compile(_NOTE)
_BASS: Final = re.compile(rf"/({_NOTE})$")
_DEGREE_BASS: Final = re.compile(r"/([b#♭♯]{0,2})([2-7])$")
_NO_CHORD: Final = re.compile(r"N\.?C\.?|n\.?c\.?|N|NoChord|no chord", re.ASCII)
_DEGREES: Final = {"2": 2, "3": 4, "4": 5, "5": 7, "6": 9, "7": 11}
#: Superscripts of typeset charts -> plain characters.
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
#: Common typing errors and the text that is meant.
_TYPOS: Final = (("0", "o"), ("-5", "(b5)"), ("4", "sus4"))
_CHART_SIGNS: Final = {"%": "it repeats the bar before", "/": "it holds the chord before"}

_ACCIDENTALS: Final = {"b": "b", "♭": "b", "-": "b", "−": "b", "#": "#", "♯": "#", "+": "#"}
_MAJOR7_MARK: Final = re.compile(r"[\^Δ△∆▵j]")
_MAJOR_WORD: Final = re.compile(r"major|maj|Maj|MAJ|Ma(?!dd)|MA|ma(?!dd)|M(?![iI])")
_BASES: Final = (
    ("major7", _MAJOR7_MARK),
    ("major", _MAJOR_WORD),
    ("half", re.compile(r"half-?dim(?:inished)?|hdim|[øØ⌀∅h]")),
    ("dim", re.compile(r"dim(?:inished)?|o(?!mit)|°|º")),
    ("aug", re.compile(r"aug(?:mented)?|\+")),
    ("dom", re.compile(r"dom(?:inant)?(?=7|9|1)")),
    ("minor", re.compile(r"minor|min|Min|MIN|mi|Mi|MI|m|-|−|–")),
)
#: Number of a chord -> the tensions that it implies.
_IMPLIED: Final = {"7": set[int](), "9": {14}, "11": {14, 17}, "13": {14, 21}}
#: The kinds of MusicXML, and music21's names for them -> suffix.
MUSICXML_KINDS: Final = {
    **{"major": "", "minor": "m", "augmented": "aug", "diminished": "dim", "power": "5"},
    **{"dominant": "7", "dominant-seventh": "7", "major-seventh": "maj7", "minor-seventh": "m7"},
    **{"diminished-seventh": "dim7", "augmented-seventh": "7#5"},
    **{"half-diminished": "m7b5", "half-diminished-seventh": "m7b5"},
    **{"major-minor": "mmaj7", "minor-major-seventh": "mmaj7"},
    **{"major-sixth": "6", "minor-sixth": "m6"},
    **{"suspended-second": "sus2", "suspended-fourth": "sus4"},
    **{
        f"{kind}-{word}": prefix + number
        for kind, prefix in (("dominant", ""), ("major", "maj"), ("minor", "m"))
        for word, number in (("ninth", "9"), ("11th", "11"), ("13th", "13"))
    },
}


class ChordSyntaxError(ValueError):
    """Text that is no chord; ``at`` is the offset of the first character that does not fit."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at


def parse_chord(text: str) -> Chord:
    """Parse a chord symbol as musicians type it: ``Bb7``, ``C-7``, ``F#o``, ``C7b9#11``, ``Am/G``.

    The dialects are those of iReal, Impro-Visor, the Weimar Jazz Database, MusicXML's kinds
    ("Cminor-seventh"), the colon form of datasets ("C:min7/b3") and plain text, with ASCII or
    Unicode signs. Ambiguous spellings are parsed as follows: an accidental after the root
    belongs to the root ("Cb9" is a ninth chord on C flat), "-" after the root is minor ("B-7"),
    "+" is augmented ("C+9" is C9#5), "CM" is major and "Cm" minor, "Co" and "C5" have no
    seventh, "C2" is sus2, and a 13 includes a 9 and no 11. "Ebb9" and "C+11" are errors, because
    both readings are common.

    Raises:
        DataError: The text is no chord; the message names the column (from 1), shows the text
            and, if there is one, the nearest text that is a chord.
    """
    try:
        return _parse(text)
    except ChordSyntaxError as error:
        near = _nearest(text)
        hint = f"; did you mean {near!r}?" if near else "; a chord looks like Bb7, F#m7b5 or C/E"
        raise DataError(
            f"cannot read the chord {text!r} at column {error.at + 1}: {error}{hint}"
        ) from error


def pitch_class(name: str) -> int:
    """The pitch class of a note name ``[A-G]`` with any number of accidentals."""
    return (_STEPS[name[0]] + sum(_SHIFTS[sign] for sign in name[1:])) % 12


@lru_cache(maxsize=4096)
def _parse(text: str) -> Chord:
    if _NO_CHORD.fullmatch(text):
        return NO_CHORD
    if text in _CHART_SIGNS:
        raise ChordSyntaxError(0, f"{_CHART_SIGNS[text]} and has a meaning only in a chart")
    root = _ROOT.match(text)
    if root is None:
        raise ChordSyntaxError(0, "expected a root A to G (or N.C.)" if text else "it is empty")
    start = root.end()
    if start == 3 and text[3:4].isdigit():
        # "Ebb9" is E flat with a flat ninth to one reader and D9 to another.
        raise ChordSyntaxError(2, "two accidentals before a number are ambiguous")
    tonic = pitch_class(root[0])
    colon = text.startswith(":", start)
    if colon and start + 1 == len(text):
        # "A:" is a section heading, and no chord in any dialect.
        raise ChordSyntaxError(start + 1, "expected a quality after the colon")
    slash = _BASS.search(text, start) or (_DEGREE_BASS.search(text, start) if colon else None)
    try:
        suffix = text[start + colon : slash.start() if slash else len(text)]
        quality = parse_quality(suffix.translate(_SUPERSCRIPTS))
    except ChordSyntaxError as error:
        raise ChordSyntaxError(start + colon + error.at, str(error)) from error
    return make_chord(tonic, quality, None if slash is None else _bass(slash, tonic))


def _bass(slash: re.Match[str], root: int) -> int:
    """The bass after a slash: a note, or after a colon ("C:maj/3") a degree above the root."""
    if slash.re is _BASS:
        return pitch_class(slash[1])
    return root + _DEGREES[slash[2]] + sum(_SHIFTS[sign] for sign in slash[1])


def _nearest(text: str) -> str:
    """The valid text that differs least: other case, one edit, or the longest beginning."""
    for candidate in _edits(text[:24]):
        try:
            _parse(candidate)
        except ChordSyntaxError:
            continue
        return candidate
    return ""


def _edits(text: str) -> Iterator[str]:
    if not text:
        return
    yield text.strip()
    yield from (text.replace(typed, meant, 1) for typed, meant in _TYPOS)
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


@lru_cache(maxsize=4096)
def parse_quality(text: str) -> Quality:
    """Parse a suffix such as ``m7b5``, ``-j7``, ``79b13`` or ``7(b9,#11)``.

    Accidentals precede the degree ("7b9"), except in the chains of the Weimar Jazz Database: a
    7 directly followed by a degree ("79b13": 7, flat 9, 13) begins a chain of degrees with the
    accidental after each. The kinds of MusicXML ("minor-seventh") are parsed too.

    Raises:
        ChordSyntaxError: A part of the text has no meaning.
    """
    return _QualityParser(MUSICXML_KINDS.get(text, text)).parse()


@final
@dataclass(slots=True)
class _QualityParser:
    """One pass over one suffix, from left to right."""

    text: str
    at: int = 0
    base: str = ""
    third: int | None = 4
    fifth: int | None = 7
    seventh: int | None = None
    implied: set[int] = field(default_factory=set)
    written: set[int] = field(default_factory=set)
    alt: bool = False
    depth: int = 0
    #: Whether a natural degree is unambiguous without brackets: after "/" or another degree.
    allows_degree: bool = False

    def parse(self) -> Quality:
        self._base()
        self._number()
        while self.at < len(self.text):
            if not (self._bracket() or self._sus() or self._word() or self._alteration()):
                raise ChordSyntaxError(self.at, "it has no meaning here")
        if self.depth:
            raise ChordSyntaxError(self.at, "a bracket is not closed")
        if self.third is None and self.fifth is None and self.seventh is None:
            raise ChordSyntaxError(0, "only the root remains")
        if not self.alt:
            return Quality.make(self.third, self.fifth, self.seventh, self.implied | self.written)
        if self.implied | self.written or (self.third, self.fifth) != (4, 7):
            raise ChordSyntaxError(0, "'alt' cannot be combined: it includes b9 #9 #11 b13")
        return Quality.altered()

    def _take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        if found := re.compile(pattern).match(self.text, self.at):
            self.at = found.end()
        return found

    def _base(self) -> None:
        if re.match(r"(?:aug(?:mented)?|\+)11", self.text):
            raise ChordSyntaxError(0, "it can be #11 or an augmented 11; write 7#11 or 11(#5)")
        self.base = next((name for name, pattern in _BASES if self._take(pattern)), "")
        if self.base in ("minor", "half", "dim"):
            self.third = 3
        self.fifth = {"half": 6, "dim": 6, "aug": 8}.get(self.base, 7)
        self.seventh = {"half": 10, "major7": 11}.get(self.base)
        if self.base in ("minor", "dim", "aug"):
            self._major_seventh_mark()

    def _major_seventh_mark(self) -> None:
        """The "maj" of "mMaj7", "-^7", "m(maj7)", "m/maj7", "m#7", "+j7", "oM7"."""
        start = self.at
        opened, minor = self.text.startswith("(", start), self.base == "minor"
        self.at += opened or (minor and self.text.startswith("/", start))
        raised = minor and self._take(r"[#♯]7")
        if raised or self._take(_MAJOR7_MARK):
            self.base = "major7"
        elif self._take(_MAJOR_WORD) and self.text[self.at : self.at + 1] in tuple("791"):
            self.base = "major"
        else:
            self.at = start
            return
        self.seventh = 11
        self.depth += opened

    def _number(self) -> None:
        """The number after the base; from 7 on it includes a seventh of the base's kind."""
        if self._chain():
            return
        start = self.at
        if (found := self._take(r"13|11|9|7|69|6|5(?!\d)|2(?!\d)")) is None:
            return
        number = found[0]
        if number in ("2", "5"):
            if self.base == "aug" and number == "5":
                return  # "+5": the raised fifth
            if self.base:
                raise ChordSyntaxError(start, f"{number!r} cannot follow {self.text[:start]!r}")
            self.third = None if number == "5" else 2
            self.base = "power" if number == "5" else ""
        elif number in ("6", "69"):
            if self.base in ("major7", "half", "dim") or self.seventh is not None:
                raise ChordSyntaxError(start, "a sixth is not allowed here")
            self.seventh = 9
            self.implied |= {14} if number == "69" else set()
        else:
            self._set_number(number)

    def _chain(self) -> bool:
        """A chain of the Weimar database, the accidental after each degree: "79b13"."""
        if self._take(r"7(?=9|11|13)"):
            self._set_number("7")
        elif self.seventh is None and self._take(r"69(?=11)"):
            self.seventh = 9
            self.written.add(14)
        else:
            return False
        while chained := self._take(r"(9|11|13)([b#♭♯]?)"):
            self._degree(_ACCIDENTALS.get(chained[2], ""), chained[1])
        return True

    def _set_number(self, number: str) -> None:
        self.seventh = {"major7": 11, "major": 11, "dim": 9}.get(self.base, 10)
        self.implied |= _IMPLIED[number]
        rest = self.text[self.at :]
        if number == "7" and not self.base.startswith("maj") and rest.startswith(("M", "maj")):
            self._take(_MAJOR_WORD)
            self.seventh = 11

    def _bracket(self) -> bool:
        sign = self.text[self.at]
        if sign == "(":
            self.depth += 1
        elif sign == ")" and self.depth:
            self.depth -= 1
        elif not (sign in ", " and self.depth) and sign != "/":
            return False
        if sign == "/" and not (
            self.seventh and re.match(r"/[b#♭♯]?(?:9|11|13)", self.text[self.at :])
        ):
            raise ChordSyntaxError(self.at, "expected a bass note A to G after '/'")
        self.allows_degree = self.allows_degree or sign == "/"
        self.at += 1
        return True

    def _sus(self) -> bool:
        start = self.at
        if (found := self._take(r"sus(24|[24]?)(?=(7|9|13|)())")) is None:
            return False
        if self.third in (2, 5):
            raise ChordSyntaxError(start, "a second sus")
        self.third = 2 if found[1] == "2" else 5
        self.written |= {14} if found[1] == "24" else set()
        if found[2] and self.seventh is None and not found[1]:
            self._number()
        return True

    def _word(self) -> bool:
        start = self.at
        if found := self._take(r"add([b♭#♯+-]?)(13|11|9|6|4|3|2)"):
            self._degree(_ACCIDENTALS.get(found[1], ""), found[2], added=True)
        elif found := self._take(r"(?:no|omit)(3|5)"):
            self.third = None if found[1] == "3" else self.third
            self.fifth = None if found[1] == "5" else self.fifth
        elif self._take(r"alt(?:ered)?"):
            if self.base not in ("", "dom") or self.seventh not in (None, 10):
                raise ChordSyntaxError(start, "'alt' requires a dominant chord")
            self.alt = True
            if self.text.startswith("7", self.at) and self.seventh is None:
                self.at += 1
        elif self.depth and self._take(r"(?:maj|M|Maj|ma|\^|Δ|j)7"):
            if self.seventh is not None and not (self.base == "minor" and self.implied):
                raise ChordSyntaxError(start, "a second seventh")
            self.seventh = 11
        else:
            return False
        return True

    def _alteration(self) -> bool:
        """An altered degree, a natural one if it is unambiguous, or "+" as the raised fifth."""
        start = self.at
        if found := self._take(r"([b♭#♯+−-])(13|11|9|6|5|4)"):
            altered = self.fifth not in (7, None) and self.base not in ("half", "dim")
            if found[2] == "5" and (altered or self.base == "power"):
                raise ChordSyntaxError(start, "a second fifth; write b13 or #11 for one of them")
            self._degree(_ACCIDENTALS[found[1]], found[2])
            self.allows_degree = True
        elif (self.depth or self.allows_degree) and (found := self._take(r"13|11|9")):
            self._degree("", found[0])
        elif self.fifth == 7 and self._take(r"aug|\+"):
            self.fifth = 8
        else:
            return False
        return True

    def _degree(self, accidental: str, degree: str, added: bool = False) -> None:
        if degree == "5":
            self.fifth = 6 if accidental == "b" else 8
            return
        if degree == "6" and not accidental and self.seventh is None:
            self.seventh = 9
            return
        if degree == "3" and self.third not in (2, 5):
            before_sus = added and "sus" in self.text[self.at :]
            if (accidental or self.third is not None) and not before_sus:
                raise ChordSyntaxError(self.at - 1, "the chord already has a third")
            self.written |= {16} if before_sus else set()
            self.third = 4
            return
        degree = {"2": "9", "4": "11", "6": "13"}.get(degree, degree)
        if accidental + degree not in TENSIONS:
            raise ChordSyntaxError(self.at - 1, f"there is no tension {accidental}{degree}")
        if accidental and not added:
            self.implied.discard(TENSIONS[degree])
        self.written.add(TENSIONS[accidental + degree])
