"""seqgen inspect: what a model file contains, or how a domain reads data."""

from __future__ import annotations

from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output, print_data_card, print_likelihood
from seqgen.errors import SeqgenError
from seqgen.registry.installed_plugins import LoadedDomain, installed_plugins, load_domain

if TYPE_CHECKING:
    from seqgen.runs.dataset import DataCard

#: The width of the column of values.
WIDTH = 65


@click.command("inspect")
@click.argument("path", metavar="MODEL|DATA")
@options.option("--domain name", "The domain that reads the data, or its .py file.", metavar="NAME")
@options.option(
    "--recipe",
    "Write a recipe for reading the data to this new file, to be edited and given to --recipe of "
    "run and train.",
    options.PATH,
)
@options.JSON
def command(path: str, name: str | None, recipe: Path | None, as_json: bool) -> None:
    """Describe a model, or data as a domain reads it.

    A model is a model file, a run folder or the name of a domain. DATA is a file or folder.
    """
    out = Output(as_json)
    model = None if name else _model_file(path)
    if model is None:
        _inspect_data(out, Path(path), name, recipe)
    elif recipe:
        raise SeqgenError("--recipe is for reading data; a model has none")
    else:
        _inspect_model(out, model)


def _model_file(text: str) -> Path | None:
    """The model file of a model; None if the text names data. The domain may be missing."""
    from seqgen.inference.open_model import find_model
    from seqgen.io.run_folder import RunFolder

    path = Path(text)
    if path.suffix == ".safetensors":
        return path
    if path.is_dir() and RunFolder(path).model.is_file():
        return RunFolder(path).model
    if not path.exists() and text in installed_plugins():
        return find_model(load_domain(text))
    return None


def _inspect_model(out: Output, path: Path) -> None:
    from seqgen.models.model_file import holds_training_items, read_manifest
    from seqgen.training.history import describe_training

    manifest = read_manifest(path)
    out.json(manifest)
    domain, card, metrics = manifest["domain"], manifest["data_card"], manifest["metrics"]
    out.print(f"{path}: domain {domain['name']} ({domain['distribution']} {domain['version']})")
    settings = ", ".join(f"{key} {value}" for key, value in manifest["model"].items())
    networks, cell = manifest.get("mixture", {"networks": 1})["networks"], manifest.get("cell")
    difference = manifest["equivalence"]["largest_difference_nats"]
    rows = {
        "model": f"{settings}; {metrics['parameters']:,} parameters",
        "cell": "{name}, provided by {distribution} {version}".format(**cell) if cell else "",
        "data": f"{card['items']:,} items, {card['tokens']:,} tokens",
        "n-gram": card["notes"].get("n-gram", ""),
        "novelty": "by "
        + ("the training items themselves" if holds_training_items(path) else "hashes only"),
        "licence": card["licence"],
        "training": describe_training(manifest["training_ended"], networks),
        "equivalence": f"Keras and NumPy differ by at most {difference:.1e} nats",
    }
    for key, value in rows.items():
        for place, line in enumerate(wrap(value, WIDTH)):
            out.print(f"  {'' if place else key:<12} {line}")
    print_likelihood(out, metrics["held_out"])


def _inspect_data(out: Output, path: Path, name: str | None, recipe: Path | None) -> None:
    loaded = load_domain(name) if name else domain_for(path)
    domain = loaded.domain
    found = domain.inspect(path) if domain.inspect else None
    for line in found.lines if found else ():
        out.print(line)
    if recipe:
        _write_recipe(out, recipe, found.recipe if found else "", domain.name)
    card = _data_card(loaded, path)
    print_data_card(out, f"{path} as {domain.name}", card)
    facts = {"inspection": dict(found.facts)} if found else {}
    out.json({"domain": domain.name, "data_card": card.to_json(), **facts})


def _write_recipe(out: Output, path: Path, text: str, domain: str) -> None:
    from seqgen.io.atomic_files import write_file

    if not text:
        raise SeqgenError(f"domain {domain!r} has no recipe for this data")
    if path.exists():
        raise SeqgenError(f"{path} exists and may be edited; give another file to --recipe")
    write_file(path, text.encode())
    out.print(f"recipe written to {path}; edit it and give it to --recipe of run or train")


def _data_card(loaded: LoadedDomain, path: Path) -> DataCard:
    from seqgen.domains.domain import load_corpus
    from seqgen.runs.dataset import make_card

    corpus = load_corpus(loaded.domain, path, loaded.domain.data_options())
    encoder = loaded.domain.encoder(loaded.domain.encoding_options()).fit(corpus.items)
    return make_card(corpus, encoder, [encoder.encode(item) for item in corpus.items], {})


def domain_for(path: Path) -> LoadedDomain:
    """The only installed domain that reads files of this kind.

    Raises:
        SeqgenError: There is none, there are several, or the path does not exist.
    """
    from seqgen.io.run_folder import check_no_samples
    from seqgen.registry.check_plugins import check_plugins

    if not path.exists():
        raise SeqgenError(f"no data at {path}; give an existing file or folder")
    check_no_samples(path)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    if not files:
        raise SeqgenError(f"{path} contains no files; give a folder with data")
    suffixes = {file.suffix.lower() for file in files}
    # Each is loaded in a process of its own: a broken plugin must not break this command.
    working = [found for found in check_plugins(installed_plugins()) if not found.error]
    fitting = [found.plugin.name for found in working if not suffixes.isdisjoint(found.suffixes)]
    if len(fitting) == 1:
        return load_domain(fitting[0])
    if fitting:
        names = ", ".join(fitting)
        raise SeqgenError(f"several domains read {path}: {names}; choose one with --domain")
    kinds = "; ".join(
        f"{found.plugin.name}: {' '.join(found.suffixes)}" for found in working if found.suffixes
    )
    raise SeqgenError(
        f"no installed domain reads {path}; choose one with --domain, or give a file of these "
        f"kinds: {kinds}"
    )
