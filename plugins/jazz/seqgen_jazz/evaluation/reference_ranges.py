"""The bands of real solos, read from ``reference_ranges.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, final

#: The mean of many solos may lie this many standard deviations from the real mean.
WIDTH: Final = 0.7


@final
@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of real solos.

    Args:
        key: Its name in ``figures.describe`` ("phrase ends": share of chord tones, pooled).
        name: As a table shows it.
        mean: The mean over real solos.
        reach: How far from ``mean`` the mean of many solos may lie: ``WIDTH`` standard
            deviations where these are known, else as stated.
        sd: The standard deviation over real solos; None where it isn't known.
        low: The 5th percentile of single real solos; None where it isn't known.
        high: The 95th percentile.
        separates: Whether it tells a model from a baseline.
        tells: What it can tell.
        sources: Where the mean comes from, and the percentiles where they come from elsewhere.
    """

    key: str
    name: str
    mean: float
    reach: float
    sd: float | None
    low: float | None
    high: float | None
    separates: bool
    tells: str
    sources: tuple[str, ...]

    def holds(self, value: float) -> bool:
        """Whether the mean of many solos lies near the real mean."""
        return abs(value - self.mean) <= self.reach


@cache
def figures() -> tuple[Figure, ...]:
    """Every figure, in the order of the score card."""
    text = (
        files("seqgen_jazz.evaluation")
        .joinpath("reference_ranges.toml")
        .read_text(encoding="utf-8")
    )
    saved = tomllib.loads(text)
    return tuple(_figure(entry, saved["sources"]) for entry in saved["figure"])


def _figure(entry: dict[str, Any], sources: dict[str, str]) -> Figure:
    names = dict.fromkeys((entry["from"], entry.get("spread", entry["from"])))
    sd = entry.get("sd")
    return Figure(
        key=entry["key"],
        name=entry["name"],
        mean=entry["mean"],
        reach=entry["reach"] if sd is None else WIDTH * sd,
        sd=sd,
        low=entry.get("low"),
        high=entry.get("high"),
        separates=entry.get("separates", False),
        tells=entry["tells"],
        sources=tuple(sources[name] for name in names),
    )
