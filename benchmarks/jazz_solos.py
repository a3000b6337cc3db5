"""Generated solos beside real ones: ``python -m benchmarks.jazz_solos``.

Draws solos of the model that seqgen-jazz ships, and of its n-gram alone, over six charts, and
writes ``docs/benchmarks/jazz-solos.md``: every row of the score card, and the longest runs that
the solos share with the training material.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median

from seqgen_jazz.judging.bands import WIDTH, Figure, figures
from seqgen_jazz.judging.card import means
from seqgen_jazz.judging.copying import USUAL
from seqgen_jazz.judging.pitches import longest_shared_run
from seqgen_jazz.prompt import JazzPrompt
from seqgen_jazz.solo import Solo

from seqgen.domains.registry import LoadedDomain, load_domain
from seqgen.evaluation.copy_meter import COPIED, Copied, CopyMeter
from seqgen.models.model_file import TrainedModel, load_model
from seqgen.runs.judged import copied_of
from seqgen.runs.material import training_material
from seqgen.runs.recipe import Recipe
from seqgen.runs.sample_run import SampleRun

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "jazz-solos.md"
_A = "Bbmaj7 G7b9 | Cm7 F7 | Dm7 G7b9 | Cm7 F7 | Fm7 Bb7 | Ebmaj7 Edim7"
_BRIDGE = "D7 | % | G7 | % | C7 | % | F7 | %"
_SONG = "Fm7 | Bbm7 | Eb7 | Abmaj7 | Dbmaj7 | Dm7b5 G7b9 | Cm7 | % | Cm7 | Fm7 | Bb7 | Ebmaj7"
#: Name, player, chart, and times through: about as long as the solos of the corpus. The real
#: solos are of saxophones and trumpets first of all.
CHARTS = (
    ("blues in F", "tenor-sax", JazzPrompt().chart, 4),
    ("minor blues in Bb", "alto-sax",
     "Bbm7 | Ebm7 | Bbm7 | Bb7b9 | Ebm7 | % | Bbm7 | % | Gb7 | F7b9 | Bbm7 | "
     "Cm7b5 F7b9", 4),
    ("rhythm changes in Bb", "trumpet",
     f"{_A} | Dm7 G7b9 | Cm7 F7 | {_A} | Cm7 F7 | Bb6 | {_BRIDGE} | {_A} | "
     "Cm7 F7 | Bb6", 2),
    ("song in F minor", "tenor-sax", f"{_SONG} | Am7 | D7 | Gmaj7 | E7b9", 3),
    ("bossa in G", "trumpet",
     "Gmaj7 | % | Am7 | D7 | Bm7 | E7b9 | Am7 | D7 | Dm7 | G7 | Cmaj7 | F7 | "
     "Bm7 E7b9 | Am7 D7 | Gmaj7 | Am7 D7", 3),
    ("modal song in C", "alto-sax",
     "Cm7 | % | % | % | Abmaj7 | % | % | % | Ebm7 | % | % | % | Dm7b5 | G7b9 | "
     "Cm7 | %", 3),
)  # fmt: skip
NAMES = ("shipped model", "n-gram alone")


@dataclass(frozen=True)
class Drawn:
    """Solos of one model with how they stand to the training material."""

    solos: Sequence[Solo]
    copied: dict[str, list[Copied]]

    def within(self) -> float:
        """The share of solos with no longer shared run, of either kind, than is usual."""
        pairs = zip(*self.copied.values(), strict=True)
        return fmean(not any(one.unusual for one in pair) for pair in pairs)


def draw(
    loaded: LoadedDomain,
    trained: TrainedModel,
    seeds: int,
    charts: Iterable[tuple[str, str, str, int]],
) -> list[Solo]:
    """The first solo of each seed over each chart."""
    recipe = Recipe.of(loaded.domain, {})
    solos = []
    for name, player, chart, times in charts:
        options = JazzPrompt(chart=chart, choruses=times, instrument=player)
        run = SampleRun(loaded.domain, trained, recipe.generation, options)
        # The samples of one seed are as independent as those of several.
        solos += [item.sample.item for item in run.items(range(seeds))]
        print(f"{name}: {seeds} solos", flush=True)
    return solos


def measure(solos: Sequence[Solo], loaded: LoadedDomain, meters: dict[str, CopyMeter]) -> Drawn:
    """The solos with what they share."""
    return Drawn(solos, copied_of(loaded.domain, solos, meters))


def number(value: float) -> str:
    """A number as the table shows it."""
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def row_lines(found: Sequence[dict[str, float | None]]) -> list[str]:
    """The score card of each model."""
    head = ["figure", "real mean", "allowed", *(part for n in NAMES for part in (n, "inside"))]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for figure in figures():
        band = f"{number(max(0, figure.mean - figure.reach))} to "
        cells = [figure.name, f"{figure.mean:g}", band + number(figure.mean + figure.reach)]
        for means_of in found:
            cells += _judged(figure, means_of[figure.key])
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _settings() -> str:
    presets = load_domain("jazz").domain.presets
    names = ("recall", "recall_after", "temperature_groups")
    return ", ".join(f"{name} {presets[name]}" for name in names)


def _judged(figure: Figure, value: float | None) -> tuple[str, str]:
    if value is None:
        return "–", "–"
    return number(value), "yes" if figure.holds(value) else "**no**"


def copy_lines(drawn: Sequence[Drawn]) -> list[str]:
    """What the solos of each model share with the training material."""
    head = ("shared with the training material", *NAMES, "real solos with each other")
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    kinds = zip(drawn[0].copied, USUAL, ((11, 34), (7, 15)), strict=True)
    for kind, usual, (middle, most) in kinds:
        longest = [[one.longest for one in d.copied[kind]] for d in drawn]
        rows = (
            ("median of the longest runs", [f"{median(n):g}" for n in longest], str(middle)),
            ("95th percentile", [str(sorted(n)[int(0.95 * len(n))]) for n in longest], str(usual)),
            ("the longest", [str(max(n)) for n in longest], str(most)),
            (
                f"units in shared runs of {COPIED} and more",
                [f"{100 * fmean(one.share for one in d.copied[kind]):.1f} %" for d in drawn],
                "–",
            ),
        )
        for name, cells, real in rows:
            lines.append(f"| {kind}: {name} | {' | '.join(cells)} | {real} |")
    within = " | ".join(f"{100 * d.within():.1f} %" for d in drawn)
    limits = f"solos with at most {USUAL[0]} intervals and {USUAL[1]} with rhythm"
    return [*lines, f"| {limits} | {within} | – |"]


def alike(solos: Sequence[Solo]) -> int:
    """How many of the solos are the same as another one: the meter is no use on a parrot."""
    lines = [tuple((n.onset, n.pitch) for n in solo.notes) for solo in solos]
    return len(lines) - len(set(lines))


def page(drawn: Sequence[Drawn], material: Sequence[Solo], seeds: int, card: str) -> str:
    """The page."""
    found = [means(one.solos) for one in drawn]
    outside = [
        [f.name for f in figures() if (v := m[f.key]) is not None and not f.holds(v)] for m in found
    ]
    told = [
        f"{name}: {len(figures()) - len(out)} of {len(figures())} rows inside"
        + (f"; outside: {', '.join(out)}." if out else ".")
        for name, out in zip(NAMES, outside, strict=True)
    ]
    notes = [sum(len(s.notes) for s in one.solos) / len(one.solos) for one in drawn]
    charts = "; ".join(f"{name}, {player}, {times} times" for name, player, _, times in CHARTS)
    return "\n".join(
        [
            "# Generated solos beside real ones",
            "",
            f"Written by `python -m benchmarks.jazz_solos --seeds {seeds}`: {seeds} solos over "
            f"each of six charts with the model that seqgen-jazz ships ({card}), and the same with "
            "its n-gram alone, both under the domain's guide and its default settings "
            f"({_settings()}). Nothing was picked.",
            f"The charts: {charts}. Notes a solo: {notes[0]:.0f} and {notes[1]:.0f}.",
            "",
            f"A row is inside where the mean over all solos lies within {WIDTH} sd (or the stated "
            "reach) of the mean of real solos. Where sources and reaches come from: "
            "`seqgen_jazz/judging/bands.toml`.",
            "",
            *told,
            "",
            *row_lines(found),
            "",
            "## Copies",
            "",
            f"Held against the {len(material)} choruses that the model was trained on, in every "
            "key. Real solos: 437 of the Weimar Jazz Database, each against the others.",
            "",
            *copy_lines(drawn),
            "",
            f"Solos that equal another one: {alike(drawn[0].solos)} and {alike(drawn[1].solos)}. "
            f"The choruses of the corpus share at most {_within_corpus(material)} intervals with "
            "each other.",
            "",
        ]
    )


def _within_corpus(material: Sequence[Solo]) -> int:
    from seqgen_jazz.judging.copying import passages

    units = [passages(solo)[0].units for solo in material]
    return max(longest_shared_run(u, units[:k]) for k, u in enumerate(units) if k)


def main() -> None:
    """Draw, measure and write."""
    parser = argparse.ArgumentParser(description="Generated jazz solos beside real ones.")
    parser.add_argument("--seeds", type=int, default=200, help="solos over each chart")
    parser.add_argument("--model", type=Path, help="another model file than the shipped one")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    options = parser.parse_args()
    loaded = load_domain("jazz")
    path = options.model or loaded.domain.model
    if path is None:
        raise SystemExit("seqgen-jazz ships no model; name one with --model")
    trained = load_model(path, loaded)
    material = training_material(path, loaded, trained)
    meters = material.meters(loaded.domain, trained.encoder)
    ngram = replace(trained, networks=(trained.ngram(),), ngram_weight=0.0)  # type: ignore[arg-type]
    drawn = [
        measure(draw(loaded, model, options.seeds, CHARTS), loaded, meters)
        for model in (trained, ngram)
    ]
    held_out = trained.manifest["metrics"]["held_out"]
    card = (
        f"{trained.parameters:,} parameters, {held_out['nats_per_token']:.3f} nats per held-out "
        f"token, n-gram {held_out['baselines']['ngram']:.3f}"
    )
    text = page(drawn, material.items, options.seeds, card)
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
