"""The score card of some solos: every figure beside real solos, and a verdict in words."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from seqgen import ScoreCard, ScoreRow
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.metrics import describe
from seqgen_jazz.evaluation.pitch_metrics import phrase_finals
from seqgen_jazz.evaluation.reference_ranges import WIDTH, Figure, figures

#: With so many solos their mean is held against the mean of real ones, with fewer against the
#: range of single ones: the mean of 10 real solos lies within 0.7 sd in 97 of 100 draws.
MANY = 10


def means(solos: Sequence[Solo]) -> dict[str, float | None]:
    """The mean of every figure over the solos that have it; phrase ends are pooled.

    Args:
        solos: Those of fewer than two notes are left aside.
    """
    played = [solo for solo in solos if len(solo.notes) > 1]
    described = [describe(solo) for solo in played]
    found: dict[str, float | None] = {}
    for figure in figures():
        values = [one[figure.key] for one in described if one.get(figure.key) is not None]
        found[figure.key] = fmean(v for v in values if v is not None) if values else None
    finals = [final for solo in played for final in phrase_finals(solo)]
    return {**found, "phrase ends": fmean(finals) if finals else None}


def score_card(solos: Sequence[Solo]) -> ScoreCard:
    """The figures of some solos beside those of real ones."""
    many = len(solos) >= MANY
    found = means(solos)
    rows = tuple(_row(figure, found[figure.key], many) for figure in figures())
    rule = (
        f"a row is inside where the mean lies within {WIDTH} standard deviations (or a stated "
        "reach) of the mean of real solos"
        if many
        else "a row is inside where it lies in the range of 90 % of single real solos"
    )
    sources = tuple(dict.fromkeys(name for figure in figures() for name in figure.sources))
    return ScoreCard(len(solos), rows, _verdict(rows), rule, sources)


def _row(figure: Figure, value: float | None, many: bool) -> ScoreRow:
    inside = None
    if value is not None:
        if many:
            inside = figure.holds(value)
        elif figure.low is not None and figure.high is not None:
            inside = figure.low <= value <= figure.high
    return ScoreRow(figure.name, value, figure.low, figure.high, figure.mean, inside, figure.tells)


def _verdict(rows: Sequence[ScoreRow]) -> str:
    judged = [row for row in rows if row.inside is not None]
    if not judged:
        return "There are too few notes to judge."
    outside = [_astray(row) for row in judged if not row.inside]
    text = f"{len(judged) - len(outside)} of {len(judged)} figures are like those of real solos"
    text += f"; not: {', '.join(outside)}." if outside else "."
    return f"{text} {_separating(rows)}"


def _astray(row: ScoreRow) -> str:
    assert row.value is not None and row.mean is not None
    return f"{row.name} (too {'high' if row.value > row.mean else 'low'})"


def _separating(rows: Sequence[ScoreRow]) -> str:
    """What the figures say that tell a model from a baseline."""
    pairs = zip(rows, figures(), strict=True)
    telling = [row for row, figure in pairs if figure.separates and row.inside is not None]
    names = " and ".join(row.name for row in telling)
    if not telling:
        return "The figures that tell a model from a baseline need more notes."
    if all(row.inside for row in telling):
        return f"What tells a model from a baseline ({names}) is as in real solos."
    if not any(row.inside for row in telling):
        return f"What tells a model from a baseline ({names}) is not as in real solos."
    right = " and ".join(row.name for row in telling if row.inside)
    wrong = " and ".join(row.name for row in telling if not row.inside)
    return f"Of what tells a model from a baseline, {right} is as in real solos, {wrong} is not."
