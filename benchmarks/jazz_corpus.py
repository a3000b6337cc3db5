"""Compares the embedded jazz corpus with real solos; writes ``docs/jazz-corpus.md``.

Run ``python benchmarks/jazz_corpus.py``. The real figures were measured on 437 transcribed
solos in 4/4 of the Weimar Jazz Database, one value a solo, with the very formulas of
``seqgen_jazz.metrics``. Where real solos lie beside the repository (``../shared/data/jazz``),
the longest passages that the corpus shares with them are reported too.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from seqgen_jazz import metrics
from seqgen_jazz.chart import Chart
from seqgen_jazz.corpus import load_corpus
from seqgen_jazz.solo import TICKS_PER_QUARTER, Note, Solo

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "docs" / "jazz-corpus.md"
REAL = ROOT.parent / "shared" / "data" / "jazz"
#: The band of a row is the real mean plus or minus this many standard deviations.
WIDTH = 0.7
#: Inter-onset intervals are capped at this many ticks (4 beats) when passages are compared.
CAP = 4 * TICKS_PER_QUARTER


@dataclass(frozen=True)
class Row:
    """One figure of real solos: mean, and either a standard deviation or a stated tolerance."""

    name: str
    key: str
    mean: float
    sd: float | None = None
    tolerance: float = 0.0

    @property
    def reach(self) -> float:
        """How far from ``mean`` the corpus may lie."""
        return self.tolerance if self.sd is None else WIDTH * self.sd

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies within the band."""
        return abs(value - self.mean) <= self.reach


ROWS = (
    Row("pitch-class entropy, 1 bar (bits)", "H1", 1.94, 0.35),
    Row("pitch-class entropy, 4 bars", "H4", 2.90, 0.27),
    Row("pitch-class entropy, whole solo", "entropy", 3.34, 0.18),
    Row("chord tones, beats 1 and 3", "chord tones, beats 1+3", 0.533, 0.113),
    Row("chord tones, beats 2 and 4", "chord tones, beats 2+4", 0.522, 0.107),
    Row("chord tones, off beats", "chord tones, off beats", 0.492, 0.080),
    Row("chord tones, phrase ends (pooled)", "phrase ends", 0.606, None, 0.06),
    Row("mean absolute interval (semitones)", "mean interval", 2.69, 0.38),
    Row("repeated notes", "repeats", 0.055, None, 0.02),
    Row("steps (1-2 semitones)", "steps", 0.540, None, 0.066),
    Row("thirds (3-4)", "thirds", 0.261, None, 0.04),
    Row("intervals of 5-7", "5-7", 0.103, None, 0.03),
    Row("intervals of 8-12", "8-12", 0.035, None, 0.015),
    Row("intervals over 12", "> 12", 0.006, None, 0.006),
    Row("direction changes", "direction changes", 0.411, 0.060),
    Row("silence, all gaps", "silence", 0.348, 0.071),
    Row("silence, gaps of 1/2 beat or more", "silence in gaps >= 1/2 beat", 0.217, 0.078),
    Row("empty bars", "empty bars", 0.036, 0.048),
    Row("phrase length, median (notes)", "phrase length, notes", 21.6, 27),
    Row("phrase length, median (beats)", "phrase length, beats", 10.8, 10),
    Row("phrases per 32 bars", "phrases per 32 bars", 10.1, 3.5),
    Row("notes per bar", "notes per bar", 6.7, 2.9),
    Row("range (semitones)", "range", 28.8, 6.4),
    Row("lowest note (MIDI)", "lowest", 51, None, 4),
    Row("highest note (MIDI)", "highest", 80, None, 4),
    Row("onsets on the beat", "onsets on the beat", 0.33, 0.10),
    Row("groove similarity", "groove similarity", 0.82, 0.07),
    Row("self-repetition (interval 4-grams)", "self-repetition", 0.24, 0.12),
)
#: Pooled shares of inter-onset intervals, by ticks; the rest of the real ones is not listed.
IOI = {
    12: 0.308, 6: 0.174, 8: 0.109, 4: 0.059, 24: 0.059, 18: 0.039, 16: 0.037, 3: 0.024, 36: 0.016,
}  # fmt: skip
#: Pooled shares of pitch intervals, by semitones.
STEPS = {
    -2: 0.148, -1: 0.138, 1: 0.132, 2: 0.127, -3: 0.088, 3: 0.083, -4: 0.051, 0: 0.050, 4: 0.039,
    -5: 0.032, 5: 0.032, 7: 0.013, -7: 0.011, 6: 0.008, -6: 0.008,
}  # fmt: skip
#: The most total variation distance allowed from the two pooled distributions.
FAR_IOI, FAR_STEPS = 0.20, 0.10
NAMES = {
    12: "1/2", 6: "1/4", 8: "1/3", 4: "1/6", 24: "1", 18: "3/4", 16: "2/3", 3: "1/8", 36: "3/2",
}  # fmt: skip


