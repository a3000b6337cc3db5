"""seqgen plugins: the installed domains, each loaded apart from this process to see if it works."""

from __future__ import annotations

import platform
from typing import Any

import click

from seqgen.cli.console import Output
from seqgen.cli.options import JSON_FLAG
from seqgen.registry import versions as api
from seqgen.registry.isolation import Examination, examine_all
from seqgen.registry.loading import CHECKS, printable
from seqgen.registry.registry import ALLOWED, allowed_names, installed_plugins


@click.command("plugins")
@click.option("-v", "--verbose", is_flag=True, help="Where each lies and what was checked.")
@JSON_FLAG
def command(verbose: bool, as_json: bool) -> None:
    """List the installed domains and whether they work.

    Each is loaded in a process of its own, so a broken one harms nothing. The exit code is 0
    also when some are broken. SEQGEN_PLUGINS=a,b hides all others from every command.
    """
    out = Output(as_json)
    plugins = installed_plugins()
    if verbose:
        out.say(_versions())
    width = max(map(len, plugins), default=0)
    found = []
    for examination in examine_all(plugins):
        found.append(examination)
        out.say(_line(examination, width))
        if verbose:
            _tell(out, examination)
        for note in examination.notes:
            out.warn(f"{examination.plugin} {note}")
    out.json([_json(examination) for examination in found])
    if not plugins:
        out.say("No domains are installed. Install a plugin, or run a file: seqgen run ./FILE.py")
    _tell_hidden(out)


def _versions() -> str:
    from seqgen import __version__

    return f"seqgen {__version__}, plugin API {api.spoken()}, Python {platform.python_version()}\n"


def _line(examination: Examination, width: int) -> str:
    plugin = examination.plugin
    if examination.broken:
        return f"{plugin.name:<{width}}  BROKEN: {examination.broken}{_claimed_by(examination)}"
    return f"{plugin.name:<{width}}  {plugin.summary}  ({plugin.distribution} {plugin.version})"


def _claimed_by(examination: Examination) -> str:
    """Which of several distributions a line is about, where the reason names them all."""
    plugin = examination.plugin
    named = str(plugin) in examination.broken
    return "" if named else f"  ({plugin.distribution} {plugin.version})"


def _tell(out: Output, examination: Examination) -> None:
    """All that is known of one plugin."""
    plugin, passed = examination.plugin, len(examination.checks)
    out.say(f"  distribution  {plugin.distribution} {plugin.version}")
    out.say(f"  entry point   {plugin.name} = {printable(plugin.module)}")
    out.say(f"  file          {printable(examination.file) or 'not found'}")
    out.say(f"  requires      {plugin.requires or 'no version of seqgen'}")
    if examination.api is not None:
        out.say(f"  plugin API    {examination.api}")
    if examination.seconds is not None:
        out.say(f"  loaded in     {examination.seconds:.2f} s")
    for place, check in enumerate(CHECKS):
        if place < passed:
            out.say(f"  ok            {check}")
        elif place == passed and examination.broken:
            out.say(f"  FAILED        {check}")
    out.say()


def _tell_hidden(out: Output) -> None:
    allowed = allowed_names()
    if allowed is None:
        return
    installed = set(installed_plugins(restricted=False))
    hidden, unknown = sorted(installed - allowed), sorted(allowed - installed)
    if hidden:
        out.note(f"hidden by {ALLOWED}: {', '.join(hidden)}")
    if unknown:
        out.note(f"{ALLOWED} names what is not installed: {', '.join(unknown)}")


def _json(examination: Examination) -> dict[str, Any]:
    plugin = examination.plugin
    return {
        "name": plugin.name,
        "summary": plugin.summary,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "requires": plugin.requires,
        "works": not examination.broken,
        "broken": examination.broken,
        "notes": list(examination.notes),
        "file": examination.file,
        "api": examination.api,
        "seconds": examination.seconds,
        "checks": list(examination.checks),
    }
