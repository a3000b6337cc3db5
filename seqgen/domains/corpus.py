"""Corpus: the items a domain loaded, and an honest account of what it left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from seqgen.errors import DataError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """What could not be used for one reason.

    Args:
        what: The thing, or the first of several and how many more there are.
        why: The reason, and what to do about it.
        count: How many things they are, at least 1.

    Raises:
        DataError: The count is below 1.
    """

    what: str
    why: str
    count: int = 1

    def __post_init__(self) -> None:
        if self.count < 1:
            raise DataError(
                f"SkippedItem.count must be >= 1, was {self.count}; it counts {self.what}"
            )

    def to_json(self) -> dict[str, Any]:
        """The entry as JSON values."""
        return {"what": self.what, "why": self.why, "count": self.count}


@dataclass(frozen=True, eq=False)
class Corpus(Generic[Item]):
    """What a domain loaded.

    Args:
        items: The items, in a stable order.
        skipped: What was not used, each with its reason. Nothing is dropped in silence.
        groups: One name an item; items of one group (takes of one tune) stay on the same
            side of the split. Empty when every item stands alone.
        notes: Facts for the data card, in the order to show them ("rounded onsets": "3 %").
        licence: Under which terms the data stands, empty when not known.
        sources: The file that each item came from; empty when the domain does not say.

    Raises:
        DataError: There are groups or sources, but not one an item.
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
                    f"a corpus of {len(self.items)} items must have as many {what} or none, "
                    f"was {len(names)}"
                )
