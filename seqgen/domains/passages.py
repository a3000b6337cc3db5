"""Passages: an item as a row of numbers in which copying shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """One way to look for copies: two items copy each other where equal units follow in a row.

    A domain chooses units that are equal wherever a person would hear or see a copy: the
    intervals of a melody, and not its pitches, so that a copy in another key is found.

    Args:
        kind: What a unit is, in the plural ("intervals"); the same kinds for every item.
        units: One number a unit.
        where: From the index of a unit to its place for people ("bar 7").
        usual: The longest run that 95 % of real items share with another one; None where
            that isn't known.
    """

    kind: str
    units: Sequence[int]
    where: Callable[[int], str]
    usual: int | None = None
