"""seqgen scorecard: what a domain makes of items in files, and what they copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli.console import Output
from seqgen.cli.options import JSON_FLAG

if TYPE_CHECKING:
    from seqgen.domains.hook_results import ScoreCard, ScoreRow
    from seqgen.evaluation.copying import CopyMeter
    from seqgen.registry.registry import LoadedDomain
    from seqgen.report.score_items import Judged
    from seqgen.runs.open_run import Material


@click.command("scorecard")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--domain", "name", help="The domain that reads them: a name or a .py file.")
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="Training material to look for copies of.  [default: the domain's own data]",
)
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Look for copies of what this model file was trained on.",
)
@click.option("--explain", is_flag=True, help="Say of each figure what it can tell.")
@JSON_FLAG
def command(
    files: Sequence[Path],
    name: str | None,
    against: Path | None,
    model: Path | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Judge the items of FILES: every figure beside real ones, and what is copied.

    Several files get a line each, and one card together.
    """
    from seqgen.cli.find_domain import domain_for
    from seqgen.registry.registry import load_domain
    from seqgen.report.score_items import judge
    from seqgen.runs.dataset import load_corpus

    if against is not None and model is not None:
        raise click.UsageError("give either --against or --model")
    out = Output(as_json)
    loaded = load_domain(name) if name else domain_for(files[0])
    domain, options = loaded.domain, loaded.domain.data_options()
    read = [load_corpus(domain, path, options) for path in files]
    for path, corpus in zip(files, read, strict=True):
        _tell_reading(out, path, corpus.notes, [f"{e.what}: {e.why}" for e in corpus.left_out])
    material = _material(loaded, against, model)
    meters: Mapping[str, CopyMeter] = {}
    if domain.evaluation.passages is not None:
        meters = material.meters(domain, None)
    judged = [
        judge(str(path), domain, corpus.items, meters)
        for path, corpus in zip(files, read, strict=True)
    ]
    if len(files) > 1:
        items = [item for corpus in read for item in corpus.items]
        judged.append(judge("all files", domain, items, meters))
        for one in judged[:-1]:
            out.say(_line(one))
        out.say()
    for one in judged:
        out.json(one.to_json())
    _show(out, judged[-1], material.name, explain)


def _tell_reading(
    out: Output, path: Path, notes: Mapping[str, str], left_out: Sequence[str]
) -> None:
    """What reading changed, as it is not seen in the figures."""
    told = ", ".join(f"{name} {value}" for name, value in notes.items())
    out.say(f"{path}: {told}" if told else str(path))
    for line in left_out:
        out.warn(f"left out: {line}")


def _material(loaded: LoadedDomain, against: Path | None, model: Path | None) -> Material:
    from seqgen.models.model_file import load_model
    from seqgen.runs.dataset import load_corpus
    from seqgen.runs.open_run import Material, training_material

    if model is not None:
        return training_material(model, loaded, load_model(model, loaded))
    corpus = load_corpus(loaded.domain, against, loaded.domain.data_options())
    name = str(against) if against is not None else f"the data of {loaded.distribution}"
    return Material.of_corpus(corpus, name)


def _line(one: Judged) -> str:
    """A file in one line: how many rows are inside, and the longest runs it shares."""
    rows = [row for row in one.card.rows if row.inside is not None]
    inside = len(rows) - len(one.card.outside)
    shared = ", ".join(f"{found.longest} {found.kind}" for found in one.worst)
    copied = f"; longest shared: {shared}" if shared else ""
    return f"{one.name}: {inside} of {len(rows)} figures inside{copied}"


def _show(out: Output, one: Judged, material: str, explain: bool) -> None:
    from seqgen.evaluation.copying import copied_in_words

    if out.as_json:
        return
    items = f"{one.card.items} item{'s' * (one.card.items != 1)}"
    out.table(
        [f"{Path(one.name).name}, {items}", "value", "5 to 95 % of real ones", "mean", ""],
        _rows(one),
    )
    out.say(one.card.verdict)
    out.say(f"({one.card.rule}.)")
    if one.worst:
        out.say(f"\nheld against {material}, the longest shared run:")
        for found in one.worst:
            out.say(f"  {copied_in_words(found)}")
    if explain:
        _explain(out, one.card)


def _rows(one: Judged) -> list[tuple[str, ...]]:
    return [
        (row.name, _number(row.value), _range(row), _number(row.mean), _mark(row))
        for row in one.card.rows
    ]


def _mark(row: ScoreRow) -> str:
    return {True: "inside", False: "OUTSIDE", None: ""}[row.inside]


def _explain(out: Output, card: ScoreCard) -> None:
    out.say("\nwhat each figure tells:")
    for row in card.rows:
        out.say(f"  {row.name}: {row.tells}")
    out.say("\nthe figures of real ones:")
    for source in card.sources:
        out.say(f"  {source}")


def _range(row: ScoreRow) -> str:
    if row.low is None or row.high is None:
        return ""
    return f"{_number(row.low)} to {_number(row.high)}"


def _number(value: Any) -> str:
    from seqgen.report.html import plain_number

    return plain_number(value)
