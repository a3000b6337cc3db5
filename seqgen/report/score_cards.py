"""The domain's score card in the report: samples, held-out items and real ones side by side."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

from seqgen.domains.hook_results import ScoreRow
from seqgen.evaluation.copying import MIN_COPIED_RUN, CopyReport, describe_copying
from seqgen.report.html import paragraph, plain_number, table
from seqgen.report.score_items import Judged


def score_cards(judged: Sequence[Judged]) -> str:
    """Every row with the means of each set, the band of real items, and what it tells.

    Args:
        judged: The samples first; empty where the domain has no score card.
    """
    if not judged:
        return ""
    first = judged[0].card
    head = ("mean over items", *(one.name for one in judged), "5 to 95 % of real ones", "mean")
    rows = [
        _row(row, [one.card.rows[place] for one in judged]) for place, row in enumerate(first.rows)
    ]
    words = [paragraph(first.verdict, "verdict"), paragraph(f"{first.rule}.".capitalize(), "soft")]
    return (
        "".join(words)
        + table((*head, "samples like real ones", "what it tells"), rows, "cards")
        + paragraph(f"Real ones: {'; '.join(first.sources)}.", "soft")
        + _copied(judged)
    )


def _row(row: ScoreRow, of_sets: Sequence[ScoreRow]) -> tuple[str, ...]:
    band = "" if row.low is None else f"{plain_number(row.low)} to {plain_number(row.high)}"
    inside = {True: "yes", False: "no", None: "–"}[row.inside]
    values = (plain_number(one.value) for one in of_sets)
    return (row.name, *values, band, plain_number(row.mean), inside, row.explanation)


def _copied(judged: Sequence[Judged]) -> str:
    """What each set shares with the training items, by kind of units."""
    kinds = [kind for kind, found in judged[0].copied.items() if found]
    if not kinds:
        return ""
    head = ("longest run shared with a training item", *(one.name for one in judged), "real ones")
    rows = []
    for kind in kinds:
        found = [one.copied[kind] for one in judged]
        usual = found[0][0].usual
        most = "–" if usual is None else f"up to {usual} in 95 %"
        rows += [
            (f"{kind}: median", *(f"{_median(one):g}" for one in found), ""),
            (f"{kind}: the longest", *(f"{_longest(one)}" for one in found), most),
            (f"{kind}: share in runs of {MIN_COPIED_RUN} and more", *map(_share, found), ""),
        ]
    longest = [paragraph(f"The longest of the samples: {_worst(judged[0], k)}.") for k in kinds]
    return table(head, rows) + "".join(longest)


def _median(found: Sequence[CopyReport]) -> float:
    return median(one.longest for one in found) if found else 0.0


def _longest(found: Sequence[CopyReport]) -> int:
    return max((one.longest for one in found), default=0)


def _share(found: Sequence[CopyReport]) -> str:
    return f"{100 * fmean(one.share for one in found):.1f} %" if found else "–"


def _worst(one: Judged, kind: str) -> str:
    return describe_copying(max(one.copied[kind], key=lambda found: found.longest))
