"""seqgen plugins: the installed domains and whether they work."""

from __future__ import annotations

import platform

import click

from seqgen.cli import options
from seqgen.cli.console_output import Output
from seqgen.registry.check_plugins import PluginStatus, check_plugins, list_plugins
from seqgen.registry.installed_plugins import ALLOWED, allowed_names, installed_plugins
from seqgen.registry.load_plugin import CHECKS, printable


@click.command("plugins")
@click.option(
    "-v", "--verbose", is_flag=True, help="Load each one, and show its file, version and checks."
)
@options.JSON
def command(verbose: bool, as_json: bool) -> None:
    """List the installed domains, with --verbose also whether they work.

    The list imports no plugin: it shows what the packages say of themselves. With --verbose each
    is loaded in a process of its own, so that a broken one affects no other. The exit code is 0
    even if some are broken. SEQGEN_PLUGINS=a,b hides all other domains from every command.
    """
    out = Output(as_json)
    plugins = installed_plugins()
    if verbose:
        from seqgen import API_VERSION, __version__

        python = platform.python_version()
        out.print(f"seqgen {__version__}, plugin API {API_VERSION}, Python {python}\n")
    width = max(map(len, plugins), default=0)
    found = []
    for status in check_plugins(plugins) if verbose else list_plugins(plugins):
        out.print(_line(status, width))
        if verbose:
            _print_details(out, status)
        for note in status.notes:
            out.notice(f"{status.plugin} {note}")
        found.append(_to_json(status, verbose))
    out.json(found)
    if not plugins:
        out.print("No domains are installed. Install a plugin, or run a file: seqgen run FILE.py")
    _print_hidden(out)


def _line(status: PluginStatus, width: int) -> str:
    plugin = status.plugin
    distribution = f"  ({plugin.distribution} {plugin.version})"
    if not status.error:
        return f"{plugin.name:<{width}}  {status.summary or plugin.summary}{distribution}"
    return f"{plugin.name:<{width}}  BROKEN: {status.error}{distribution}"


def _print_details(out: Output, status: PluginStatus) -> None:
    plugin, passed = status.plugin, len(status.passed)
    seconds = status.seconds
    details = {
        "distribution": f"{plugin.distribution} {plugin.version}",
        "entry point": f"{plugin.name} = {printable(plugin.module)}",
        "file": printable(status.file) or "not found",
        "requires": plugin.requires or "any version of seqgen",
        "plugin API": status.api,
        "loaded in": None if seconds is None else f"{seconds:.2f} s",
    }
    for key, value in details.items():
        if value is not None:
            out.print(f"  {key:<12}  {value}")
    for place, check in enumerate(CHECKS[: passed + bool(status.error)]):
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


def _to_json(status: PluginStatus, verbose: bool) -> dict[str, object]:
    plugin = status.plugin
    metadata: dict[str, object] = {
        "name": plugin.name,
        "summary": status.summary or plugin.summary,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "module": plugin.module,
        "requires": plugin.requires,
        "broken": status.error,
    }
    if not verbose:
        return metadata
    return metadata | {
        "works": not status.error,
        "notes": list(status.notes),
        "file": status.file,
        "api": status.api,
        "seconds": status.seconds,
        "checks": list(status.passed),
    }
