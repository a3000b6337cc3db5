"""CopyMeter: how much of an item is copied from the training items, and from which one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, final

from seqgen.domains.result_types import Passages
from seqgen.evaluation.suffix_automaton import Match, SuffixAutomaton

#: A shared run of at least this many units counts as copied.
MIN_COPIED_RUN = 8


@final
@dataclass(frozen=True, slots=True)
class CopyReport:
    """What an item shares with the training items, measured in one kind of unit.

    Args:
        kind: The unit, in the plural.
        units: The units of the item.
        longest: The units of the longest run that it shares with a training item.
        share: The share of its units in shared runs of at least ``MIN_COPIED_RUN`` units, 0 to 1.
        here: Where the longest run begins in the item; empty without a run.
        there: The name of the training item that has it, and the position in that item.
        usual: The longest run that 95 % of real items share with another one; None if unknown.
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
        """Whether the longest run is longer than that of 95 % of real items."""
        return self.usual is not None and self.longest > self.usual

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@final
class CopyMeter:
    """Compares items with the training items in one kind of unit.

    Args:
        names: The name of each training item.
        training: The units of each training item.
    """

    def __init__(self, names: Sequence[str], training: Sequence[Passages]) -> None:
        self._names, self._training = names, training
        self._automaton = SuffixAutomaton(one.units for one in training)

    def measure(self, item: Passages) -> CopyReport:
        """What an item shares with the training items."""
        matches = list(self._automaton.matches(item.units))
        end = max(range(len(matches)), key=lambda k: matches[k].length, default=-1)
        longest = matches[end].length if matches else 0
        here = item.where(end - longest + 1) if longest else ""
        there = self._origin(matches[end]) if longest else ""
        share = _count_copied(matches) / len(matches) if matches else 0.0
        return CopyReport(item.kind, len(matches), longest, share, here, there, item.usual)

    def longest(self, item: Passages) -> int:
        """The units of the longest run that an item shares with a training item."""
        return self._automaton.longest(item.units)

    def _origin(self, match: Match) -> str:
        position = self._training[match.item].where(match.end - match.length + 1)
        return ", ".join(part for part in (self._names[match.item], position) if part)


def _count_copied(matches: Sequence[Match]) -> int:
    """The number of positions in shared runs of at least ``MIN_COPIED_RUN`` units."""
    copied = set[int]()
    for end, match in enumerate(matches):
        if match.length >= MIN_COPIED_RUN:
            copied.update(range(end - match.length + 1, end + 1))
    return len(copied)


def copy_meters(
    names: Sequence[str], training: Iterable[Sequence[Passages]]
) -> dict[str, CopyMeter]:
    """A meter for each kind of unit, in the domain's order.

    Args:
        names: The name of each training item.
        training: The passages of each training item, the same kinds in the same order.
    """
    columns = zip(*training, strict=True)
    return {column[0].kind: CopyMeter(names, column) for column in columns}


def describe_copying(report: CopyReport) -> str:
    """One line for people."""
    if not report.longest:
        return f"{report.kind}: nothing shared with the training items"
    usual = "" if report.usual is None else f" (95 % of real items: up to {report.usual})"
    return (
        f"{report.kind}: {report.longest} in a row{usual}, {report.here} like {report.there}; "
        f"{100 * report.share:.0f} % in shared runs of {MIN_COPIED_RUN} or more"
    )
