"""ScoreCard: a domain's judgement of items, figure by figure, beside those of real ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, final


@final
@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One figure of a score card.

    Args:
        name: The figure, with its unit.
        value: Its mean over the items that have it; None where none has.
        low: Where the range of 90 % of single real items begins; None where it isn't known.
        high: Where it ends.
        mean: The mean over real items; None where it isn't known.
        inside: Whether ``value`` is like real ones, by the rule that the card names; None where
            there is no telling.
        tells: What the figure can tell, and what not.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    mean: float | None
    inside: bool | None
    tells: str = ""

    def to_json(self) -> dict[str, Any]:
        """The row as JSON values."""
        return {name: getattr(self, name) for name in self.__slots__}


@final
@dataclass(frozen=True, slots=True)
class ScoreCard:
    """What a domain makes of some items.

    Args:
        items: How many items were looked at.
        rows: The figures, in the order to show them.
        verdict: What they say together, in words.
        rule: When a row counts as inside, in words.
        sources: Where the figures of real items come from.
    """

    items: int
    rows: tuple[ScoreRow, ...]
    verdict: str
    rule: str
    sources: tuple[str, ...] = ()

    @property
    def outside(self) -> list[ScoreRow]:
        """The rows that are not like real items."""
        return [row for row in self.rows if row.inside is False]

    def to_json(self) -> dict[str, Any]:
        """The card as JSON values."""
        return {
            "items": self.items,
            "rows": [row.to_json() for row in self.rows],
            "verdict": self.verdict,
            "rule": self.rule,
            "sources": list(self.sources),
        }


@final
@dataclass(frozen=True, slots=True)
class Inspection:
    """What ``Domain.inspect`` gives.

    Args:
        lines: For the terminal.
        facts: The same as JSON values, for ``--json``.
        recipe: The text of a file that says how to read the data and that a person may edit;
            empty where the domain has none.
    """

    lines: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    recipe: str = ""


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
