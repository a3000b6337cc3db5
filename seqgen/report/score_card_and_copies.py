"""Items with their score card and the runs that they share with the training items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.result_types import ScoreCard
from seqgen.errors import DataError
from seqgen.evaluation.copying import CopyMeter, CopyReport
from seqgen.inference.training_items import item_passages

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain


@final
@dataclass(frozen=True, slots=True)
class ScoredItems:
    """A set of items with its score card.

    Args:
        name: The file of the items, or the name of the set.
        card: Their score card.
        copied: What each item shares with the training items, by kind of unit; empty without
            training items.
    """

    name: str
    card: ScoreCard
    copied: Mapping[str, Sequence[CopyReport]]

    @property
    def longest_copies(self) -> list[CopyReport]:
        """The longest shared run of all items, for each kind of unit."""
        return [max(found, key=lambda one: one.longest) for found in self.copied.values() if found]

    def to_json(self) -> dict[str, Any]:
        """The JSON values that ``--json`` prints."""
        copied = {kind: [one.to_json() for one in found] for kind, found in self.copied.items()}
        return {"name": self.name, "score_card": self.card.to_dict(), "copied": copied}


def score_items(
    name: str, domain: Domain, items: Sequence[Any], meters: Mapping[str, CopyMeter]
) -> ScoredItems:
    """Compute the score card of items and compare them with the training items.

    Args:
        name: The name of the set.
        domain: Its ``evaluation`` has a score card.
        items: The items.
        meters: The training items, by kind of unit; empty without.

    Raises:
        DataError: The domain has no score card.
    """
    if domain.evaluation.score_card is None:
        raise DataError(
            f"domain {domain.name!r} has no score card (Domain.evaluation.score_card); "
            "seqgen score shows the likelihood of items under a model"
        )
    return ScoredItems(
        name, domain.evaluation.score_card(items), measure_copying(domain, items, meters)
    )


def measure_copying(
    domain: Domain, items: Sequence[Any], meters: Mapping[str, CopyMeter]
) -> dict[str, list[CopyReport]]:
    """What each item shares with the training items, by kind of unit."""
    found: dict[str, list[CopyReport]] = {kind: [] for kind in meters}
    for item in items if meters else ():
        for one in item_passages(domain, None, item):
            found[one.kind].append(meters[one.kind].measure(one))
    return found
