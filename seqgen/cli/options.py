"""Flags: command-line options made from the fields of settings dataclasses."""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from seqgen.errors import PluginError
from seqgen.inference.model import domain_of_model
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.settings import flag_name, flag_type

if TYPE_CHECKING:
    from seqgen.runs.dataset import RunData
    from seqgen.runs.run_config import Recipe


Command = TypeVar("Command", bound=Callable[..., Any])

TYPES: dict[type, click.ParamType[Any] | type] = {
    int: int,
    float: float,
    str: str,
    Path: click.Path(path_type=Path),
}


def flags_of(*classes: type[Any], by_preset: Collection[str] = ()) -> list[click.Option]:
    """An option for every field; a name that stands in several classes makes one option.

    Options that are not given are None, so that presets can come between them and the defaults.

    Args:
        classes: Settings classes.
        by_preset: Names of settings that every preset sets, so that the help names no default.

    Raises:
        PluginError: A field has a type that no flag can have.
    """
    options: dict[str, click.Option] = {}
    for cls in classes:
        kinds = typing.get_type_hints(cls)
        for item in fields(cls):
            if item.name not in options:
                told = item.name not in by_preset
                options[item.name] = _option(cls, item, kinds[item.name], told)
    return list(options.values())


def _option(cls: type[Any], item: Field[Any], kind: Any, told: bool) -> click.Option:
    flag = flag_name(item.name)
    text = item.metadata.get("help", "")
    if not told:
        text += "  [default: by the preset]"
    elif item.default not in (None, MISSING, "") and item.default is not False:
        text += f"  [default: {item.default}]"
    plain = flag_type(kind)
    if plain is None:
        raise PluginError(
            f"{cls.__name__}.{item.name} has type {kind}; a flag can be bool, int, float, str or "
            "Path, or one of them or None"
        )
    if plain is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}", item.name], default=None, help=text)
    choices = item.metadata.get("choices")
    of_type = click.Choice(choices) if choices else TYPES[plain]
    return click.Option([flag, item.name], type=of_type, default=None, help=text)


def with_flags(options: Iterable[click.Option]) -> Callable[[Command], Command]:
    """A decorator that puts options on a command."""

    def decorate(function: Command) -> Command:
        params = function.__dict__.setdefault("__click_params__", [])
        # click reads this list from its end, as decorators are applied from the bottom up.
        params.extend(reversed(list(options)))
        return function

    return decorate


def given(flags: Mapping[str, Any], cls: type[Any]) -> dict[str, Any]:
    """The flags that were given among those that a settings class has."""
    names = {item.name for item in fields(cls)}
    return {name: value for name, value in flags.items() if name in names and value is not None}


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
    return flags_of(domain.data_options, domain.encoding_options, domain.generation_options)


def training_flags_of_domain(name: str, _domain_file: str | None = None) -> list[click.Option]:
    """The flags of a domain that a training depends on: how to read and encode data."""
    domain = load_domain(name).domain
    return flags_of(domain.data_options, domain.encoding_options)


def prompt_flags_of_model(path: str, domain_file: str | None) -> list[click.Option]:
    """The flags that say what to generate, of the domain that a model is for."""
    return flags_of(domain_of_model(Path(path), domain_file).domain.generation_options)


def data_flags_of_model(path: str, domain_file: str | None) -> list[click.Option]:
    """The flags that say how to read data, of the domain that a model is for."""
    return flags_of(domain_of_model(Path(path), domain_file).domain.data_options)


def data_options(loaded: LoadedDomain, flags: Mapping[str, Any]) -> Any:
    """The domain's ``data_options`` from the flags that were given."""
    kind = loaded.domain.data_options
    return kind(**given(flags, kind))


def prompt_options(loaded: LoadedDomain, flags: Mapping[str, Any]) -> Any:
    """The domain's ``generation_options`` from the flags that were given."""
    kind = loaded.domain.generation_options
    return kind(**given(flags, kind))


def data_and_recipe(loaded: LoadedDomain, flags: Mapping[str, Any]) -> tuple[RunData, Recipe]:
    """The data that the flags name, shared out for a training, and the recipe for its size.

    The items as the domain gave them are let go where it has no ``augment``: a training then
    reads the encoded ones alone, and a large corpus of strings takes much memory.

    Raises:
        SeqgenError: There is no usable data, or a setting is out of its range.
    """
    from seqgen.runs.dataset import load_corpus, prepare_data
    from seqgen.runs.presets import check_preset, choose_preset
    from seqgen.runs.run_config import Recipe

    wish = flags.get("preset")
    check_preset(wish)
    # The split, which comes first, depends on no setting that a preset has.
    recipe = Recipe.of(loaded.domain, flags)
    corpus = load_corpus(loaded.domain, flags["data"], data_options(loaded, flags))
    kind = loaded.domain.encoding_options
    data = prepare_data(loaded.domain, corpus, recipe.training, kind(**given(flags, kind)))
    if loaded.domain.augment is None:
        data = replace(data, items=())
    return data, recipe.with_preset(choose_preset(wish, data.card.tokens))
