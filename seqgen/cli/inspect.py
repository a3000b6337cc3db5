"""seqgen inspect: what a model file holds, or what a domain makes of a data file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqgen.cli.console import Output
from seqgen.cli.find_domain import domain_for
from seqgen.cli.options import JSON_FLAG
from seqgen.errors import SeqgenError
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.training.history import ended_in_words

if TYPE_CHECKING:
    from seqgen.runs.dataset import DataCard


@click.command("inspect")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--domain", "name", help="The domain that reads the data: a name or a .py file.")
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Write what was found as a new file to edit, for the data flag of the same name.",
)
@JSON_FLAG
def command(path: Path, name: str | None, recipe: Path | None, as_json: bool) -> None:
    """Tell what a model file holds, or what a domain makes of data at PATH."""
    out = Output(as_json)
    if path.suffix == ".safetensors":
        if recipe:
            raise SeqgenError("a recipe says how to read data; a model file has none")
        _inspect_model(out, path)
    else:
        _inspect_data(out, path, name, recipe)


def _inspect_model(out: Output, path: Path) -> None:
    from seqgen.cli.display import show_figures
    from seqgen.models.model_file import holds_training_items, read_manifest

    manifest = read_manifest(path)
    out.json(manifest)
    domain, ended = manifest["domain"], manifest["training_ended"]
    out.say(f"{path}: domain {domain['name']} ({domain['distribution']} {domain['version']})")
    settings = ", ".join(f"{key} {value}" for key, value in manifest["model"].items())
    out.say(f"  model        {settings}; {manifest['metrics']['parameters']:,} parameters")
    card = manifest["data_card"]
    out.say(f"  data         {card['items']:,} items, {card['tokens']:,} tokens")
    if "n-gram" in card["notes"]:
        out.say(f"  n-gram       {card['notes']['n-gram']}")
    held = "the training items themselves" if holds_training_items(path) else "hashes alone"
    out.say(f"  holds        {held}, for novelty")
    if card["licence"]:
        out.say(f"  licence      {card['licence']}")
    networks = manifest.get("mixture", {"networks": 1})["networks"]
    out.say(f"  training     {ended_in_words(ended, networks)}")
    difference = manifest["equivalence"]["largest_difference_nats"]
    out.say(f"  equivalence  Keras and NumPy differ by at most {difference:.1e} nats")
    show_figures(out, manifest["metrics"]["held_out"])


def _inspect_data(out: Output, path: Path, name: str | None, recipe: Path | None) -> None:
    from seqgen.cli.display import show_card

    loaded = load_domain(name) if name else domain_for(path)
    domain = loaded.domain
    told = domain.inspect(path) if domain.inspect else None
    for line in told.lines if told else ():
        out.say(line)
    if recipe:
        _write_recipe(out, recipe, told.recipe if told else "", domain.name)
    card = _card(loaded, path)
    show_card(out, f"{path} as {domain.name}", card)
    facts = {"inspection": dict(told.facts)} if told else {}
    out.json({"domain": domain.name, "data_card": card.to_json(), **facts})


def _write_recipe(out: Output, path: Path, text: str, domain: str) -> None:
    from seqgen.io.files import write_file

    if not text:
        raise SeqgenError(f"domain {domain!r} has no recipe for this data")
    if path.exists():
        raise SeqgenError(f"{path} exists already and may be edited; give another file to --recipe")
    write_file(path, text.encode())
    out.say(f"recipe written to {path}; edit it and give it to --recipe of run or train")


def _card(loaded: LoadedDomain, path: Path) -> DataCard:
    from seqgen.runs.dataset import load_corpus, make_card

    corpus = load_corpus(loaded.domain, path, loaded.domain.data_options())
    encoder = loaded.domain.encoder(loaded.domain.encoding_options()).fit(corpus.items)
    return make_card(corpus, encoder, [encoder.encode(item) for item in corpus.items], {})
