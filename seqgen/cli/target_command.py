"""TargetCommand: a command whose first argument, a domain or a model, brings options."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, final

import click

from seqgen.cli.options import Option, domain_options
from seqgen.errors import PluginError, SeqgenError, SettingError
from seqgen.settings import flag_name

#: The order of the groups of options in the help; the options of the domain come first.
ORDER = ("Data", "Output", "Sampling", "Constraints", "Encoding", "Model", "Training", "Options")
#: The text of a longer option begins on the next line.
MAX_COLUMN = 28
#: Keys of ``Context.meta``: the options of the target, whether the help lists all options, and
#: the command that shows the help for this call.
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


HELP_ALL = Option(
    ["--help-all"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_all,
    help="Show all options and exit.",
)


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
        self,
        *args: Any,
        resolve: Callable[[str, str | None], Any],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._resolve = resolve

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        text, domain_file = self._find_target(args), _value(args, "--domain")
        target = None
        if text is not None:
            target = self._resolve(text, domain_file)
            domain = getattr(target, "loaded", target).domain
            kinds = [kind for kind, commands in DOMAIN_OPTIONS.items() if self.name in commands]
            ctx.meta[HELP] = f"{ctx.command_path} {text}"
            ctx.meta[EXTRA] = self._checked(ctx, domain_options(domain, *kinds))
        try:
            rest = super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise _located(error, ctx) or error from None
        name = next(str(param.name) for param in self.params if isinstance(param, click.Argument))
        if (parsed := ctx.params.get(name)) is not None:
            ctx.params[name] = target if parsed == text else self._resolve(parsed, domain_file)
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
        hidden: dict[str, int] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            group = getattr(param, "group", "Options")
            if record and (ctx.meta.get(ALL) or getattr(param, "common", True)):
                groups.setdefault(group, []).append(record)
            elif record:
                hidden[group] = hidden.get(group, 0) + 1
        names = [name for rows in groups.values() for name, _ in rows]
        width = min(max(map(len, names)), MAX_COLUMN)
        for group in sorted(groups, key=_place):
            with formatter.section(group):
                rows = [(f"{name:<{width}}", text) for name, text in groups[group]]
                formatter.write_dl(rows, col_max=width)
        lines = []
        if hidden:
            more = ", ".join(f"{group} ({hidden[group]})" for group in sorted(hidden, key=_place))
            command = ctx.meta.get(HELP, ctx.command_path)
            lines += [f"More options: {more}.", f"Show them with: {command} --help-all"]
        if EXTRA not in ctx.meta:
            name = self.params[0].human_readable_name
            lines.append(f"Show those of a domain too with: {ctx.command_path} {name} --help")
        if lines:
            formatter.write_paragraph()
            formatter.write("\n".join(lines) + "\n")

    def _checked(self, ctx: click.Context, extra: list[Option]) -> list[Option]:
        taken = {
            text
            for param in self.get_params(ctx)
            for text in (param.name, *param.opts, *param.secondary_opts)
        }
        for option in extra:
            clash = taken & {option.name, *option.opts, *option.secondary_opts}
            if clash:
                raise PluginError(
                    f"the domain's option {option.name!r} clashes with {max(map(str, clash))!r} of "
                    "seqgen; rename the field"
                )
        return extra

    def _find_target(self, args: Sequence[str]) -> str | None:
        """The first argument that is neither an option nor the value of one."""
        with_value = {
            flag
            for param in self.params
            if isinstance(param, click.Option) and not param.is_flag
            for flag in param.opts
        }
        skip = False
        for arg in args:
            if skip:
                skip = False
            elif arg.startswith("-") and arg != "-":
                skip = arg in with_value
            else:
                return arg
        return None


def _place(group: str) -> int:
    return ORDER.index(group) if group in ORDER else -1


def _value(args: Sequence[str], flag: str) -> str | None:
    """The value of an option, read before the options are parsed."""
    for place, arg in enumerate(args):
        if arg == flag and place + 1 < len(args):
            return args[place + 1]
        if arg.startswith(f"{flag}="):
            return arg.partition("=")[2]
    return None


def _located(error: click.NoSuchOption, ctx: click.Context) -> click.UsageError | None:
    """The error for an option that another domain or command has; None if no one has it."""
    from seqgen.registry.registry import installed_plugins, load_domain

    flag, command, group = error.option_name, str(ctx.info_name), ctx.find_root().command
    for name in installed_plugins():
        try:
            domain = load_domain(name).domain
        except SeqgenError:
            continue
        for kind, commands in DOMAIN_OPTIONS.items():
            if _has(domain_options(domain, kind), flag):
                ctx.meta[HELP] = f"seqgen {command if command in commands else commands[0]} {name}"
                of = f"of seqgen {' and '.join(commands)}, " * (command not in commands)
                return click.UsageError(f"{flag} is an option {of}of domain {name}", ctx)
    assert isinstance(group, click.Group)
    names = group.list_commands(ctx)
    found = [name for name in names if _has(group.get_command(ctx, name).params, flag)]
    if not found:
        return None
    ctx.meta[HELP] = f"seqgen {found[0]}"
    return click.UsageError(f"{flag} is an option of seqgen {' and '.join(found)}", ctx)


def _has(params: Sequence[click.Parameter], flag: str) -> bool:
    return any(flag in (*param.opts, *param.secondary_opts) for param in params)


def help_command(error: click.UsageError) -> str:
    """The command that shows the help for a call that was wrong."""
    ctx = error.ctx
    if ctx is None:
        return "seqgen --help"
    common = getattr(getattr(error, "param", None), "common", True)
    all_ = isinstance(ctx.command, TargetCommand) and (
        isinstance(error, click.NoSuchOption) or not common
    )
    return f"{ctx.meta.get(HELP, ctx.command_path)} --help{'-all' * all_}"
