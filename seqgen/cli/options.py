"""Options of the command line: the fields of settings dataclasses, and what commands share."""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any, TypeVar, final

import click

from seqgen.domains.domain import Domain
from seqgen.errors import PluginError
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.settings import flag_name, flag_type, select_settings

Command = TypeVar("Command", bound=Callable[..., Any])
T = TypeVar("T")

PATH = click.Path(path_type=Path)
POSITIVE = click.IntRange(min=1)
INDEX = click.IntRange(0, 2**63 - 1)
#: What stands for a value in the help, by the name of its type.
METAVARS = {"integer": "N", "integer range": "N", "float": "X"}
#: The settings of seqgen that ``--help`` lists; ``--help-all`` lists every setting.
COMMON = frozenset({"temperature", "seed", "epochs", "minutes"})
#: Choices longer than this are listed in the help text, not in place of the value.
MAX_CHOICES = 36
#: A bound of at least this size only guards against overflow and is not in the help.
HUGE = 10_000_000


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

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        return {}  # the help text names default and bounds


def option(
    names: str, help: str, type: Any = None, group: str = "Options", **kwargs: Any
) -> Callable[[Command], Command]:
    """A decorator that adds an option to a command.

    Args:
        names: The flags, and the name of the parameter if it differs, with spaces between them.
        help: The help text.
        type: The type of the value.
        group: See ``Option``, as for ``common``.
        kwargs: Other arguments of ``click.Option``.
    """
    return click.option(*names.split(), cls=Option, help=help, type=type, group=group, **kwargs)


def settings(
    groups: Mapping[str, type[Any]], by_preset: Collection[str] = ()
) -> Callable[[Command], Command]:
    """A decorator that adds the settings of seqgen to a command; see ``setting_options``."""
    options = setting_options(groups, by_preset, COMMON)

    def decorate(function: Command) -> Command:
        # click reads this list from its end, as decorators are applied from the bottom up.
        function.__dict__.setdefault("__click_params__", []).extend(reversed(options))
        return function

    return decorate


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
        hints = typing.get_type_hints(cls)
        for item in fields(cls):
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
    if choices:
        type_ = click.Choice(choices)
        if len("|".join(choices)) > MAX_CHOICES:
            metavar, (text, *default_text) = "NAME", text.split("  [", 1)
            text = "  [".join([f"{text} One of {', '.join(choices)}.", *default_text])
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


def _default(item: Field[Any]) -> str:
    """The default of a field for the help; empty if there is none worth naming."""
    if item.default in (None, MISSING, "") or item.default is False:
        return ""
    return "on" if item.default is True else str(item.default)


def domain_options(domain: Domain, kinds: Iterable[str]) -> list[Option]:
    """The options of a domain.

    Args:
        domain: The domain.
        kinds: Which: "generation_options", "data_options", "encoding_options".
    """
    headings = {"data_options": "Data", "encoding_options": "Encoding"}
    return setting_options(
        {headings.get(kind, f"Domain {domain.name}"): getattr(domain, kind) for kind in kinds}
    )


def select(kind: type[T], values: Mapping[str, Any]) -> T:
    """An options class with those values that belong to it."""
    return kind(**select_settings(values, kind))


def named_domain(name: str, _domain_file: str | None = None) -> LoadedDomain:
    """The ``resolve`` of a ``TargetCommand`` whose argument is a domain."""
    return load_domain(name)


#: With ``TargetCommand`` and ``resolve_target`` its value is a ``Target``.
MODEL = click.argument("model")
DATA = option("--data", "A file or folder with data.", PATH, "Data")
RUN_FOLDER = option("--out", "The run folder.  [default: runs/DOMAIN/NAME]", PATH, "Output")
COUNT = option("-n --count --takes", "Number of samples.  [default: 10]", POSITIVE, "Output")
BEST = option(
    "--best", "Keep the N best-ranked samples, in the ranking of the domain.", POSITIVE, "Output"
)
PROMPT = option(
    "--prompt",
    "The symbols that every sample begins with.",
    group="Constraints",
    common=False,
    default="",
)
PRESET = option(
    "--preset",
    "Settings for a size of corpus: tiny, small, medium or auto. Presets of the domain and "
    "options override them.  [default: auto, by the number of tokens]",
    group="Training",
    common=False,
    metavar="NAME",
)
TENSORBOARD = option(
    "--tensorboard",
    "Also write event files for TensorBoard to the run folder; needs the tensorboard package.",
    group="Training",
    common=False,
    is_flag=True,
    default=None,
)
JSON = option("--json as_json", "Print JSON on stdout.", group="Output", is_flag=True)
DOMAIN_FILE = option(
    "--domain domain_file",
    "The file of the domain, for a model that was trained from one.",
    metavar="FILE.py",
)
