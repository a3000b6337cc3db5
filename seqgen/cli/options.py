"""Options of commands: from settings classes, of domains, and of a model that is named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar, final

import click

from seqgen.cli.setting_options import PATH as PATH
from seqgen.cli.setting_options import Option, setting_options
from seqgen.domains.domain import Domain
from seqgen.errors import PluginError, SeqgenError, SettingError
from seqgen.generation.components import all_option_classes, option_classes
from seqgen.registry.installed_plugins import LoadedDomain, load_domain
from seqgen.settings import flag_name, select_settings

Command = TypeVar("Command", bound=Callable[..., Any])
T = TypeVar("T")

POSITIVE = click.IntRange(min=1)
INDEX = click.IntRange(0, 2**63 - 1)
#: The settings of seqgen that ``--help`` lists; ``--help-all`` lists every setting.
COMMON = frozenset({"temperature", "seed", "epochs", "minutes"})


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


#: The order of the groups of options in the help; the options of the domain come first.
ORDER = ("Data", "Output", "Sampling", "Constraints", "Encoding", "Model", "Training", "Options")
#: The text of a longer option begins on the next line.
MAX_COLUMN = 28
#: Keys of ``Context.meta``: the options of the target, whether the help lists all options, and
#: the command that has the help for this call.
EXTRA, ALL, HELP = "seqgen.extra", "seqgen.all", "seqgen.help"
#: The options that a domain brings, by field, and the commands that have them.
DOMAIN_OPTIONS = {
    "generation_options": ("run", "generate"),
    "data_options": ("run", "train", "evaluate", "score"),
    "encoding_options": ("run", "train"),
}


def _show_all(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        ctx.meta[ALL] = True
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


_SHOW_ALL: dict[str, Any] = {
    "is_flag": True,
    "is_eager": True,
    "expose_value": False,
    "callback": _show_all,
}
HELP_ALL = Option(["--help-all"], help="Show all options and exit.", **_SHOW_ALL)


@final
class TargetCommand(click.Command):
    """A command that resolves its target before it parses the options.

    The value of the first argument is the resolved target, so that it is loaded only once.

    Args:
        resolve: ``resolve(text, domain_file)`` returns the target of an argument and of the
            value of ``--domain``, such as ``resolve_target`` or ``named_domain``; it raises a
            SeqgenError if there is none.
    """

    def __init__(
        self, *args: Any, resolve: Callable[[str, str | None], Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._resolve = resolve

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        name, target = str(self.params[0].name), None
        text, values = self._find_target(ctx, args)
        if text is not None:
            target = self._resolve(text, values.get("domain_file"))
            domain = getattr(target, "loaded", target).domain
            kinds = [kind for kind, commands in DOMAIN_OPTIONS.items() if self.name in commands]
            ctx.meta[HELP] = f"{ctx.command_path} {text}"
            ctx.meta[EXTRA] = self._checked(
                ctx, domain_options(domain, kinds), f"domain {domain.name!r}"
            )
            if any(param.name == "sampler" for param in self.params):
                saved = getattr(target, "manifest", {}).get("generation", {})
                given = {name: value for name, value in values.items() if value is not None}
                for heading, kind in option_classes({**saved, **given}).items():
                    options = self._checked(ctx, setting_options({heading: kind}), heading)
                    ctx.meta[EXTRA] = [*ctx.meta[EXTRA], *options]
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if owner := _find_owner(error.option_name, ctx):
                message = f"{error.option_name} is an option of {owner}"
                raise click.NoSuchOption(error.option_name, message, ctx=ctx) from None
            raise
        if (parsed := ctx.params.get(name)) is not None:
            if parsed != text:  # an option of the domain came first, and its value was resolved
                raise click.UsageError(f"give {name.upper()} before the options", ctx)
            ctx.params[name] = target
        ctx.params.pop("domain_file", None)
        return rest

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *own, help_option = super().get_params(ctx)
        return [*own, *ctx.meta.get(EXTRA, []), HELP_ALL, help_option]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingError as error:
            message = str(error)
            for name in error.settings:  # the message has the names in Python; here they are flags
                if (name == error.settings[0] or "_" in name) and ctx.params.get(name) is not None:
                    message = re.sub(rf"\b{name}\b", flag_name(name), message, count=1)
            if error.settings[:1] == ("temperature",) and error.value == 0:
                message += "; --sampler greedy always takes the most probable token"
            raise SettingError(message, *error.settings) from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options in groups; without ``--help-all`` only the common ones."""
        groups: dict[str, list[tuple[str, str]]] = {}
        hidden = Counter[str]()
        for param in self.get_params(ctx):
            if not isinstance(param, click.Option) or param.hidden:
                continue
            group = getattr(param, "group", "Options")
            if not ctx.meta.get(ALL) and not getattr(param, "common", True):
                hidden[group] += 1
            elif record := param.get_help_record(ctx):  # a list of components takes time
                groups.setdefault(group, []).append(record)
        width = min(max(len(name) for rows in groups.values() for name, _ in rows), MAX_COLUMN)
        for group in sorted(groups, key=_place):
            with formatter.section(group):
                rows = [(f"{name:<{width}}", text) for name, text in groups[group]]
                formatter.write_dl(rows, col_max=width)
        formatter.write_paragraph()
        if hidden:
            more = ", ".join(f"{group} ({hidden[group]})" for group in sorted(hidden, key=_place))
            formatter.write_text(f"More options: {more}.")
            formatter.write(f"Show them with: {ctx.meta.get(HELP, ctx.command_path)} --help-all\n")
        if EXTRA not in ctx.meta:
            name = self.params[0].human_readable_name
            formatter.write(f"Show those of a domain too with: {ctx.command_path} {name} --help\n")

    def _checked(self, ctx: click.Context, extra: list[Option], owner: str) -> list[Option]:
        taken = {n for p in self.get_params(ctx) for n in (p.name, *p.opts, *p.secondary_opts)}
        for option in extra:
            if clash := taken & {option.name, *option.opts, *option.secondary_opts}:
                raise PluginError(
                    f"the option {option.name!r} of {owner} clashes with "
                    f"{max(map(str, clash))!r} of this command; rename the field"
                )
        return extra

    def _find_target(
        self, ctx: click.Context, args: Sequence[str]
    ) -> tuple[str | None, Mapping[str, Any]]:
        """The first argument and the values of options; those of the domain are unknown."""
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        values, rest, _ = parser.parse_args(list(args))
        words = [values.get(str(self.params[0].name)), *rest]
        named = [word for word in words if isinstance(word, str) and word[:1] not in ("", "-")]
        return named[0] if named else None, values


