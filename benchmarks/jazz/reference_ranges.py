"""Computes the bands of the score card anew: ``python -m benchmarks.jazz.reference_ranges``.

Reads the real solos that lie beside the repository (``../shared/data/jazz``), computes every
figure with the code of the score card, and writes ``docs/benchmarks/jazz-bands.md``: the
published mean, deviation and range of each figure beside those of the solos at hand.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, quantiles, stdev

from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.evaluation.metrics import describe
from seqgen_jazz.evaluation.reference_ranges import figures
from seqgen_jazz.evaluation.score_card import means

from benchmarks.jazz.corpus import figure as number
from benchmarks.jazz.corpus import in_four, load_real

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "jazz-bands.md"


def range_of(values: Sequence[float]) -> tuple[float, float]:
    """The 5th and the 95th percentile."""
    cuts = quantiles(values, n=20, method="inclusive")
    return cuts[0], cuts[-1]


def row_lines(solos: Sequence[Solo]) -> list[str]:
    """A row for each figure."""
    head = ("figure", "mean", "sd", "5 to 95 %", "mean at hand", "sd", "5 to 95 %", "source")
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    described, pooled = [describe(solo) for solo in solos], means(solos)
    sources = list(dict.fromkeys(name for row in figures() for name in row.sources))
    for row in figures():
        values = [v for one in described if (v := one.get(row.key)) is not None]
        mean = fmean(values) if values else pooled[row.key]
        spread = [number(stdev(values)), span(*range_of(values))] if values else ["–", "–"]
        published = [
            f"{row.mean:g}",
            "–" if row.sd is None else f"{row.sd:g}",
            "–" if row.low is None or row.high is None else span(row.low, row.high),
        ]
        found = "–" if mean is None else number(mean)
        places = ", ".join(str(sources.index(name) + 1) for name in row.sources)
        lines.append("| " + " | ".join([row.name, *published, found, *spread, places]) + " |")
    return [*lines, "", *(f"{place}. {name}" for place, name in enumerate(sources, 1))]


def span(low: float, high: float) -> str:
    """A range as the table shows it."""
    return f"{number(low)} to {number(high)}"


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(description="The bands of the score card, computed anew.")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    solos = [solo for solo in load_real() if in_four(solo) and len(solo.notes) >= 20]
    if not solos:
        raise SystemExit("no real solos lie beside the repository (../shared/data/jazz)")
    text = "\n".join(
        [
            "# The bands of the score card, computed anew",
            "",
            f"Written by `python -m benchmarks.jazz.reference_ranges` on {len(solos)} real solos in 4/4 that "
            "are not part of the project, read from MIDI and MusicXML files. The published "
            "columns are those of `seqgen_jazz/evaluation/reference_ranges.toml`, which the score card uses. "
            "So few solos check the formulas; they do not replace the published figures.",
            "",
            *row_lines(solos),
            "",
        ]
    )
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
