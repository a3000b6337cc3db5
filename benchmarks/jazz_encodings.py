"""Held-out nats per note of jazz solos in each encoding, beside the n-gram; over folds by tune.

Tokens differ between encodings, notes do not: so the figures are per note. Every choice is made
on validation solos of the fold. The page is docs/benchmarks/jazz-encodings.md.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
from seqgen_jazz.encoder import Writing
from seqgen_jazz.grammar import GRAMMARS

from seqgen.domains.registry import load_domain
from seqgen.evaluation.likelihood import Likelihood
from seqgen.files import write_file
from seqgen.runs.data import load_corpus, prepare_data
from seqgen.runs.folds import Fold, cross_validate, pooled
from seqgen.runs.recipe import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.training.split import fold_items

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks" / "jazz-encodings.md"


@dataclass(frozen=True)
class Figures:
    """Nats per note of one encoding over all solos of a corpus, in an order that all share."""

    network: Likelihood
    ngram: Likelihood
    model: Likelihood


@click.command()
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path))
@click.option("--folds", default=4, show_default=True, help="How many folds.")
@click.option("--epochs", type=int, help="Fewer for a trial; the page is not written then.")
def main(sources: tuple[Path, ...], folds: int, epochs: int | None) -> None:
    """Score the shipped corpus, and the SOURCES given, in every encoding."""
    text: list[str] = []
    for source in (None, *sources):
        found = {
            name: measured(source, name, folds, {"epochs": epochs, "seeds": 1}) for name in GRAMMARS
        }
        text += ["", f"## {source.name if source else 'The shipped corpus'}", "", *table(found)]
    print("\n".join(text))
    if epochs is None:
        write_file(PAGE, "\n".join([*HEAD, *text]) + "\n")


def measured(
    source: Path | None, encoding: str, folds: int, settings: dict[str, int | None]
) -> Figures:
    """Every solo scored once in one encoding."""
    loaded = load_domain("jazz")
    recipe = Recipe.of(loaded.domain, settings)
    corpus = load_corpus(loaded.domain, source, loaded.domain.data_options())
    data = prepare_data(loaded.domain, corpus, recipe.training, Writing(encoding))
    splits = fold_items(data.groups, folds, recipe.training.validation, recipe.training.seed)
    order = np.array([index for split in splits for index in split.held_out])
    notes = np.array([len(data.items[index].notes) for index in order])
    done: list[Fold] = []
    with tempfile.TemporaryDirectory() as folder:
        for fold in cross_validate(
            loaded, data, recipe, RunFolder(Path(folder)), folds, lambda report, network: None
        ):
            done.append(fold)
            print(f"{source} {encoding} fold {len(done)}", file=sys.stderr, flush=True)

    def per_note(parts: list[Any]) -> Likelihood:
        kept = np.argsort(order)
        return Likelihood(pooled(parts).nats[kept], notes[kept])

    return Figures(
        per_note([fold.networks[0] for fold in done]),
        per_note([fold.ngram for fold in done]),
        per_note([fold.model for fold in done]),
    )


def table(found: dict[str, Figures]) -> list[str]:
    """The rows of one corpus: levels, and paired differences."""
    first = next(iter(found.values()))
    rows = [
        f"{len(first.model.nats)} solos, {first.model.tokens.sum():,} notes.",
        "",
        "| encoding | n-gram | network alone | model | model minus n-gram | minus classic |",
        "|---|---|---|---|---|---|",
    ]
    for name, figures in found.items():
        against = "" if figures is first else gap(figures.model, first.model)
        levels = (figures.ngram, figures.network, figures.model)
        cells = " | ".join(f"{part.per_token:.3f}" for part in levels)
        rows.append(f"| {name} | {cells} | {gap(figures.model, figures.ngram)} | {against} |")
    return rows


def gap(one: Likelihood, other: Likelihood) -> str:
    """A paired difference with its 95 % bootstrap interval over solos."""
    difference = one.minus(other)
    low, high = difference.interval()
    return f"{difference.per_token:+.3f} [{low:+.3f}, {high:+.3f}]"


HEAD = [
    "# Encodings of jazz solos",
    "",
    "Made by `python -m benchmarks.jazz_encodings`. Held-out nats per note (rests and the end are",
    "shared out among the notes), each solo scored once by a model that has seen no solo of its",
    "tune; one network a fold, trained with transposition. Intervals are 95 % bootstraps over",
    "solos, paired. `classic` writes a pitch as its class against the chord and the interval,",
    "`degrees` as its degree of the chord and the direction; durations, rests and contexts are the",
    "same in both.",
]

if __name__ == "__main__":
    main()
