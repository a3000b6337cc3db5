"""setting_options: command line options from the fields of settings classes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, final

import click

from seqgen.errors import PluginError
from seqgen.settings import flag_name, flag_type, type_hints

PATH = click.Path(path_type=Path)
#: What stands for a value in the help, by the name of its type.
METAVARS = {"integer": "N", "integer range": "N", "float": "X", "component": "NAME"}
#: Choices longer than this are listed in the help text, not in place of the value.
MAX_CHOICES = 36
#: A bound of at least this size only guards against overflow and is not in the help.
HUGE = 10_000_000


@final
class ComponentName(click.ParamType[str]):
    """The name of a component; the installed ones are listed only if the name is used or shown.

    Args:
        names: Returns the names.
    """

    name = "component"

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self.names = names

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in (names := self.names()):
            self.fail(
                f"{value!r} is not one of {', '.join(names)}; install the plugin that provides it",
                param,
                ctx,
            )
        return str(value)


@final
class Option(click.Option):
    """An option with its place in the help.

    Args:
        group: The heading that it is listed under.
        common: Whether ``--help`` lists it, or only ``--help-all``.
    """

    def __init__(
        self, *args: Any, group: str = "Options", common: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.group, self.common = group, common

    def make_metavar(self, ctx: click.Context) -> str:
        return self.metavar or METAVARS.get(self.type.name) or super().make_metavar(ctx)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        record = super().get_help_record(ctx)
        if record and isinstance(self.type, ComponentName):
            return record[0], _list_choices(record[1], self.type.names())
        return record

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        return {}  # the help text names default and bounds


def setting_options(
    groups: Mapping[str, type[Any]],
    by_preset: Collection[str] = (),
    common: Collection[str] | None = None,
) -> list[Option]:
    """An option for each field; a field name in several classes makes one option.

    The value of an option that is not on the command line is None, so that presets can replace
    defaults.

    Args:
        groups: Settings classes by the heading of their options.
        by_preset: Names of settings that every preset sets.
        common: Names of the options that ``--help`` lists; None for all but advanced ones.

    Raises:
        PluginError: A field has a type that no option can have.
    """
    options: dict[str, Option] = {}
    for group, cls in groups.items():
        hints = type_hints(cls)
        for item in fields(cls):
            if not item.metadata.get("flag", True):
                continue
            if item.name in options:
                text, bracket, notes = str(options[item.name].help).partition("  [")
                more = item.metadata.get("help", "")
                options[item.name].help = f"{text} {group}: {more}{bracket}{notes}"
                continue
            kind = flag_type(hints[item.name])
            if kind is None:
                raise PluginError(
                    f"{cls.__name__}.{item.name} has type {hints[item.name]}; a flag can be bool, "
                    "int, float, str or Path, or one of them or None"
                )
            default = "by the preset" if item.name in by_preset else _default(item)
            option = _setting_option(item, kind, default, group)
            advanced = item.metadata.get("advanced", False)
            option.common = not advanced if common is None else item.name in common
            options[item.name] = option
    return list(options.values())


def _setting_option(item: Field[Any], kind: type, default: str, group: str) -> Option:
    flag, metadata = flag_name(item.name), item.metadata
    choices, metavar = metadata.get("choices"), None
    type_: Any = {Path: PATH, bool: None}.get(kind, kind)
    text, notes = metadata.get("help", ""), [f"default: {default}"] if default else []
    if callable(choices):
        type_ = ComponentName(choices)
    elif choices:
        type_ = click.Choice(choices)
        if len("|".join(choices)) > MAX_CHOICES:
            metavar, text = "NAME", _list_choices(text, choices)
    bounds = {s: f"{b:.15g}" for s, b in metadata.get("bounds", {}).items() if b < HUGE}
    lower = next((s for s in bounds if s[0] == ">"), "")
    upper = next((s for s in bounds if s[0] == "<"), "")
    value = "X" if kind is float else "N"
    if lower and upper:
        below = lower.replace(">", "<")
        notes.append(f"{bounds[lower]} {below} {value} {upper} {bounds[upper]}")
    elif bounds:
        notes.append(f"{value} {lower or upper} {bounds[lower or upper]}")
    if text.endswith("]"):  # the text names the default itself
        text = "; ".join([text[:-1], *notes]) + "]"
    elif notes:
        text = f"{text}  [{'; '.join(notes)}]"
    names = [f"{flag}/--no-{flag[2:]}" if kind is bool else flag, item.name]
    return Option(names, type=type_, metavar=metavar, default=None, help=text, group=group)


def _list_choices(text: str, choices: Sequence[str]) -> str:
    """A help text with the allowed values before its notes."""
    text, *notes = text.split("  [", 1)
    return "  [".join([f"{text} One of {', '.join(choices)}.", *notes])


def _default(item: Field[Any]) -> str:
    """The default of a field for the help; empty if there is none worth naming."""
    if item.default in (None, MISSING, "") or item.default is False:
        return ""
    return "on" if item.default is True else str(item.default)
