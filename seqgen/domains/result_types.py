"""What functions of a domain return: score cards, inspections of data, passages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, final


@final
@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One metric of a score card.

    Args:
        name: The metric, with its unit.
        value: The mean over the items that have it; None if none has.
        low: The lower end of the range of 90 % of single real items; None if unknown.
        high: The upper end.
        mean: The mean over real items; None if unknown.
        inside: Whether ``value`` is like that of real items, by the rule of the card; None if
            that cannot be said.
        explanation: What the metric shows, and what it does not.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    mean: float | None
    inside: bool | None
    explanation: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the row as JSON values."""
        return asdict(self)


@final
@dataclass(frozen=True, slots=True)
class ScoreCard:
    """A table of metrics that compares items with real ones.

    Args:
        items: The number of items.
        rows: The metrics, in their order.
        verdict: A summary in words.
        rule: When a metric counts as inside, in words.
        sources: The sources of the values of real items.
    """

    items: int
    rows: tuple[ScoreRow, ...]
    verdict: str
    rule: str
    sources: tuple[str, ...] = ()

    @property
    def outside(self) -> list[ScoreRow]:
        """The metrics that are not like those of real items."""
        return [row for row in self.rows if row.inside is False]

    def to_dict(self) -> dict[str, Any]:
        """Return the card as JSON values."""
        return asdict(self) | {"rows": [row.to_dict() for row in self.rows]}


@final
@dataclass(frozen=True, slots=True)
class Inspection:
    """What ``Domain.inspect`` returns.

    Args:
        lines: The report for the terminal.
        facts: The same as JSON values, for ``--json``.
        recipe: The text of a file that configures how the data are read and that users may edit;
            empty if the domain has none.
    """

    lines: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = ""


@final
@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """An item as a sequence of units; runs of equal units in two items are copies.

    A domain chooses units that are equal if a person would hear or see a copy: the intervals of a
    melody and not its pitches, so that a copy in another key is found.

    Args:
        kind: What the units are, in the plural ("intervals"); the same kinds for every item.
        units: A number for each unit.
        where: Returns the place of a unit for people ("bar 7") from its index.
        usual: The longest run that 95 % of real items share with another one; None if unknown.
    """

    kind: str
    units: Sequence[int]
    where: Callable[[int], str]
    usual: int | None = None