NOTES = (
    "The real solos are performances and the corpus is notation: a real note is shorter than its",
    "place in the bar, a written one is as long as it stands there. The silence rows compare",
    "written rests, as they stand, with performed ones. Real inter-onset times outside this list",
    "(fifths of a beat, other odd ratios) are not written in plain notation and fall under others.",
    "",
    "## No line is a copy",
    "",
)


def join_choruses(solos: Sequence[Solo]) -> list[Solo]:
    """Choruses that stand one after the other under one title, made into one solo."""
    joined = []
    for title, group in groupby(solos, lambda s: re.sub(r", chorus \d+$", "", s.title)):
        choruses = list(group)
        notes: list[Note] = []
        start = 0
        for chorus in choruses:
            notes += [Note(n.onset + start, n.duration, n.pitch) for n in chorus.notes]
            start += chorus.chart.ticks
        chart = Chart(tuple(bar for chorus in choruses for bar in chorus.chart.bars))
        joined.append(Solo(chart, tuple(notes), title, choruses[0].tempo))
    return joined


def in_four(solo: Solo) -> bool:
    """Whether the solo is in 4/4 throughout, as the real ones of the table are."""
    return all(bar.meter == (4, 4) for bar in solo.chart.bars)


def corpus_means(solos: Sequence[Solo]) -> dict[str, float]:
    """The mean over solos of every figure; phrase ends are pooled, as in the source."""
    described = [metrics.describe(solo) for solo in solos]
    means = {}
    for key in described[0]:
        values = [value for figures in described if (value := figures[key]) is not None]
        means[key] = sum(values) / len(values)
    finals = [final for solo in solos for final in metrics.phrase_finals(solo)]
    means["phrase ends"] = sum(finals) / len(finals)
    return means


def shares(values: Iterable[int], listed: Mapping[int, float]) -> dict[int, float]:
    """The share of each listed value among all values."""
    counts = Counter(values)
    return {value: counts[value] / counts.total() for value in listed}


def distance(ours: Mapping[int, float], real: Mapping[int, float]) -> float:
    """Total variation distance between two lists of shares, what is not listed taken together."""
    rest = abs(sum(ours.values()) - sum(real.values()))
    return (sum(abs(ours[value] - real[value]) for value in real) + rest) / 2


def figure(value: float) -> str:
    """A number as the table shows it."""
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def row_lines(means: Mapping[str, float]) -> list[str]:
    """The rows of the main table."""
    lines = ["| figure | real mean | sd | band | corpus | inside |", "|---|---|---|---|---|---|"]
    for row in ROWS:
        sd = f"stated: ± {row.tolerance:g}" if row.sd is None else f"{row.sd:g}"
        band = f"{figure(max(0, row.mean - row.reach))} to {figure(row.mean + row.reach)}"
        value = means[row.key]
        inside = "yes" if row.holds(value) else "**no**"
        lines.append(f"| {row.name} | {row.mean:g} | {sd} | {band} | {figure(value)} | {inside} |")
    return lines


