"""seqgen scorecard: metrics of items in files next to those of real items, and copied passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output

if TYPE_CHECKING:
    from seqgen.domains.result_types import ScoreCard
    from seqgen.evaluation.copying import CopyMeter
    from seqgen.inference.training_items import TrainingItems
    from seqgen.registry.installed_plugins import LoadedDomain
    from seqgen.report.score_card_and_copies import ScoredItems


@click.command("scorecard")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.option("--domain name", "The domain of the files, or its .py file.", metavar="NAME")
@options.option(
    "--against",
    "Search this data for copied passages.  [default: the domain's own data]",
    options.PATH,
)
@options.option(
    "--model",
    "Search the training items of this model: a model file, run folder or domain.",
    metavar="MODEL",
)
@options.option("--explain", "Explain each metric and name the sources.", is_flag=True)
@options.JSON
def command(
    files: Sequence[Path],
    name: str | None,
    against: Path | None,
    model: str | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Compare metrics of the items in FILES with those of real items, and find copied passages.

    Prints a table. Several files are also summarised in a line each.
    """
    from seqgen.cli.inspect import domain_for
    from seqgen.domains.domain import load_corpus
    from seqgen.registry.installed_plugins import load_domain
    from seqgen.report.score_card_and_copies import score_items

    if against is not None and model is not None:
        raise click.UsageError("give either --against or --model")
    out = Output(as_json)
    loaded = load_domain(name) if name else domain_for(files[0])
    domain = loaded.domain
    corpora = [load_corpus(domain, path, domain.data_options()) for path in files]
    for path, corpus in zip(files, corpora, strict=True):
        notes = ", ".join(f"{key} {value}" for key, value in corpus.notes.items())
        out.print(f"{path}: {notes}" if notes else str(path))
        for entry in corpus.skipped:
            out.notice(f"skipped: {entry.what}: {entry.why}")
    training = _training_items(loaded, against, model)
    meters: Mapping[str, CopyMeter] = {}
    if domain.evaluation.passages is not None:
        meters = training.meters(domain, None)
    results = [
        score_items(str(path), domain, corpus.items, meters)
        for path, corpus in zip(files, corpora, strict=True)
    ]
    if len(files) > 1:
        for result in results:
            out.print(_summary(result))
        out.print()
        items = [item for corpus in corpora for item in corpus.items]
        results.append(score_items("all files", domain, items, meters))
    for result in results:
        out.json(result.to_json())
    if not as_json:
        _print_card(out, results[-1], training.name)
        if explain:
            _print_explanations(out, results[-1].card)


def _training_items(loaded: LoadedDomain, against: Path | None, model: str | None) -> TrainingItems:
    from seqgen.domains.domain import load_corpus
    from seqgen.inference.open_model import resolve_target
    from seqgen.inference.training_items import TrainingItems

    if model is not None:
        target = resolve_target(model, loaded.source if loaded.file else None)
        return TrainingItems.of_model(target.path, loaded, target.open().trained)
    corpus = load_corpus(loaded.domain, against, loaded.domain.data_options())
    name = str(against) if against is not None else f"the data of {loaded.distribution}"
    return TrainingItems.of_corpus(corpus, name)


def _summary(result: ScoredItems) -> str:
    """A file in one line: how many metrics are inside, and the longest shared runs."""
    rows = [row for row in result.card.rows if row.inside is not None]
    inside = len(rows) - len(result.card.outside)
    shared = ", ".join(f"{copied.longest} {copied.kind}" for copied in result.longest_copies)
    copied = f"; longest shared: {shared}" if shared else ""
    return f"{result.name}: {inside} of {len(rows)} metrics inside{copied}"


def _print_card(out: Output, result: ScoredItems, training: str) -> None:
    from seqgen.evaluation.copying import describe_copying
    from seqgen.report.html import plain_number

    card = result.card
    rows = []
    for row in card.rows:
        known = row.low is not None and row.high is not None
        span = f"{plain_number(row.low)} to {plain_number(row.high)}" if known else ""
        mark = {True: "inside", False: "OUTSIDE", None: ""}[row.inside]
        rows.append((row.name, plain_number(row.value), span, plain_number(row.mean), mark))
    items = f"{card.items} item{'s' * (card.items != 1)}"
    columns = [f"{Path(result.name).name}, {items}", "value", "5-95 % of real", "mean", ""]
    out.table(columns, rows)
    out.print(card.verdict)
    out.print(f"({card.rule}.)")
    if result.longest_copies:
        out.print(f"\nlongest runs shared with {training}:")
        for copied in result.longest_copies:
            out.print(f"  {describe_copying(copied)}")


def _print_explanations(out: Output, card: ScoreCard) -> None:
    out.print("\nwhat each metric shows:")
    for row in card.rows:
        out.print(f"  {row.name}: {row.explanation}")
    out.print("\nsources of the ranges of real items:")
    for source in card.sources:
        out.print(f"  {source}")
