"""Options of the command line: the fields of settings dataclasses, and what commands share."""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, final

import click

from seqgen.domains.domain import Domain
from seqgen.errors import PluginError
from seqgen.registry.registry import LoadedDomain, load_domain
from seqgen.settings import flag_name, flag_type

Command = TypeVar("Command", bound=Callable[..., Any])

#: For each type of a field the type of the option and what stands for its value in the help.
TYPES: dict[type, tuple[click.ParamType[Any] | type, str]] = {
    int: (int, "N"),
    float: (float, "X"),
    str: (str, "TEXT"),
    Path: (click.Path(path_type=Path), "PATH"),
}
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
        kinds = typing.get_type_hints(cls)
        for item in fields(cls):
            if item.name in options:
                text, bracket, notes = str(options[item.name].help).partition("  [")
                more = item.metadata.get("help", "")
                options[item.name].help = f"{text} {group}: {more}{bracket}{notes}"
                continue
            default = "by the preset" if item.name in by_preset else None
            option = _setting_option(cls, item, kinds[item.name], default, group)
            advanced = item.metadata.get("advanced", False)
            option.common = not advanced if common is None else item.name in common
            options[item.name] = option
    return list(options.values())


def _setting_option(
    cls: type[Any], item: Field[Any], kind: Any, default: str | None, group: str
) -> Option:
    plain, flag = flag_type(kind), flag_name(item.name)
    if plain is None:
        raise PluginError(
            f"{cls.__name__}.{item.name} has type {kind}; a flag can be bool, int, float, str or "
            "Path, or one of them or None"
        )
    if plain is bool:
        text = _help(item, default, "")
        names = [f"{flag}/--no-{flag[2:]}", item.name]
        return Option(names, default=None, help=text, group=group)
    choices = item.metadata.get("choices") or ()
    of_type, metavar = TYPES[plain]
    text = _help(item, default, metavar)
    if choices:
        of_type, metavar = click.Choice(choices), f"[{'|'.join(choices)}]"
        if len(metavar) > MAX_CHOICES:
            first, bracket, rest = text.partition("  [")
            text, metavar = f"{first} One of {', '.join(choices)}.{bracket}{rest}", "NAME"
    return Option(
        [flag, item.name], type=of_type, metavar=metavar, default=None, help=text, group=group
    )


def _help(item: Field[Any], default: str | None, metavar: str) -> str:
    """The help of a field, with its default and its bounds."""
    text = item.metadata.get("help", "")
    if default is None and item.default not in (None, MISSING, "") and item.default is not False:
        default = "on" if item.default is True else str(item.default)
    notes = [f"default: {default}"] if default else []
    bounds = {s: f"{b:.15g}" for s, b in item.metadata.get("bounds", {}).items() if b < HUGE}
    lower = next((s for s in bounds if s[0] == ">"), "")
    upper = next((s for s in bounds if s[0] == "<"), "")
    if lower and upper:
        below = lower.replace(">", "<")
        notes.append(f"{bounds[lower]} {below} {metavar} {upper} {bounds[upper]}")
    elif bounds:
        notes.append(f"{metavar} {lower or upper} {bounds[lower or upper]}")
    if text.endswith("]"):  # the text names the default itself
        return "; ".join([text[:-1], *notes]) + "]"
    return f"{text}  [{'; '.join(notes)}]" if notes else text


def with_options(options: Iterable[click.Option]) -> Callable[[Command], Command]:
    """A decorator that adds options to a command."""

    def decorate(function: Command) -> Command:
        params = function.__dict__.setdefault("__click_params__", [])
        # click reads this list from its end, as decorators are applied from the bottom up.
        params.extend(reversed(list(options)))
        return function

    return decorate


def pick(values: Mapping[str, Any], cls: type[Any]) -> dict[str, Any]:
    """The values of a settings class among options; None is the value of an absent option."""
    names = {item.name for item in fields(cls)}
    return {name: value for name, value in values.items() if name in names and value is not None}


def domain_options(domain: Domain, *kinds: str) -> list[Option]:
    """The options of a domain.

    Args:
        domain: The domain.
        kinds: Which: "generation_options", "data_options", "encoding_options".
    """
    headings = {"data_options": "Data", "encoding_options": "Encoding"}
    return setting_options(
        {headings.get(kind, f"Domain {domain.name}"): getattr(domain, kind) for kind in kinds}
    )


option = partial(click.option, cls=Option)
POSITIVE = click.IntRange(min=1)
path_option = partial(option, type=click.Path(path_type=Path), metavar="PATH")

DATA_OPTION = path_option("--data", group="Data", help="A file or folder with data.")
RUN_FOLDER_OPTION = path_option(
    "--out", group="Output", help="The run folder.  [default: runs/DOMAIN/NAME]"
)
COUNT_OPTION = option(
    "-n",
    "--count",
    "--takes",
    "count",
    type=POSITIVE,
    metavar="N",
    group="Output",
    help="Number of samples.  [default: 10; N >= 1]",
)
BEST_OPTION = option(
    "--best",
    type=POSITIVE,
    metavar="N",
    group="Output",
    help="Keep the N best-ranked samples, in the ranking of the domain.  [N >= 1]",
)
PROMPT_OPTION = option(
    "--prompt",
    default="",
    metavar="TEXT",
    group="Constraints",
    common=False,
    help="The symbols that every sample begins with.",
)
PRESET_OPTION = option(
    "--preset",
    metavar="NAME",
    group="Training",
    common=False,
    help="Settings for a size of corpus: tiny, small, medium or auto. Presets of the domain and "
    "options override them.  [default: auto, by the number of tokens]",
)
TENSORBOARD_OPTION = option(
    "--tensorboard",
    is_flag=True,
    default=None,
    group="Training",
    common=False,
    help="Also write event files for TensorBoard to the run folder; needs the tensorboard package.",
)
JSON_OPTION = option(
    "--json", "as_json", is_flag=True, group="Output", help="Print JSON on stdout."
)
DOMAIN_FILE_OPTION = option(
    "--domain",
    "domain_file",
    metavar="FILE.py",
    help="The file of the domain, for a model that was trained from one.",
)
#: With ``TargetCommand`` and ``resolve_target`` its value is a ``Target``.
MODEL_ARGUMENT = click.argument("model")


def named_domain(name: str, _domain_file: str | None = None) -> LoadedDomain:
    """The ``resolve`` of a ``TargetCommand`` whose argument is a domain."""
    return load_domain(name)


def data_options(loaded: LoadedDomain, values: Mapping[str, Any]) -> Any:
    """The domain's ``data_options`` from the values of the options."""
    kind = loaded.domain.data_options
    return kind(**pick(values, kind))
