"""Writes docs/reference/cli.md from the help of the commands; a test checks that it is current."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seqgen.cli.main import COMMAND_GROUPS, cli
from seqgen.cli.options import ALL, DOMAIN_OPTIONS, domain_options
from seqgen.registry.installed_plugins import load_domain

PAGE = Path(__file__).parent / "reference" / "cli.md"
HEAD = """\
# Command line

Made from the program by `make docs`. `seqgen COMMAND --help` shows the common options, and
`--help-all` all of them, as on this page. Exit codes: 0 success, 1 the input cannot be used (one
line on stderr says what, where and what to do), 2 wrong usage, 130 interrupted. With `--json`,
stdout contains only JSON and everything else goes to stderr. `SEQGEN_RAISE=1` shows the traceback
of an expected error.

A domain adds options, the fields of its options classes: `generation_options` to `run` and
`generate`, `data_options` to `run`, `train`, `evaluate` and `score`, and `encoding_options` to
`run` and `train`. `seqgen run dinos --help` shows those of `dinos` first.
"""


def page() -> str:
    """The page as Markdown."""
    parent = _context("seqgen", cli, None)
    parts = [HEAD, f"\n{_block(parent)}"]
    for title, commands in COMMAND_GROUPS.items():
        parts.append(f"\n## {title}\n")
        for name in commands:
            command = cli.get_command(parent, name)
            assert command is not None
            parts.append(f"\n### seqgen {name}\n\n{_block(_context(name, command, parent))}")
    for domain in ("dinos", "jazz"):
        parts.append(f"\n## Options of domain {domain}\n")
        for kind, users in DOMAIN_OPTIONS.items():
            if options := domain_options(load_domain(domain).domain, [kind]):
                rows = "".join(f"| `{option.opts[0]}` | {option.help} |\n" for option in options)
                names = ", ".join(f"`{command}`" for command in users)
                parts.append(f"\nFor {names}:\n\n| option | meaning |\n|---|---|\n{rows}")
    return "".join(parts)


def _context(name: str, command: click.Command, parent: click.Context | None) -> click.Context:
    """The context of a command with all options in its help."""
    width = {"max_content_width": 96, "terminal_width": 96}
    context = command.make_context(name, [], parent, resilient_parsing=True, **width)
    context.meta[ALL] = True
    return context


def _block(context: click.Context) -> str:
    return f"```text\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE.name}\n")
