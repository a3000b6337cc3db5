"""seqgen new: a publishable package for a domain of your own."""

from __future__ import annotations

from pathlib import Path

import click

from seqgen.cli.console import Output
from seqgen.cli.options import JSON_FLAG


@click.command("new")
@click.argument("name")
@JSON_FLAG
def command(name: str, as_json: bool) -> None:
    """Write a package for a new domain NAME into ./seqgen-NAME.

    It works as it stands: a domain with a few items, a test that runs the conformance kit, a
    README, a licence, and workflows that test and publish it. Nothing is ever overwritten.
    """
    from datetime import date

    from seqgen import __version__
    from seqgen.scaffold.plugin import NewPlugin

    out = Output(as_json)
    plugin = NewPlugin(name, date.today().year, __version__)
    written = plugin.write(Path())
    for path in written:
        out.say(f"wrote {path}")
    out.say("\nIt works as it stands. Go on with:")
    install = 'pip install -e ".[dev]"'
    for line in (f"cd {plugin.distribution}", install, "pytest", f"seqgen run {name}"):
        out.say(f"  {line}")
    out.json({"folder": plugin.distribution, "files": [path.as_posix() for path in written]})
