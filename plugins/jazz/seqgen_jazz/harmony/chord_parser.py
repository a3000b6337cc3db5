"""The reader of what stands after the root of a chord symbol: a small grammar, no guessing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import final

from seqgen_jazz.harmony import chord_symbols as tokens
from seqgen_jazz.harmony.chord_quality import TENSIONS, Quality, QualityTextError


@lru_cache(maxsize=4096)
def read_quality(text: str) -> Quality:
    """Read a suffix such as ``m7b5``, ``-j7``, ``79b13`` or ``7(b9,#11)``.

    Accidentals stand before the degree ("7b9"), except in the chain of the Weimar Jazz
    Database, where a 7 with a degree right behind it ("79b13": 7, flat 9, 13) begins a run
    of degrees with the accidental after each. The kinds of MusicXML ("minor-seventh") are read too.

    Raises:
        QualityTextError: Some of the text has no meaning at its place.
    """
    return _Reader(tokens.KINDS.get(text, text)).read()


@final
@dataclass(slots=True)
class _Reader:
    """One pass over one suffix, from left to right, without backtracking."""

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
    loose: bool = False

    def read(self) -> Quality:
        self._base()
        self._number()
        while self.at < len(self.text):
            if not self._modifier():
                raise QualityTextError(self.at, "no reading for this")
        if self.depth:
            raise QualityTextError(self.at, "a bracket is not closed")
        if self.third is None and self.fifth is None and self.seventh is None:
            raise QualityTextError(0, "nothing is left but the root")
        if not self.alt:
            return Quality.make(self.third, self.fifth, self.seventh, self.implied | self.written)
        if self.implied | self.written or (self.third, self.fifth) != (4, 7):
            raise QualityTextError(0, "'alt' stands alone: it already means b9 #9 #11 b13")
        return Quality.altered()

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        if found := pattern.match(self.text, self.at):
            self.at = found.end()
        return found

    def _base(self) -> None:
        if tokens.PLUS11.match(self.text):
            raise QualityTextError(0, "it can be #11 or an augmented 11; write 7#11 or 11(#5)")
        for name, pattern in tokens.BASES:
            if self._take(pattern):
                self.base = name
                break
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
        raised = minor and self._take(tokens.RAISED7)
        if raised or self._take(tokens.MAJOR7_MARK):
            self.base = "major7"
        elif self._take(tokens.MAJOR_WORD) and self.text[self.at : self.at + 1] in tuple("791"):
            self.base = "major"
        else:
            self.at = start
            return
        self.seventh = 11
        self.depth += opened

    def _number(self) -> None:
        """The number behind the base; "7" and more give a seventh of the base's kind."""
        if self._chain():
            return
        start = self.at
        if (found := self._take(tokens.NUMBER)) is None:
            return
        number = found[0]
        if number in ("2", "5"):
            if self.base == "aug" and number == "5":
                return  # "+5": the fifth that is raised
            if self.base:
                raise QualityTextError(start, f"{number!r} cannot follow {self.text[:start]!r}")
            self.third = None if number == "5" else 2
            self.base = "power" if number == "5" else ""
            return
        if number in ("6", "69"):
            if self.base in ("major7", "half", "dim") or self.seventh is not None:
                raise QualityTextError(start, "a sixth cannot stand here")
            self.seventh = 9
            self.implied |= {14} if number == "69" else set()
            return
        self._set_number(number)

    def _chain(self) -> bool:
        """The Weimar database's run of degrees with the accidental after each: "79b13"."""
        if self._take(tokens.SEVENTH_CHAIN):
            self._set_number("7")
        elif self.seventh is None and self._take(tokens.SIXTH_CHAIN):
            self.seventh = 9
            self.written.add(14)
        else:
            return False
        while chained := self._take(tokens.CHAINED):
            self._degree(tokens.ACCIDENTALS.get(chained[2], ""), chained[1])
        return True

    def _set_number(self, number: str) -> None:
        sevenths = {"major7": 11, "major": 11, "dim": 9}
        self.seventh = sevenths.get(self.base, 10)
        self.implied |= tokens.STACKS[number]
        rest = self.text[self.at :]
        if number == "7" and not self.base.startswith("maj") and rest.startswith(("M", "maj")):
            self._take(tokens.MAJOR_WORD)
            self.seventh = 11

    def _modifier(self) -> bool:
        return (
            self._bracket()
            or self._sus()
            or self._word()
            or self._alteration()
            or self._bare_degree()
            or self._augmented()
        )

    def _bracket(self) -> bool:
        sign = self.text[self.at]
        if sign == "(":
            self.depth += 1
        elif sign == ")" and self.depth:
            self.depth -= 1
        elif not (sign in ", " and self.depth) and sign != "/":
            return False
        if sign == "/" and not (self.seventh and tokens.SLASH_DEGREE.match(self.text, self.at)):
            raise QualityTextError(self.at, "a bass note A to G was expected after '/'")
        self.loose = self.loose or sign == "/"
        self.at += 1
        return True

    def _sus(self) -> bool:
        start = self.at
        if (found := self._take(tokens.SUS)) is None:
            return False
        if self.third in (2, 5):
            raise QualityTextError(start, "a second sus")
        self.third = 2 if found[1] == "2" else 5
        self.written |= {14} if found[1] == "24" else set()
        if found[2] and self.seventh is None and not found[1]:
            self._number()
        return True

    def _word(self) -> bool:
        start = self.at
        if found := self._take(tokens.ADD):
            self._degree(tokens.ACCIDENTALS.get(found[1], ""), found[2], added=True)
        elif found := self._take(tokens.NO):
            self.third = None if found[1] == "3" else self.third
            self.fifth = None if found[1] == "5" else self.fifth
        elif self._take(tokens.ALT):
            if self.base not in ("", "dom") or self.seventh not in (None, 10):
                raise QualityTextError(start, "'alt' belongs to a dominant chord")
            self.alt = True
            if self.text.startswith("7", self.at) and self.seventh is None:
                self.at += 1
        elif self.depth and tokens.INNER_MAJOR7.match(self.text, start):
            if self.seventh is not None and not (self.base == "minor" and self.implied):
                raise QualityTextError(start, "a second seventh")
            self._take(tokens.INNER_MAJOR7)
            self.seventh = 11
        else:
            return False
        return True

    def _alteration(self) -> bool:
        start = self.at
        found = self._take(tokens.ALTERATION)
        if found is None:
            return False
        bent = self.fifth not in (7, None) and self.base not in ("half", "dim")
        if found[2] == "5" and (bent or self.base == "power"):
            raise QualityTextError(start, "a second fifth; write b13 or #11 for one of them")
        self._degree(tokens.ACCIDENTALS[found[1]], found[2])
        self.loose = True
        return True

    def _bare_degree(self) -> bool:
        """A natural degree is clear only in brackets, after "/" or after another degree."""
        if not (self.depth or self.loose):
            return False
        found = self._take(tokens.NATURAL)
        if found is None:
            return False
        self._degree("", found[0])
        return True

    def _augmented(self) -> bool:
        if self.fifth != 7 or not self._take(tokens.AUGMENTED):
            return False
        self.fifth = 8
        return True

    def _degree(self, accidental: str, degree: str, added: bool = False) -> None:
        if degree == "5":
            self.fifth = 6 if accidental == "b" else 8
            return
        if degree == "6" and not accidental:
            if self.seventh is None:
                self.seventh = 9
            else:
                self.written.add(21)
            return
        if degree == "3" and self.third not in (2, 5):
            before_sus = added and "sus" in self.text[self.at :]
            if (accidental or self.third is not None) and not before_sus:
                raise QualityTextError(self.at - 1, "the chord has a third already")
            self.written |= {16} if before_sus else set()
            self.third = 4
            return
        degree = {"2": "9", "4": "11", "6": "13"}.get(degree, degree)
        if accidental + degree not in TENSIONS:
            raise QualityTextError(self.at - 1, f"no tension {accidental}{degree}")
        if accidental and not added:
            self.implied.discard(TENSIONS[degree])
        self.written.add(TENSIONS[accidental + degree])
