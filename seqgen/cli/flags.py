"""Flags: command-line options made from the fields of settings dataclasses."""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from seqgen.errors import PluginError
from seqgen.settings import flag_type

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


def flag_name(field: str) -> str:
    """The flag of a field: ``--starts-with`` of ``starts_with``.

    A name that Python keeps to itself ("from") is a field with a line behind it ("from_").
    """
    return "--" + field.rstrip("_").replace("_", "-")


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
