"""The score card of solos: their metrics next to those of real solos, with a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from seqgen import ScoreCard, ScoreRow
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.metrics import (
    WIDTH,
    ReferenceRange,
    phrase_finals,
    reference_ranges,
    solo_metrics,
)

#: From this many solos on, their mean is compared with the mean of real ones; fewer are compared
#: with the range of single ones. The mean of 10 real solos is within 0.7 sd in 97 of 100 draws.
MANY = 10


def mean_metrics(solos: Sequence[Solo]) -> dict[str, float | None]:
    """The mean of every metric over the solos that have it; phrase ends are pooled. Solos of fewer
    than two notes are ignored."""
    usable = [solo for solo in solos if len(solo.notes) > 1]
    metrics = [solo_metrics(solo) for solo in usable]
    means: dict[str, float | None] = {}
    for reference in reference_ranges():
        values = [value for one in metrics if (value := one.get(reference.key)) is not None]
        means[reference.key] = fmean(values) if values else None
    finals = [final for solo in usable for final in phrase_finals(solo)]
    return {**means, "phrase ends": fmean(finals) if finals else None}


def score_card(solos: Sequence[Solo]) -> ScoreCard:
    """The metrics of solos next to those of real ones."""
    many = len(solos) >= MANY
    means = mean_metrics(solos)
    rows = tuple(_row(reference, means[reference.key], many) for reference in reference_ranges())
    rule = (
        f"a row is inside if the mean is within {WIDTH} standard deviations (or a stated "
        "tolerance) of the mean of real solos"
        if many
        else "a row is inside if it is in the range of 90 % of single real solos"
    )
    sources = dict.fromkeys(name for reference in reference_ranges() for name in reference.sources)
    return ScoreCard(len(solos), rows, _verdict(rows), rule, tuple(sources))


def _row(reference: ReferenceRange, value: float | None, many: bool) -> ScoreRow:
    inside = None
    if value is not None:
        inside = reference.contains_mean(value) if many else reference.contains(value)
    bounds = (reference.low, reference.high, reference.mean)
    return ScoreRow(reference.name, value, *bounds, inside, reference.meaning)


def _verdict(rows: Sequence[ScoreRow]) -> str:
    known = [row for row in rows if row.inside is not None]
    if not known:
        return "There are too few notes to evaluate."
    outside = [_describe_outside(row) for row in known if not row.inside]
    text = f"{len(known) - len(outside)} of {len(known)} metrics are like those of real solos"
    text += f"; not: {', '.join(outside)}." if outside else "."
    return f"{text} {_describe_separating(rows)}"


def _describe_outside(row: ScoreRow) -> str:
    too_high = row.value is not None and row.mean is not None and row.value > row.mean
    return f"{row.name} (too {'high' if too_high else 'low'})"


def _describe_separating(rows: Sequence[ScoreRow]) -> str:
    """The result of the metrics that separate a model from a baseline."""
    pairs = zip(rows, reference_ranges(), strict=True)
    known = [row for row, reference in pairs if reference.separates and row.inside is not None]
    inside, outside = (
        " and ".join(row.name for row in known if row.inside is wanted) for wanted in (True, False)
    )
    if not known:
        return "The metrics that separate a model from a baseline need more notes."
    if inside and outside:
        return (
            f"Of the metrics that separate a model from a baseline, {inside} is as in real solos, "
            f"{outside} is not."
        )
    result = "as in real solos" if inside else "not as in real solos"
    return f"What separates a model from a baseline ({inside or outside}) is {result}."
