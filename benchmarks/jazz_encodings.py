"""Encodings of jazz solos: held-out nats per note, and the score card of what is generated.

    python -m benchmarks.jazz_encodings [SOURCES] [--work FOLDER]

Tokens differ between encodings, notes do not: so the figures are per note. Every choice is made
on validation solos of the fold. The page is docs/benchmarks/jazz-encodings.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from seqgen_jazz.encoder import DEFAULT, Writing
from seqgen_jazz.grammar import GRAMMARS
from seqgen_jazz.judging.card import score_card

from benchmarks.jazz_charts import CHOOSING
from benchmarks.jazz_solos import draw
from seqgen.domains.registry import load_domain
from seqgen.evaluation.likelihood import Likelihood
from seqgen.files import write_file
from seqgen.models.model_file import load_model
from seqgen.runs.data import RunData, load_corpus, prepare_data
from seqgen.runs.folds import Fold, cross_validate
from seqgen.runs.presets import choose_preset
from seqgen.runs.recipe import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.training.split import fold_items

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "jazz-encodings.md"
#: How solos are drawn for the score card: plainly, and as the domain does.
DRAWN: dict[str, dict[str, Any]] = {
    "plain": {"recall": 0.0, "temperature_groups": ""},
    "default settings": {},
}


@dataclass(frozen=True)
class Scored:
    """One encoding on one corpus.

    Args:
        nats: By ``network``, ``ngram`` and ``model``: of each tune, ``(G,)``, in an order that
            all encodings share.
        notes: Of each tune, ``(G,)``.
        solos: How many were scored, each once.
        weights: The share of the n-gram in the model of each fold.
        rows: By way of drawing: the rows of the score card inside, judged, and those outside.
    """

    nats: dict[str, list[float]]
    notes: list[int]
    solos: int
    weights: list[float]
    rows: dict[str, tuple[int, int, list[str]]]

    def figures(self, name: str) -> Likelihood:
        """Nats per note; its bootstrap draws tunes, as choruses of one tune are alike."""
        return Likelihood(np.array(self.nats[name]), np.array(self.notes))


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--folds", default=3, show_default=True, help="How many folds.")
@click.option("--seeds", default=10, show_default=True, help="Solos a fold, chart and drawing.")
@click.option("--epochs", type=int, help="Fewer for a trial; the page is not written then.")
@click.option("--only", type=click.Choice(list(GRAMMARS)), help="One encoding; writes no page.")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path("build/jazz-encodings"),
    show_default=True,
    help="What is measured is kept there and not measured again.",
)
def main(
    sources: tuple[Path, ...],
    folds: int,
    seeds: int,
    epochs: int | None,
    only: str | None,
    work: Path,
) -> None:
    """Score the shipped corpus, and the SOURCES given, in every encoding."""
    text: list[str] = []
    for number, source in enumerate((None, *sources)):
        found = {}
        for name in [only] if only else GRAMMARS:
            folder = work / f"corpus{number}-{name}"
            found[name] = kept(source, name, (folds, seeds, epochs), folder)
        what = "A folder of real solos" if source else "The shipped corpus"
        text += ["", f"## {what}", "", *table(found)]
    print("\n".join(text))
    if epochs is None and only is None:
        write_file(PAGE, "\n".join([*head(folds, seeds), *text]) + "\n")


def kept(
    source: Path | None, encoding: str, asked: tuple[int, int, int | None], folder: Path
) -> Scored:
    """What stands in the folder, or is measured now and left there."""
    path = folder / "scored.json"
    if not path.exists():
        write_file(path, json.dumps(measured(source, encoding, asked, folder).__dict__) + "\n")
    return Scored(**json.loads(path.read_text(encoding="utf-8")))


def measured(
    source: Path | None, encoding: str, asked: tuple[int, int, int | None], folder: Path
) -> Scored:
    """Every solo scored once in one encoding, and solos drawn from the model of each fold."""
    folds, seeds, epochs = asked
    loaded = load_domain("jazz")
    corpus = load_corpus(loaded.domain, source, loaded.domain.data_options())
    recipe = Recipe.of(loaded.domain, {"epochs": epochs, "seeds": 1})
    data = prepare_data(loaded.domain, corpus, recipe.training, Writing(encoding))
    recipe = recipe.with_preset(choose_preset(None, data.card.tokens))
    done: list[Fold] = []
    for fold in cross_validate(
        loaded, data, recipe, RunFolder(folder), folds, lambda report, network: None
    ):
        done.append(fold)
        print(f"{folder.name} fold {len(done)}", flush=True)
    nats, notes = by_tune(data, done, folds, recipe)
    rows = {way: judged(folder, folds, seeds, settings) for way, settings in DRAWN.items()}
    return Scored(nats, notes, len(data.items), [fold.ngram_weight for fold in done], rows)


def by_tune(
    data: RunData, done: Sequence[Fold], folds: int, recipe: Recipe
) -> tuple[dict[str, list[float]], list[int]]:
    """Nats of each tune under each model, and its notes, in the order of the corpus."""
    training = recipe.training
    splits = fold_items(data.groups, folds, training.validation, training.seed)
    order = np.array([index for split in splits for index in split.held_out])
    group = np.unique(data.groups, return_inverse=True)[1]

    def summed(values: Sequence[float]) -> list[float]:
        return np.bincount(group, np.asarray(values)[np.argsort(order)]).tolist()  # type: ignore[no-any-return]

    parts = {
        "network": [fold.networks[0] for fold in done],
        "ngram": [fold.ngram for fold in done],
        "model": [fold.model for fold in done],
    }
    nats = {k: summed([float(x) for part in v for x in part.nats]) for k, v in parts.items()}
    notes = np.bincount(group, [len(solo.notes) for solo in data.items])
    return nats, [int(count) for count in notes]


def judged(
    folder: Path, folds: int, seeds: int, settings: dict[str, Any]
) -> tuple[int, int, list[str]]:
    """The rows of the score card inside, all that were judged, and those outside."""
    loaded = load_domain("jazz")
    solos = []
    for number in range(1, folds + 1):
        trained = load_model(RunFolder(folder / f"fold{number}").model, loaded)
        solos += draw(loaded, trained, seeds, CHOOSING, settings)
    rows = [row for row in score_card(solos).rows if row.inside is not None]
    outside = [row.name for row in rows if not row.inside]
    return len(rows) - len(outside), len(rows), outside


def table(found: dict[str, Scored]) -> list[str]:
    """The rows of one corpus: levels, paired differences, and what is generated."""
    base = found.get(DEFAULT) or next(iter(found.values()))
    if any(one.notes != base.notes for one in found.values()):
        raise SystemExit("the encodings were not scored on the same tunes: empty the work folder")
    rows = [
        f"{base.solos} solos of {len(base.notes)} tunes, {sum(base.notes):,} notes.",
        "",
        "| encoding | n-gram | network alone | model | model minus n-gram | "
        f"model minus {DEFAULT} | weight of the n-gram |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        against = "" if one is base else gap(one.figures("model"), base.figures("model"))
        parts = [one.figures(part).per_token for part in ("ngram", "network", "model")]
        levels = " | ".join(f"{part:.3f}" for part in parts)
        lead = gap(one.figures("model"), one.figures("ngram"))
        share = f"{min(one.weights):.2f} to {max(one.weights):.2f}"
        rows.append(f"| {name} | {levels} | {lead} | {against} | {share} |")
    rows += [
        "",
        "| encoding | drawn | rows of the score card inside | outside |",
        "|---|---|---|---|",
    ]
    for name, one in found.items():
        for way, (inside, every, outside) in one.rows.items():
            rows.append(f"| {name} | {way} | {inside} of {every} | {'; '.join(outside)} |")
    return rows


def gap(one: Likelihood, other: Likelihood) -> str:
    """A paired difference with its 95 % bootstrap interval over tunes."""
    difference = one.minus(other)
    low, high = difference.interval()
    return f"{difference.per_token:+.3f} [{low:+.3f}, {high:+.3f}]"


def head(folds: int, seeds: int) -> list[str]:
    """What the tables show."""
    charts = ", ".join(chart.name for chart in CHOOSING)
    return [
        "# Encodings of jazz solos",
        "",
        "Made by `python -m benchmarks.jazz_encodings`. Held-out nats per note (rests and the end",
        f"are shared out among the notes) over {folds} folds: each solo is scored once, by a model",
        "that has seen no solo of its tune. One network a fold, the default recipe, transposition",
        "included; the epoch, the order of the n-gram and its weight in the model are chosen on",
        "validation solos. The folds and the notes are the same in every encoding. Intervals are",
        "95 % bootstraps over tunes, paired.",
        "",
        "`classic` writes a pitch as its class against the chord and the interval, `degrees` as",
        "its degree of the chord and the direction; durations, rests and contexts are the same.",
        "",
        f"The score card is of {seeds} solos of each fold's model over each of {len(CHOOSING)} "
        f"charts ({charts}),",
        "plainly (temperature 1) and with the domain's default settings. These charts are for such",
        "choices; those of [the test](jazz-solos.md) are others.",
    ]


if __name__ == "__main__":
    main()
