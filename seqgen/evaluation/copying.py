"""The copy meter: how much of an item stands in the training material, and where it is from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, final

from seqgen.domains.hook_results import Passages
from seqgen.evaluation.suffix_automaton import CopiedRuns, Match

#: A run of at least so many units counts as copied when the share of copied units is told.
COPIED = 8


@final
@dataclass(frozen=True, slots=True)
class Copied:
    """How an item stands to the training material, by one kind of units.

    Args:
        kind: What a unit is, in the plural.
        units: How many the item has.
        longest: Units of the longest run in a row that it shares with a training item.
        share: The share of its units that lie in shared runs of ``COPIED`` units and more,
            0 to 1.
        here: Where in the item the longest run begins; empty where there is none.
        there: The name of the training item that holds it, and where it begins there.
        usual: The longest run that 95 % of real items share with another; None if unknown.
    """

    kind: str
    units: int
    longest: int
    share: float
    here: str
    there: str
    usual: int | None

    @property
    def unusual(self) -> bool:
        """Whether more is shared than nearly all real items share with each other."""
        return self.usual is not None and self.longest > self.usual

    def to_json(self) -> dict[str, Any]:
        """The figures as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@final
class CopyMeter:
    """The training material by one kind of units, ready to hold items against it.

    Args:
        names: The name of each training item.
        material: Its units.
    """

    def __init__(self, names: Sequence[str], material: Sequence[Passages]) -> None:
        self._names, self._material = names, material
        self._runs = CopiedRuns(one.units for one in material)

    def measure(self, item: Passages) -> Copied:
        """How an item stands to the training material."""
        found = list(self._runs.matches(item.units))
        best = max(range(len(found)), key=lambda place: found[place].run, default=-1)
        here = there = ""
        longest = found[best].run if found else 0
        if longest:
            here = item.where(best - longest + 1)
            there = self._origin(found[best])
        share = sum(_in_runs(found)) / len(found) if found else 0.0
        return Copied(item.kind, len(found), longest, share, here, there, item.usual)

    def longest(self, item: Passages) -> int:
        """Units of the longest run shared with a training item."""
        return self._runs.longest(item.units)

    def _origin(self, match: Match) -> str:
        place = self._material[match.item].where(match.end - match.run + 1)
        return ", ".join(part for part in (self._names[match.item], place) if part)


def _in_runs(found: Sequence[Match]) -> list[bool]:
    """For each place whether it lies in a shared run of ``COPIED`` units and more."""
    inside = [False] * len(found)
    for end, match in enumerate(found):
        if match.run >= COPIED:
            inside[end - match.run + 1 : end + 1] = [True] * match.run
    return inside


def copy_meters(
    names: Sequence[str], material: Iterable[Sequence[Passages]]
) -> dict[str, CopyMeter]:
    """A meter for each kind of units, by kind, in the domain's order.

    Args:
        names: The name of each training item.
        material: For each training item its passages, the same kinds in the same order.
    """
    columns = zip(*material, strict=True)
    return {column[0].kind: CopyMeter(names, column) for column in columns}


def copied_in_words(found: Copied) -> str:
    """One line for people."""
    if not found.longest:
        return f"{found.kind}: nothing shared with the training material"
    usual = "" if found.usual is None else f" (real ones: up to {found.usual} in 95 %)"
    return (
        f"{found.kind}: {found.longest} in a row{usual}, {found.here} like {found.there}; "
        f"{100 * found.share:.0f} % in shared runs of {COPIED} and more"
    )
