"""Compares the embedded jazz corpus with real solos; writes ``docs/jazz-corpus.md``.

Run ``python benchmarks/jazz/corpus.py``. The real figures were measured on 437 transcribed
solos in 4/4 of the Weimar Jazz Database, one value a solo, with the very formulas of
``seqgen_jazz.evaluation``. Where real solos lie beside the repository (``../shared/data/jazz``),
the longest passages that the corpus shares with them are reported too.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation import metrics
from seqgen_jazz.evaluation.reference_ranges import WIDTH, reference_ranges

from benchmarks.jazz.pooled_distributions import FAR_IOI, FAR_STEPS, IOI, STEPS, distance, shares

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "jazz-corpus.md"
REAL = ROOT.parent / "shared" / "data" / "jazz"
#: Inter-onset intervals are capped at this many ticks (4 beats) when passages are compared.
CAP = 4 * TICKS_PER_QUARTER
#: An interval of at least this many semitones counts as a leap.
LEAP = 7


NAMES = {
    12: "1/2", 6: "1/4", 8: "1/3", 4: "1/6", 24: "1", 18: "3/4", 16: "2/3", 3: "1/8", 36: "3/2",
}  # fmt: skip


NOTES = (
    "The real solos are performances, the corpus is notation: performed notes are shorter than",
    "their notated length, so the silence rows compare notated rests with performed ones. Real",
    "inter-onset times outside this list (fifths of a beat, other odd ratios) do not occur in",
    "plain notation and count as others.",
    "",
    "## Copying and voice leading",
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
    described = [metrics.solo_metrics(solo) for solo in solos]
    means = {}
    for key in described[0]:
        values = [value for one in described if (value := one[key]) is not None]
        means[key] = sum(values) / len(values)
    finals = [final for solo in solos for final in metrics.phrase_finals(solo)]
    means["phrase ends"] = sum(finals) / len(finals)
    return means


def figure(value: float) -> str:
    """A number as the table shows it."""
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def row_lines(means: Mapping[str, float], at_hand: Mapping[str, float]) -> list[str]:
    """The rows of the main table; ``at_hand``: the means of real solos at hand, or empty."""
    lines = [
        "| metric | real mean | sd | range | corpus | inside | other real solos |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in reference_ranges():
        sd = f"stated: ± {row.tolerance:g}" if row.sd is None else f"{row.sd:g}"
        band = f"{figure(max(0, row.mean - row.tolerance))} to {figure(row.mean + row.tolerance)}"
        value = means[row.key]
        inside = "yes" if row.contains_mean(value) else "**no**"
        check = figure(at_hand[row.key]) if at_hand else "-"
        cells = (row.name, f"{row.mean:g}", sd, band, figure(value), inside, check)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def share_lines(solos: Sequence[Solo], at_hand: Sequence[Solo]) -> list[str]:
    """The two pooled distributions and their distances."""
    names = {i: f"{i:+d}" if i else "0" for i in STEPS}
    parts = (
        ("time between onsets (beats)", metrics.inter_onsets, IOI, FAR_IOI, NAMES),
        ("interval (semitones)", metrics.intervals, STEPS, FAR_STEPS, names),
    )
    lines = []
    for title, values_of, real, limit, labels in parts:
        ours = shares((value for solo in solos for value in values_of(solo)), real)
        lines += [f"| {title} | " + " | ".join(labels[v] for v in real) + " | others |"]
        lines += ["|---" * (len(real) + 2) + "|"]
        for label, values in (("real", real), ("corpus", ours)):
            cells = " | ".join(f"{100 * values[v]:.1f} %" for v in real)
            lines.append(f"| {label} | {cells} | {100 * (1 - sum(values.values())):.1f} % |")
        far = distance(ours, real)
        verdict = "inside" if far <= limit else "**outside**"
        lines += ["", f"Total variation distance {far:.3f}, limit {limit:.2f}: {verdict}."]
        if at_hand:
            pooled = shares((value for solo in at_hand for value in values_of(solo)), real)
            single = [distance(shares(values_of(solo), real), real) for solo in at_hand]
            lines += [
                f"The other real solos: {distance(pooled, real):.3f} pooled, "
                f"{median(single):.3f} for the median solo."
            ]
        lines.append("")
    return lines


def passages(solo: Solo) -> tuple[list[int], list[tuple[int, int]]]:
    """The solo as intervals, and as pairs of interval and capped inter-onset interval."""
    steps = metrics.intervals(solo)
    return steps, list(zip(steps, (min(CAP, t) for t in metrics.inter_onsets(solo)), strict=True))


def copy_lines(solos: Sequence[Solo], real: Sequence[Solo]) -> list[str]:
    """The longest passages shared with real solos, beside what those share with each other."""
    theirs = [passages(solo) for solo in real]
    lines = [
        "| longest shared run, per solo | median | maximum | real solos: median "
        "| real solos: p95 |",
        "|---|---|---|---|---|",
    ]
    for index, (name, middle, high) in enumerate(
        (("intervals", 11, 19), ("intervals with inter-onset times", 7, 10))
    ):
        others = [entry[index] for entry in theirs]
        longest = [metrics.longest_shared_run(passages(s)[index], others) for s in solos]
        middle_run = f"{median(longest):g}"
        lines.append(f"| {name} | {middle_run} | {max(longest)} | {middle} | {high} |")
    return lines


def intro_lines(choruses: Sequence[Solo], solos: Sequence[Solo], four: int, real: int) -> list[str]:
    """The head of the page."""
    notes = sum(len(solo.notes) for solo in solos)
    return [
        "# The shipped jazz corpus compared with real solos",
        "",
        "A program of this project, `python -m benchmarks.jazz.compose`, composed the jazz corpus "
        "that seqgen-jazz ships. No line is a transcription of a solo or a melody: the program "
        "searches for good voice leading with a fixed seed, using figures, rhythm cells and "
        "phrase plans written by hand.",
        "",
        f"This page is generated by `python benchmarks/jazz/corpus.py`. The corpus has "
        f"{len(choruses)} choruses, joined into {len(solos)} solos with {notes} notes.",
        f"The first table covers the {four} solos in 4/4; each value is the mean over solos. The "
        "real means are computed in the same way from 437 transcribed solos of the Weimar Jazz "
        "Database.",
        f"A range is the real mean ± {WIDTH} sd, or a stated tolerance if no sd is known.",
        "To verify the formulas against the published means, the last column shows the values "
        f"that this program computes for {real} other real solos in 4/4, read from files.",
    ]


def leading(solos: Sequence[Solo]) -> dict[str, float]:
    """How the lines move, pooled: what chromatic notes, leaps and new chords are followed by."""
    outside, leaps, arrivals = [], [], []
    for solo in solos:
        steps = metrics.intervals(solo)
        chords = [solo.chart.chord_at(note.onset) for note in solo.notes]
        for i, (a, b) in enumerate(pairwise(steps)):
            chord, pitch = chords[i], solo.notes[i].pitch
            if chord.root >= 0 and pitch % 12 not in chord.scale:
                outside.append(1 <= abs(a) <= 2 or 1 <= abs(a + b) <= 2)
            if abs(a) >= LEAP:
                leaps.append(a * b < 0)
            if i and chord != chords[i - 1]:
                arrivals.append(pitch % 12 in chord.chord_tones[1::2])
    notes = sum(len(solo.notes) for solo in solos)
    return {
        "notes outside the scale of the chord": len(outside) / notes,
        "of these, a step from one of the next two notes": sum(outside) / len(outside),
        "leaps of 7 semitones or more followed by a change of direction": sum(leaps) / len(leaps),
        "first notes over a new chord: third or seventh": sum(arrivals) / len(arrivals),
    }


def leading_lines(solos: Sequence[Solo], real: Sequence[Solo]) -> list[str]:
    """The table of ``leading``."""
    theirs = leading(real)
    lines = ["| voice leading (pooled) | real | corpus |", "|---|---|---|"]
    for name, value in leading(solos).items():
        lines.append(f"| {name} | {figure(theirs[name])} | {figure(value)} |")
    return lines


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
    real = load_real()
    four = [solo for solo in real if in_four(solo)]
    head = intro_lines(choruses, every, len(solos), len(four))
    at_hand = corpus_means(four) if four else {}
    tables = [*row_lines(corpus_means(solos), at_hand), "", *share_lines(solos, four)]
    copies = ["Not checked: no real solos are available."]
    if real:
        copies = [f"Compared with {len(real)} real solos that are not part of the project:", ""]
        copies += [*copy_lines(every, real), "", *leading_lines(every, real)]
    text = "\n".join([*head, "", *tables, *NOTES, *copies, ""])
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
