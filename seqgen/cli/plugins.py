"""seqgen plugins: the installed domains and whether they work."""

from __future__ import annotations

import platform

import click

from seqgen.cli.options import JSON_OPTION
from seqgen.cli.output import Output
from seqgen.registry import versions
from seqgen.registry.isolation import Examination, examine_all
from seqgen.registry.loading import CHECKS, printable
from seqgen.registry.registry import ALLOWED, allowed_names, installed_plugins


@click.command("plugins")
@click.option("-v", "--verbose", is_flag=True, help="Show the file, the version and the checks.")
@JSON_OPTION
def command(verbose: bool, as_json: bool) -> None:
    """List the installed domains and whether they work.

    Each is loaded in a process of its own, so that a broken one affects no other. The exit code
    is 0 even if some are broken. SEQGEN_PLUGINS=a,b hides all other domains from every command.
    """
    out = Output(as_json)
    plugins = installed_plugins()
    if verbose:
        from seqgen import __version__

        python = platform.python_version()
        out.print(f"seqgen {__version__}, plugin API {versions.spoken()}, Python {python}\n")
    width = max(map(len, plugins), default=0)
    examinations = []
    for examination in examine_all(plugins):
        examinations.append(examination)
        out.print(_line(examination, width))
        if verbose:
            _print_details(out, examination)
        for note in examination.notes:
            out.notice(f"{examination.plugin} {note}")
    out.json([_to_json(examination) for examination in examinations])
    if not plugins:
        out.print("No domains are installed. Install a plugin, or run a file: seqgen run FILE.py")
    _print_hidden(out)


def _line(examination: Examination, width: int) -> str:
    plugin = examination.plugin
    distribution = f"  ({plugin.distribution} {plugin.version})"
    if not examination.broken:
        return f"{plugin.name:<{width}}  {examination.summary}{distribution}"
    # The reason may name all distributions that claim a name.
    suffix = "" if str(plugin) in examination.broken else distribution
    return f"{plugin.name:<{width}}  BROKEN: {examination.broken}{suffix}"


def _print_details(out: Output, examination: Examination) -> None:
    plugin, passed = examination.plugin, len(examination.checks)
    seconds = examination.seconds
    details = {
        "distribution": f"{plugin.distribution} {plugin.version}",
        "entry point": f"{plugin.name} = {printable(plugin.module)}",
        "file": printable(examination.file) or "not found",
        "requires": plugin.requires or "any version of seqgen",
        "plugin API": examination.api,
        "loaded in": None if seconds is None else f"{seconds:.2f} s",
    }
    for key, value in details.items():
        if value is not None:
            out.print(f"  {key:<12}  {value}")
    for place, check in enumerate(CHECKS[: passed + bool(examination.broken)]):
        out.print(f"  {'ok' if place < passed else 'FAILED':<12}  {check}")
    out.print()


def _print_hidden(out: Output) -> None:
    allowed = allowed_names()
    if allowed is None:
        return
    installed = set(installed_plugins(restricted=False))
    hidden, unknown = sorted(installed - allowed), sorted(allowed - installed)
    if hidden:
        out.notice(f"hidden by {ALLOWED}: {', '.join(hidden)}")
    if unknown:
        out.notice(f"{ALLOWED} names domains that are not installed: {', '.join(unknown)}")


def _to_json(examination: Examination) -> dict[str, object]:
    plugin = examination.plugin
    return {
        "name": plugin.name,
        "summary": examination.summary or plugin.summary,
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
