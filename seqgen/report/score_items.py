"""Judged: items with their score card and what they share with the training material."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.hook_results import ScoreCard
from seqgen.errors import DataError
from seqgen.evaluation.copying import CopyMeter, CopyReport
from seqgen.inference.training_items import item_passages

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain


@final
@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of some items.

    Args:
        name: The file that they came from, or what else to call them.
        card: Their score card.
        copied: For each kind of units, how each item stands to the training material; empty
            where there is none.
    """

    name: str
    card: ScoreCard
    copied: Mapping[str, Sequence[CopyReport]]

    @property
    def worst(self) -> list[CopyReport]:
        """For each kind of units the longest shared run of all items."""
        return [max(found, key=lambda one: one.longest) for found in self.copied.values() if found]

    def to_json(self) -> dict[str, Any]:
        """What ``--json`` prints."""
        copied = {kind: [one.to_json() for one in found] for kind, found in self.copied.items()}
        return {"name": self.name, "score_card": self.card.to_json(), "copied": copied}


def judge(
    name: str, domain: Domain, items: Sequence[Any], meters: Mapping[str, CopyMeter]
) -> Judged:
    """Judge items of a domain.

    Raises:
        DataError: The domain has no score card.
    """
    if domain.evaluation.score_card is None:
        raise DataError(
            f"domain {domain.name!r} has no score card (Domain.evaluation.score_card); "
            "seqgen score tells how surprising items are to a model"
        )
    return Judged(name, domain.evaluation.score_card(items), copied_of(domain, items, meters))


def copied_of(
    domain: Domain, items: Sequence[Any], meters: Mapping[str, CopyMeter]
) -> dict[str, list[CopyReport]]:
    """How items stand to the training material, by kind of units."""
    found: dict[str, list[CopyReport]] = {kind: [] for kind in meters}
    for item in items if meters else ():
        for one in item_passages(domain, None, item):
            found[one.kind].append(meters[one.kind].measure(one))
    return found