def _place(group: str) -> int:
    return ORDER.index(group) if group in ORDER else -1


def _find_owner(flag: str, ctx: click.Context) -> str | None:
    """The domain or the commands that have an option; the help for the call is theirs then."""
    from seqgen.registry.installed_plugins import installed_plugins, load_domain

    def has_flag(params: Sequence[click.Parameter]) -> bool:
        return any(flag in (*param.opts, *param.secondary_opts) for param in params)

    for name in installed_plugins():
        try:
            domain = load_domain(name).domain
        except SeqgenError:
            continue
        for kind, commands in DOMAIN_OPTIONS.items():
            if has_flag(domain_options(domain, [kind])):
                known = ctx.info_name in commands
                ctx.meta[HELP] = f"seqgen {ctx.info_name if known else commands[0]} {name}"
                return f"{'' if known else f'seqgen {_join(commands)}, of '}domain {name}"
    for named_by, options in all_option_classes():
        if has_flag(setting_options({named_by: options})):
            return f"{named_by}, which this call does not have"
    group = ctx.find_root().command
    assert isinstance(group, click.Group)
    found = [
        name
        for name in group.list_commands(ctx)
        if (command := group.get_command(ctx, name)) and has_flag(command.params)
    ]
    ctx.meta[HELP] = f"seqgen {found[0]}" if found else ctx.meta.get(HELP, ctx.command_path)
    return f"seqgen {_join(found)}" if found else None


def _join(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def help_command(error: click.UsageError) -> str:
    """The command that shows the help for a call that was wrong."""
    ctx = error.ctx
    if ctx is None:
        return "seqgen --help"
    param = getattr(error, "param", None)
    hidden = isinstance(error, click.NoSuchOption) or not getattr(param, "common", True)
    suffix = "-all" if hidden and isinstance(ctx.command, TargetCommand) else ""
    return f"{ctx.meta.get(HELP, ctx.command_path)} --help{suffix}"
