"""The tree of a pattern: symbols, rows, choices and repetitions."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Symbols:
    """One symbol out of a set: a mask with bit ``i`` set for token id ``i``."""

    mask: int


@dataclass(frozen=True, slots=True)
class Row:
    """One part after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Any one of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part so many times; ``most`` None for no bound."""

    part: Node
    least: int
    most: int | None


Node = Symbols | Row | Choice | Repeat
