"""Writes docs/reference/cli.md from the program itself; a test holds that it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seqgen.cli.main import COMMANDS, cli
from seqgen.cli.options import flags_of_domain

PAGE = Path(__file__).parent / "reference" / "cli.md"
HEAD = """\
# Command line

Made from the program by `make docs`. Exit codes: 0 done, 1 the input cannot be used (one line on
stderr says what, where and what to do), 2 wrong usage, 130 interrupted. With `--json`, stdout
carries JSON only and everything else goes to stderr. `SEQGEN_RAISE=1` shows the traceback of an
expected error.

A domain adds flags of its own, the fields of its options: what to ask for (`generation_options`) to
`run` and `generate`, how to read data (`data_options`) to `run`, `train`, `evaluate` and `score`,
how to write items as tokens (`encoding_options`) to `run` and `train`. `seqgen run dinos --help`
shows them, before all others.
"""


def page() -> str:
    """The whole page as text."""
    parent = _context("seqgen", cli, None)
    parts = [HEAD, _block(parent)]
    for name in COMMANDS:
        command = cli.get_command(parent, name)
        assert command is not None
        parts.append(f"\n## seqgen {name}\n\n{_block(_context(name, command, parent))}")
    for domain in ("dinos", "jazz"):
        lines = "\n".join(_rows(domain))
        head = f"\n## Flags of the domain {domain}\n\n| flag | meaning |\n|---|---|\n"
        parts.append(f"{head}{lines}\n")
    return "".join(parts)


def _context(name: str, command: click.Command, parent: click.Context | None) -> click.Context:
    """The context in which the program itself would show the help."""
    width = {"max_content_width": 96, "terminal_width": 96}
    return command.make_context(name, [], parent, resilient_parsing=True, **width)


def _block(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```\n"


def _rows(domain: str) -> list[str]:
    return [f"| `{option.opts[0]}` | {option.help} |" for option in flags_of_domain(domain)]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
