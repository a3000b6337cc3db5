"""seqgen plugins: the installed domains, from metadata alone."""

from __future__ import annotations

import click

from seqgen.cli.output import Output
from seqgen.domains.registry import installed_plugins


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """List the installed domains. Imports none of them."""
    out = Output(as_json)
    plugins = installed_plugins()
    names = ("name", "summary", "distribution", "version", "module")
    out.json([{key: getattr(p, key) for key in names} for ps in plugins.values() for p in ps])
    if not plugins:
        out.say("No domains are installed. Install a plugin, or run a file: seqgen run ./FILE.py")
    width = max(map(len, plugins), default=0)
    for name, claims in plugins.items():
        for plugin in claims:
            from_where = f"({plugin.distribution} {plugin.version})"
            out.say(f"{name:<{width}}  {plugin.summary}  {from_where}")
        if len(claims) > 1:
            out.warn(f"{name}: claimed by {len(claims)} distributions; uninstall all but one")
