"""The reference ranges of real solos, from ``reference_ranges.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, final

#: The tolerance of the mean of many solos, in standard deviations of real solos.
WIDTH: Final = 0.7


@final
@dataclass(frozen=True, slots=True)
class ReferenceRange:
    """The values of a metric for real solos.

    Args:
        key: Its name in ``solo_metrics`` ("phrase ends": share of chord tones, pooled).
        name: Its name in a table.
        mean: The mean over real solos.
        tolerance: The maximum distance of the mean of many solos from ``mean``: ``WIDTH`` standard
            deviations if these are known, else as stated.
        sd: The standard deviation over real solos; None if unknown.
        low: The 5th percentile of single real solos; None if unknown.
        high: The 95th percentile.
        separates: Whether it separates a model from a baseline.
        meaning: What the metric shows.
        sources: The sources of the mean, and of the percentiles if they differ.
    """

    key: str
    name: str
    mean: float
    tolerance: float
    sd: float | None
    low: float | None
    high: float | None
    separates: bool
    meaning: str
    sources: tuple[str, ...]

    def contains_mean(self, value: float) -> bool:
        """Whether the mean of many solos is near the mean of real ones."""
        return abs(value - self.mean) <= self.tolerance

    def contains(self, value: float) -> bool | None:
        """Whether the value of a solo is in the range of 90 % of real ones; None if unknown."""
        if self.low is None or self.high is None:
            return None
        return self.low <= value <= self.high


@cache
def reference_ranges() -> tuple[ReferenceRange, ...]:
    """Every metric, in the order of the score card."""
    path = files("seqgen_jazz.evaluation").joinpath("reference_ranges.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_reference_range(entry, table["sources"]) for entry in table["metric"])


def _reference_range(entry: dict[str, Any], sources: dict[str, str]) -> ReferenceRange:
    optional = {"sd": None, "low": None, "high": None, "separates": False, **entry}
    names = dict.fromkeys((optional.pop("from"), optional.pop("percentiles", entry["from"])))
    if optional["sd"] is not None:
        optional["tolerance"] = WIDTH * optional["sd"]
    return ReferenceRange(**optional, sources=tuple(sources[name] for name in names))
