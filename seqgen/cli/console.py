"""Output: what people read and what programs read, kept apart."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, final

import click

if TYPE_CHECKING:
    from rich.console import Console


@final
class Output:
    """Text for people goes to stdout, or to stderr when stdout carries JSON.

    Args:
        as_json: Whether ``--json`` was given.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._results = sys.stdout
        command = click.get_current_context(silent=True)
        if as_json and command is not None:
            # Until the command ends: what a domain's own functions print is no result.
            command.with_resource(redirect_stdout(sys.stderr))

    @property
    def console(self) -> Console:
        """Where text for people goes."""
        from rich.console import Console

        return Console(stderr=self.as_json, highlight=False, soft_wrap=True)

    @property
    def marks(self) -> bool:
        """Whether notes may stand beside the results: a person reads them in a terminal."""
        return not self.as_json and sys.stdout.isatty()

    def say(self, text: str = "", style: str = "") -> None:
        """A line for people; never read as markup, as items may hold any character."""
        stream = sys.stderr if self.as_json else sys.stdout
        if style and stream.isatty():
            self.console.print(text, style=style, markup=False)
        else:
            print(text, file=stream)

    def note(self, text: str) -> None:
        """A line for people about the results; on stderr, so that stdout holds results alone."""
        print(text, file=sys.stderr)

    def warn(self, text: str) -> None:
        """A line for people that they should not miss; always on stderr."""
        print(text, file=sys.stderr)

    def json(self, value: Any) -> None:
        """One JSON value on a line of stdout, when ``--json`` was given."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False), file=self._results, flush=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """A small table; the first column is text, the others are figures."""
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for place, name in enumerate(columns):
            table.add_column(name, justify="right" if place else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(Text, row))
        self.console.print(table)
