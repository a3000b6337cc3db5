"""seqgen new: a package for a new domain, cell or sampler."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output


@click.command("new")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["domain", "cell", "sampler"]),
    default="domain",
    show_default=True,
    help="What the package provides.",
)
@options.JSON
def command(name: str, kind: str, as_json: bool) -> None:
    """Write a package for a new domain, cell or sampler NAME into ./seqgen-NAME.

    The package works: it has a domain with a few items, or a simple cell or sampler, tests, a
    README, a licence, and workflows that test and publish it. Existing files are never overwritten.
    """
    from datetime import date

    from seqgen import __version__
    from seqgen.scaffold.new_plugin import NewPlugin

    out = Output(as_json)
    plugin = NewPlugin(name, date.today().year, __version__, kind)
    written = plugin.write(Path())
    for path in written:
        out.print(f"wrote {path}")
    out.print("\nThe package works. Continue with:")
    install = 'pip install -e ".[dev]"'
    for line in (f"cd {plugin.distribution}", install, "pytest", plugin.commands[-1]):
        out.print(f"  {line}")
    out.json({"folder": plugin.distribution, "files": [path.as_posix() for path in written]})
