"""PatternReader: parses a regular expression over the symbols of a vocabulary into a tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from seqgen.domains.encoder import Vocabulary
from seqgen.errors import SettingError


@dataclass(frozen=True, slots=True)
class Symbols:
    """One symbol of a set: a mask with bit ``i`` for token id ``i``."""

    mask: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """Parts in this order."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part, repeated ``least`` to ``most`` times; None for no maximum."""

    part: Node
    least: int
    most: int | None


Node = Symbols | Sequence | Choice | Repeat


#: Maximum nesting depth of brackets.
DEEPEST = 100
_REPETITION = re.compile(r"\{([0-9]{0,9})(?:(,)([0-9]{0,9}))?\}")
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v"}


@final
class PatternReader:
    """A recursive-descent parser for one pattern.

    Args:
        pattern: See ``regex_automaton``.
        vocabulary: The symbols.
    """

    def __init__(self, pattern: str, vocabulary: Vocabulary) -> None:
        self._pattern, self._vocabulary, self._at, self._depth = pattern, vocabulary, 0, 0
        self._every = (1 << vocabulary.end) - 1
        #: The symbols that are not in the vocabulary, with their columns.
        self.unknown: list[tuple[str, int]] = []

    def read(self) -> Node:
        """Parse the pattern.

        Raises:
            SettingError: The pattern is invalid; the message names the column and the problem.
        """
        node = self._choice()
        if self._here:
            raise self._error("this ) closes nothing; write \\) for a literal )")
        return node

    @property
    def _here(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _take(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._at)
        self._at += len(text) * found
        return found

    def _error(self, problem: str, at: int | None = None) -> SettingError:
        column = (self._at if at is None else at) + 1
        return SettingError(f"pattern {self._pattern!r}, column {column}: {problem}")

    def _choice(self) -> Node:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _sequence(self) -> Node:
        parts = []
        while self._here and self._here not in "|)":
            parts.append(self._repeated(self._part()))
        return Sequence(tuple(parts))

    def _part(self) -> Node:
        if self._take("("):
            return self._group()
        if self._take("["):
            return Symbols(self._class())
        if self._take("."):
            return Symbols(self._every)
        if self._here in "*+?{":
            raise self._error(f"{self._here} has nothing to repeat")
        if self._here in "^$":
            raise self._error(
                f"a pattern always matches the complete item: remove {self._here}, or write "
                f"\\{self._here} for a literal {self._here}"
            )
        return Symbols(self._symbol()[0])

    def _group(self) -> Node:
        opened = self._at - 1
        if self._here == "?" and not self._take("?:"):
            raise self._error(
                "only ?: is supported after (; there are no named groups and no lookaround"
            )
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._error(f"brackets are nested more than {DEEPEST} deep", opened)
        node = self._choice()
        if not self._take(")"):
            raise self._error("this ( is never closed", opened)
        self._depth -= 1
        return node

    def _repeated(self, part: Node) -> Node:
        bounds: tuple[int, int | None]
        if self._take("*"):
            bounds = 0, None
        elif self._take("+"):
            bounds = 1, None
        elif self._take("?"):
            bounds = 0, 1
        elif self._here == "{":
            bounds = self._counted()
        else:
            return part
        if self._here and self._here in "*+?{":
            raise self._error("a repetition cannot be repeated: put it into (?:...)")
        return Repeat(part, *bounds)

    def _counted(self) -> tuple[int, int | None]:
        found = _REPETITION.match(self._pattern, self._at)
        if found is None or not (found[1] or found[3]):
            raise self._error("a repetition is {m}, {m,}, {,n} or {m,n}; write \\{ for a literal {")
        least = int(found[1] or 0)
        most = None if found[2] and not found[3] else int(found[3] or least)
        if most is not None and most < least:
            raise self._error(f"the minimum of a repetition, {least}, exceeds its maximum, {most}")
        self._at = found.end()
        return least, most

    def _class(self) -> int:
        """The mask of ``[...]``, after its first bracket."""
        opened = self._at - 1
        negated, mask, first = self._take("^"), 0, True
        while first or not self._take("]"):
            if not self._here:
                raise self._error("this [ is never closed; write \\[ for a literal [", opened)
            at, first = self._at, False
            found, low = self._symbol()
            follows = self._pattern[self._at + 1 : self._at + 2]
            if self._here == "-" and follows not in ("", "]"):
                self._at += 1
                found = self._range(low, self._symbol()[1], at)
            mask |= found
        return self._every & ~mask if negated else mask

    def _range(self, low: str | None, high: str | None, at: int) -> int:
        if low is None or high is None or len(low) != 1 or len(high) != 1:
            raise self._error("a range needs one character on each side, as in a-z", at)
        if low > high:
            raise self._error(f"the range {low}-{high} goes backwards", at)
        return self._which(lambda symbol: low <= symbol <= high)

    def _symbol(self) -> tuple[int, str | None]:
        """The mask of the symbol at this position, and the symbol; None for an escaped class."""
        at = self._at
        if self._take("\\"):
            sign = self._sign(at)
            if sign.lower() in ("\\d", "\\w", "\\s"):
                kind = re.compile(sign.lower())
                mask = self._which(lambda symbol: kind.fullmatch(symbol) is not None)
                return (mask if sign.islower() else self._every & ~mask), None
        elif self._take("<"):
            sign = self._bracketed(at)
        else:
            sign = self._here
            self._at += 1
        if sign in self._vocabulary:
            return 1 << self._vocabulary.id(sign), sign
        self.unknown.append((sign, at + 1))
        return 0, sign

    def _sign(self, at: int) -> str:
        """What follows a backslash: a literal character, or a class such as ``\\d``."""
        sign = self._here
        self._at += 1
        if sign and sign in "dwsDWS":
            return "\\" + sign
        if not sign or (sign.isascii() and sign.isalnum() and sign not in _SIGNS):
            raise self._error(
                f"\\{sign} is unknown; use \\d \\w \\s \\D \\W \\S \\n \\r \\t \\f \\v, or "
                "\\ before punctuation",
                at,
            )
        return _SIGNS.get(sign, sign)

    def _bracketed(self, at: int) -> str:
        """The symbol of ``<...>``, after its first bracket."""
        symbol = ""
        while not self._take(">"):
            self._take("\\")
            if not self._here:
                raise self._error("this < is never closed; write \\< for a literal <", at)
            symbol += self._here
            self._at += 1
        return symbol

    def _which(self, test: Callable[[str], bool]) -> int:
        """The mask of the one-character symbols that satisfy a test."""
        symbols = enumerate(self._vocabulary.symbols)
        return sum(1 << number for number, one in symbols if len(one) == 1 and test(one))
