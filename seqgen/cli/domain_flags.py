"""What the commands share: a domain found by name or through a model file, and its flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqgen.cli.flags import flags_of, given
from seqgen.domains.registry import LoadedDomain, load_domain
from seqgen.runs.open_model import domain_of_model

if TYPE_CHECKING:
    from seqgen.runs.data import RunData
    from seqgen.runs.recipe import Recipe

JSON_FLAG = click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout.")
TENSORBOARD_FLAG = click.option(
    "--tensorboard",
    is_flag=True,
    default=None,
    help="Also write what TensorBoard shows to the run folder; needs that package.",
)
PRESET_FLAG = click.option(
    "--preset",
    metavar="NAME",
    help="Settings for a size of corpus: tiny, small or medium; auto goes by its tokens. What "
    "the domain and you set wins over them.  [default: auto]",
)
BEST_FLAG = click.option(
    "--best",
    type=click.IntRange(min=1),
    help="Of the samples keep so many, those that the domain ranks first.",
)
DOMAIN_FLAG = click.option(
    "--domain",
    "domain_file",
    metavar="FILE.py",
    help="The domain's file, for a model that was trained from one.",
)
MODEL_ARGUMENT = click.argument("model", type=click.Path(path_type=Path))


def flags_of_domain(name: str, _domain_file: str | None = None) -> list[click.Option]:
    """The flags of a domain: how to read and encode data, and what to generate."""
    domain = load_domain(name).domain
    return flags_of(domain.data_options, domain.encoder_options, domain.prompt_options)


def training_flags_of_domain(name: str, _domain_file: str | None = None) -> list[click.Option]:
    """The flags of a domain that a training depends on: how to read and encode data."""
    domain = load_domain(name).domain
    return flags_of(domain.data_options, domain.encoder_options)


def prompt_flags_of_model(path: str, domain_file: str | None) -> list[click.Option]:
    """The flags that say what to generate, of the domain that a model is for."""
    return flags_of(domain_of_model(Path(path), domain_file).domain.prompt_options)


def data_flags_of_model(path: str, domain_file: str | None) -> list[click.Option]:
    """The flags that say how to read data, of the domain that a model is for."""
    return flags_of(domain_of_model(Path(path), domain_file).domain.data_options)


def data_options(loaded: LoadedDomain, flags: Mapping[str, Any]) -> Any:
    """The domain's ``data_options`` from the flags that were given."""
    kind = loaded.domain.data_options
    return kind(**given(flags, kind))


def prompt_options(loaded: LoadedDomain, flags: Mapping[str, Any]) -> Any:
    """The domain's ``prompt_options`` from the flags that were given."""
    kind = loaded.domain.prompt_options
    return kind(**given(flags, kind))


def data_and_recipe(loaded: LoadedDomain, flags: Mapping[str, Any]) -> tuple[RunData, Recipe]:
    """The data that the flags name, shared out for a training, and the recipe for its size.

    The items as the domain gave them are let go where it has no ``augment``: a training then
    reads the encoded ones alone, and a large corpus of strings takes much memory.

    Raises:
        SeqgenError: There is no usable data, or a setting is out of its range.
    """
    from seqgen.runs.data import load_corpus, prepare_data
    from seqgen.runs.presets import check_preset, choose_preset
    from seqgen.runs.recipe import Recipe

    wish = flags.get("preset")
    check_preset(wish)
    # The split, which comes first, depends on no setting that a preset has.
    recipe = Recipe.of(loaded.domain, flags)
    corpus = load_corpus(loaded.domain, flags["data"], data_options(loaded, flags))
    kind = loaded.domain.encoder_options
    data = prepare_data(loaded.domain, corpus, recipe.training, kind(**given(flags, kind)))
    if loaded.domain.augment is None:
        data = replace(data, items=())
    return data, recipe.with_preset(choose_preset(wish, data.card.tokens))