def share_lines(solos: Sequence[Solo]) -> list[str]:
    """The two pooled distributions and their distances."""
    ioi = shares((t for s in solos for t in metrics.inter_onsets(s)), IOI)
    steps = shares((i for s in solos for i in metrics.intervals(s)), STEPS)
    lines = []
    for title, ours, real, limit, names in (
        ("time between onsets (beats)", ioi, IOI, FAR_IOI, NAMES),
        ("interval (semitones)", steps, STEPS, FAR_STEPS, {i: f"{i:+d}" for i in STEPS}),
    ):
        far = distance(ours, real)
        verdict = "inside" if far <= limit else "**outside**"
        lines += [f"| {title} | " + " | ".join(names[v] for v in real) + " | others |"]
        lines += ["|---" * (len(real) + 2) + "|"]
        for label, values in (("real", real), ("corpus", ours)):
            cells = " | ".join(f"{100 * values[v]:.1f} %" for v in real)
            lines.append(f"| {label} | {cells} | {100 * (1 - sum(values.values())):.1f} % |")
        lines += ["", f"Total variation distance {far:.3f}, allowed {limit:.2f}: {verdict}.", ""]
    return lines


def passages(solo: Solo) -> tuple[list[int], list[tuple[int, int]]]:
    """The solo as intervals, and as pairs of interval and capped inter-onset interval."""
    steps = metrics.intervals(solo)
    return steps, list(zip(steps, (min(CAP, t) for t in metrics.inter_onsets(solo)), strict=True))


def copy_lines(solos: Sequence[Solo], real: Sequence[Solo]) -> list[str]:
    """The longest passages shared with real solos, beside what real solos share among themselves."""
    theirs = [passages(solo) for solo in real]
    lines = [
        f"Compared with {len(real)} real solos that are not part of the project:",
        "",
        "| longest shared run, per solo | median | most | real solos: median | real solos: p95 |",
        "|---|---|---|---|---|",
    ]
    for index, (name, middle, high) in enumerate(
        (("intervals", 11, 19), ("intervals with inter-onset times", 7, 10))
    ):
        others = [entry[index] for entry in theirs]
        longest = [metrics.longest_shared_run(passages(s)[index], others) for s in solos]
        median = f"{metrics.median(longest):g}"
        lines.append(f"| {name} | {median} | {max(longest)} | {middle} | {high} |")
    return lines


def intro_lines(choruses: Sequence[Solo], solos: Sequence[Solo], four: int) -> list[str]:
    """The head of the page."""
    notes = sum(len(solo.notes) for solo in solos)
    return [
        "# The embedded jazz corpus beside real solos",
        "",
        f"Written by `python benchmarks/jazz_corpus.py`: {len(choruses)} choruses, joined to "
        f"{len(solos)} solos with {notes} notes.",
        f"The first table is over the {four} solos in 4/4, one value a solo, then the mean; so "
        "are the real figures (437 transcribed solos of the Weimar Jazz Database).",
        f"A band is the real mean ± {WIDTH} sd; where no sd is known, a stated tolerance.",
    ]


def load_real() -> list[Solo]:
    """The real solos beside the repository; none where the folder is missing."""
    folders = [REAL / "solos_musicxml", REAL / "solos_midi"]
    return [solo for f in folders if f.is_dir() for solo in load_corpus(f).items]


def main() -> None:
    """Print the tables and write them to the page."""
    parser = argparse.ArgumentParser(description="Compare the embedded corpus with real solos.")
    parser.add_argument("--out", type=Path, default=TABLE, help="the page to write")
    options = parser.parse_args()
    choruses = load_corpus(None).items
    every = join_choruses(choruses)
    solos = [solo for solo in every if in_four(solo)]
    head = intro_lines(choruses, every, len(solos))
    tables = [*row_lines(corpus_means(solos)), "", *share_lines(solos)]
    real = load_real()
    copies = copy_lines(every, real) if real else ["Not checked: no real solos were at hand."]
    text = "\n".join([*head, "", *tables, *NOTES, *copies, ""])
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
