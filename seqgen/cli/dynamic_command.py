"""TargetCommand: a command whose flags depend on its first argument, a domain or a model file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

import click

from seqgen.errors import PluginError, SettingError
from seqgen.settings import flag_name

_EXTRA = "seqgen.extra_params"


@final
class TargetCommand(click.Command):
    """Finds its target before parsing, and adds the flags that the target brings.

    Args:
        extend: From the target and the value of ``--domain``, where that was given, to the
            flags it adds; raises a SeqgenError when there is no such target.
    """

    def __init__(
        self, *args: Any, extend: Callable[[str, str | None], Sequence[click.Option]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._extend = extend

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        target = self._find_target(args)
        if target is not None:
            extra = list(self._extend(target, _value(args, "--domain")))
            ctx.meta[_EXTRA] = self._checked(extra, set(self.get_help_option_names(ctx)))
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        # The help option stays last, as everywhere.
        return [*own[:-1], *ctx.meta.get(_EXTRA, []), own[-1]]

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettingError as error:
            # A setting is named as in Python; whoever gave a flag reads the flag.
            word, _, rest = str(error).partition(" ")
            name = word.rstrip(":")
            flags = {p.name for p in self.get_params(ctx) if isinstance(p, click.Option)}
            if name not in flags or ctx.params.get(name) is None:
                raise
            raise type(error)(f"{flag_name(name)}{word[len(name) :]} {rest}") from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The domain's own flags first: they are few, and the others are in every help."""
        own = ctx.meta.get(_EXTRA, [])
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        for title, listed in (
            ("Options of the domain", own),
            ("Options", [option for option in options if option not in own]),
        ):
            rows = [row for option in listed if (row := option.get_help_record(ctx)) is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def _checked(self, extra: list[click.Option], taken: set[str]) -> list[click.Option]:
        for param in self.params:
            taken |= {str(param.name), *param.opts, *param.secondary_opts}
        for option in extra:
            clash = taken & {str(option.name), *option.opts, *option.secondary_opts}
            if clash:
                raise PluginError(
                    f"the domain's option {option.name!r} clashes with {max(clash)!r}, which "
                    "seqgen has already; rename the field"
                )
        return extra

    def _find_target(self, args: Sequence[str]) -> str | None:
        """The first argument that is neither a flag nor a flag's value."""
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


def _value(args: Sequence[str], flag: str) -> str | None:
    """The value of a flag, read ahead of the parser."""
    for place, arg in enumerate(args):
        if arg == flag and place + 1 < len(args):
            return args[place + 1]
        if arg.startswith(f"{flag}="):
            return arg.partition("=")[2]
    return None
