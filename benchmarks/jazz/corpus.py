"""Compares the embedded jazz corpus with real solos; writes ``docs/jazz-corpus.md``.

Run ``python -m benchmarks.jazz.corpus``. The real figures were measured on 437 transcribed solos
in 4/4 of the Weimar Jazz Database with at least 20 notes, by the formulas of
``seqgen_jazz.evaluation``. If ``../shared/data/jazz`` exists, its solos are compared too, and the
page shows the longest passages that the corpus shares with them.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, pairwise
from pathlib import Path
from statistics import median
from typing import Final

from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation import metrics
from seqgen_jazz.evaluation.metrics import WIDTH, ReferenceRange, reference_ranges

from benchmarks.timing import REAL_MUSIC, ROOT

PAGE = ROOT / "docs" / "jazz-corpus.md"
#: An interval of at least this many semitones counts as a leap.
LEAP = 7
#: Names of durations in beats, by ticks.
BEATS = {
    12: "1/2", 6: "1/4", 8: "1/3", 4: "1/6", 24: "1", 18: "3/4", 16: "2/3", 3: "1/8", 36: "3/2",
}  # fmt: skip
#: Shares of times between onsets, by ticks, pooled over the real solos; other times are not listed.
REAL_TIMES: Final = {
    12: 0.308, 6: 0.174, 8: 0.109, 4: 0.059, 24: 0.059, 18: 0.039, 16: 0.037, 3: 0.024, 36: 0.016,
}  # fmt: skip
#: Shares of intervals, by semitones, pooled over the real solos.
REAL_INTERVALS: Final = {
    -2: 0.148, -1: 0.138, 1: 0.132, 2: 0.127, -3: 0.088, 3: 0.083, -4: 0.051, 0: 0.050, 4: 0.039,
    -5: 0.032, 5: 0.032, 7: 0.013, -7: 0.011, 6: 0.008, -6: 0.008,
}  # fmt: skip
#: The maximum total variation distance from each of the two distributions.
MAX_TIMES: Final = 0.20
MAX_INTERVALS: Final = 0.10

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
    """Join consecutive choruses with the same title to one solo."""
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
    """Whether every bar of the solo is in 4/4, as in the real solos of the table."""
    return all(bar.meter == (4, 4) for bar in solo.chart.bars)


def corpus_means(solos: Sequence[Solo]) -> dict[str, float]:
    """The mean of every metric over solos; phrase ends are pooled, as in the source."""
    per_solo = [metrics.solo_metrics(solo) for solo in solos]
    means = {}
    for key in per_solo[0]:
        values = [value for one in per_solo if (value := one[key]) is not None]
        means[key] = sum(values) / len(values)
    finals = [final for solo in solos for final in metrics.phrase_finals(solo)]
    means["phrase ends"] = sum(finals) / len(finals)
    return means


def format_metric(value: float) -> str:
    """A number with about three digits."""
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def tolerated(row: ReferenceRange) -> str:
    """The tolerated range of a mean over many solos."""
    low, high = max(0, row.mean - row.tolerance), row.mean + row.tolerance
    return f"{format_metric(low)} to {format_metric(high)}"


def metric_lines(means: Mapping[str, float], real_means: Mapping[str, float]) -> list[str]:
    """The table of metrics.

    Args:
        means: The means of the corpus.
        real_means: The means of the real solos that were read; empty if there are none.
    """
    lines = [
        "| metric | real mean | sd | range | corpus | inside | other real solos |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in reference_ranges():
        sd = f"stated: ± {row.tolerance:g}" if row.sd is None else f"{row.sd:g}"
        value = means[row.key]
        inside = "yes" if row.contains_mean(value) else "**no**"
        check = format_metric(real_means[row.key]) if real_means else "-"
        cells = (row.name, f"{row.mean:g}", sd, tolerated(row), format_metric(value), inside, check)
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def listed_shares(values: Iterable[int], listed: Iterable[int]) -> dict[int, float]:
    """The share of each listed value among all values."""
    counts = Counter(values)
    return {value: counts[value] / counts.total() for value in listed}


def variation_distance(ours: Mapping[int, float], real: Mapping[int, float]) -> float:
    """The total variation distance of two distributions; unlisted values count as one value."""
    rest = abs(sum(ours.values()) - sum(real.values()))
    return (sum(abs(ours[value] - real[value]) for value in real) + rest) / 2


def share_lines(solos: Sequence[Solo], real_solos: Sequence[Solo]) -> list[str]:
    """The tables of the two pooled distributions, with the distances."""
    semitones = {i: f"{i:+d}" if i else "0" for i in REAL_INTERVALS}
    parts = (
        ("time between onsets (beats)", metrics.inter_onsets, REAL_TIMES, MAX_TIMES, BEATS),
        ("interval (semitones)", metrics.intervals, REAL_INTERVALS, MAX_INTERVALS, semitones),
    )
    lines = []
    for title, values_of, real, limit, labels in parts:
        ours = listed_shares((value for solo in solos for value in values_of(solo)), real)
        lines += [f"| {title} | " + " | ".join(labels[v] for v in real) + " | others |"]
        lines += ["|---" * (len(real) + 2) + "|"]
        for label, values in (("real", real), ("corpus", ours)):
            cells = " | ".join(f"{100 * values[v]:.1f} %" for v in real)
            lines.append(f"| {label} | {cells} | {100 * (1 - sum(values.values())):.1f} % |")
        distance = variation_distance(ours, real)
        result = "inside" if distance <= limit else "**outside**"
        lines += ["", f"Total variation distance {distance:.3f}, limit {limit:.2f}: {result}."]
        if real_solos:
            by_solo = [values_of(solo) for solo in real_solos]
            pooled = variation_distance(listed_shares(chain(*by_solo), real), real)
            single = [variation_distance(listed_shares(own, real), real) for own in by_solo]
            lines += [
                f"The other real solos: {pooled:.3f} pooled, "
                f"{median(single):.3f} for the median solo."
            ]
        lines.append("")
    return lines


def copy_lines(solos: Sequence[Solo], real: Sequence[Solo]) -> list[str]:
    """The table of the longest passages shared with real solos."""
    theirs = [metrics.passages(solo) for solo in real]
    lines = [
        "| longest shared run, per solo | median | maximum | real solos: median "
        "| real solos: p95 |",
        "|---|---|---|---|---|",
    ]
    for index, (name, middle, high) in enumerate(
        (("intervals", 11, 19), ("intervals with inter-onset times", 7, 10))
    ):
        others = [passages[index].units for passages in theirs]
        ours = [metrics.passages(solo)[index].units for solo in solos]
        longest = [metrics.longest_shared_run(units, others) for units in ours]
        lines.append(f"| {name} | {median(longest):g} | {max(longest)} | {middle} | {high} |")
    return lines


def intro_lines(choruses: Sequence[Solo], solos: Sequence[Solo], four: int, real: int) -> list[str]:
    """The introduction of the page."""
    notes = sum(len(solo.notes) for solo in solos)
    return [
        "# The shipped jazz corpus compared with real solos",
        "",
        "A program of this project, `python -m benchmarks.jazz.compose`, composed the jazz corpus "
        "that seqgen-jazz ships. No line is a transcription of a solo or a melody: the program "
        "searches for good voice leading with a fixed seed, using figures, rhythm cells and "
        "phrase plans written by hand.",
        "",
        "This page is generated by `python -m benchmarks.jazz.corpus`. The corpus has "
        f"{len(choruses)} choruses, joined into {len(solos)} solos with {notes} notes.",
        f"The first table covers the {four} solos in 4/4; each value is the mean over solos. The "
        "real means are computed in the same way from 437 transcribed solos of the Weimar Jazz "
        "Database.",
        f"A range is the real mean ± {WIDTH} sd, or a stated tolerance if no sd is known.",
        "To verify the formulas against the published means, the last column shows the values "
        f"that this program computes for {real} other real solos in 4/4, read from files.",
    ]


def voice_leading(solos: Sequence[Solo]) -> dict[str, float]:
    """Voice leading after chromatic notes, after leaps and at new chords, pooled."""
    chromatic, leaps, new_chords = [], [], []
    for solo in solos:
        steps = metrics.intervals(solo)
        chords = [solo.chart.chord_at(note.onset) for note in solo.notes]
        for i, (a, b) in enumerate(pairwise(steps)):
            chord, pitch = chords[i], solo.notes[i].pitch
            if chord.root >= 0 and pitch % 12 not in chord.scale:
                chromatic.append(1 <= abs(a) <= 2 or 1 <= abs(a + b) <= 2)
            if abs(a) >= LEAP:
                leaps.append(a * b < 0)
            if i and chord != chords[i - 1]:
                new_chords.append(pitch % 12 in chord.chord_tones[1::2])
    notes = sum(len(solo.notes) for solo in solos)
    return {
        "notes outside the scale of the chord": len(chromatic) / notes,
        "of these, a step from one of the next two notes": sum(chromatic) / len(chromatic),
        "leaps of 7 semitones or more followed by a change of direction": sum(leaps) / len(leaps),
        "first notes over a new chord: third or seventh": sum(new_chords) / len(new_chords),
    }


def voice_leading_lines(solos: Sequence[Solo], real: Sequence[Solo]) -> list[str]:
    """The table of voice leading."""
    theirs = voice_leading(real)
    lines = ["| voice leading (pooled) | real | corpus |", "|---|---|---|"]
    for name, value in voice_leading(solos).items():
        lines.append(f"| {name} | {format_metric(theirs[name])} | {format_metric(value)} |")
    return lines


def load_real() -> list[Solo]:
    """The real solos in ``../shared/data/jazz``; empty if the folder does not exist."""
    folders = [REAL_MUSIC / "solos_musicxml", REAL_MUSIC / "solos_midi"]
    return [solo for f in folders if f.is_dir() for solo in load_corpus(f).items]


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(description="Compare the embedded corpus with real solos.")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    choruses = load_corpus(None).items
    solos = join_choruses(choruses)
    solos_in_four = [solo for solo in solos if in_four(solo)]
    real = load_real()
    real_in_four = [solo for solo in real if in_four(solo)]
    head = intro_lines(choruses, solos, len(solos_in_four), len(real_in_four))
    real_means = corpus_means(real_in_four) if real_in_four else {}
    tables = [
        *metric_lines(corpus_means(solos_in_four), real_means),
        "",
        *share_lines(solos_in_four, real_in_four),
    ]
    copies = ["Not checked: no real solos are available."]
    if real:
        copies = [f"Compared with {len(real)} real solos that are not part of the project:", ""]
        copies += [*copy_lines(solos, real), "", *voice_leading_lines(solos, real)]
    text = "\n".join([*head, "", *tables, *NOTES, *copies, ""])
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
