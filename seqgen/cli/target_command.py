"""TargetCommand: a command whose first argument, a domain or a model, brings options."""

from __future__ import annotations

import re
from collections import Counter
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
        self, *args: Any, resolve: Callable[[str, str | None], Any], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._resolve = resolve

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        name, target = str(self.params[0].name), None
        text, domain_file = self._find_target(ctx, args)
        if text is not None:
            target = self._resolve(text, domain_file)
            domain = getattr(target, "loaded", target).domain
            kinds = [kind for kind, commands in DOMAIN_OPTIONS.items() if self.name in commands]
            ctx.meta[HELP] = f"{ctx.command_path} {text}"
            ctx.meta[EXTRA] = self._checked(ctx, domain_options(domain, kinds))
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
            if isinstance(param, click.Option) and (record := param.get_help_record(ctx)):
                group = getattr(param, "group", "Options")
                if ctx.meta.get(ALL) or getattr(param, "common", True):
                    groups.setdefault(group, []).append(record)
                else:
                    hidden[group] += 1
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

    def _checked(self, ctx: click.Context, extra: list[Option]) -> list[Option]:
        taken = {n for p in self.get_params(ctx) for n in (p.name, *p.opts, *p.secondary_opts)}
        for option in extra:
            if clash := taken & {option.name, *option.opts, *option.secondary_opts}:
                raise PluginError(
                    f"the domain's option {option.name!r} clashes with {max(map(str, clash))!r} of "
                    "seqgen; rename the field"
                )
        return extra

    def _find_target(self, ctx: click.Context, args: Sequence[str]) -> tuple[str | None, Any]:
        """The first argument and the value of ``--domain``; options of the domain are unknown."""
        parser = self.make_parser(ctx)
        parser.ignore_unknown_options = True
        values, rest, _ = parser.parse_args(list(args))
        words = [values.get(str(self.params[0].name)), *rest]
        text = next(
            (word for word in words if isinstance(word, str) and word[:1] not in ("", "-")), None
        )
        return text, values.get("domain_file")


def _place(group: str) -> int:
    return ORDER.index(group) if group in ORDER else -1


def _find_owner(flag: str, ctx: click.Context) -> str | None:
    """The domain or the commands that have an option; the help for the call is theirs then."""
    from seqgen.registry.registry import installed_plugins, load_domain

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
