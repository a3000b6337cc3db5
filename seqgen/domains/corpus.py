"""Corpus: the items that a domain loaded, and those that it skipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

from seqgen.errors import DataError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """Records that were skipped for one reason.

    Args:
        what: The record, or the first one and the number of others.
        why: The reason, and what to do.
        count: The number of records, at least 1.

    Raises:
        DataError: ``count`` is less than 1.
    """

    what: str
    why: str
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DataError(f"SkippedItem.count must be >= 1, was {self.count} for {self.what}")

    def to_json(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Corpus(Generic[Item]):
    """The items that a domain loaded.

    Args:
        items: The items, in a stable order.
        skipped: The records that were not used, with the reasons.
        groups: The group of each item. Items of one group (takes of one tune) are on the same side
            of the split. Empty if every item is a group of its own.
        notes: Facts for the data card in their order ("rounded onsets": "3 %").
        licence: The licence of the data; empty if unknown.
        sources: The file of each item; empty if unknown.

    Raises:
        DataError: The number of groups or sources is neither 0 nor that of the items.
    """

    items: tuple[Item, ...]
    skipped: tuple[SkippedItem, ...] = ()
    groups: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    licence: str = ""
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what, names in (("groups", self.groups), ("sources", self.sources)):
            if names and len(names) != len(self.items):
                raise DataError(
                    f"a corpus of {len(self.items)} items must have as many {what} or none, was "
                    f"{len(names)}"
                )
