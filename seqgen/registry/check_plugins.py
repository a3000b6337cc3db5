"""Check installed plugins: each is loaded in a separate process, with a time limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, final

from seqgen.registry.check_plugin_subprocess import MARK
from seqgen.registry.installed_plugins import Plugin, clash

#: Seconds after which a plugin counts as hanging.
LIMIT = 20.0
#: Additional seconds for Python itself to start and end, on a busy machine.
GRACE = 30.0
#: Number of plugins that are loaded at the same time.
AT_ONCE = 4
#: The code of the child. It searches modules where this process does, not in its folder (-P).
CHILD = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path']; "
    "from seqgen.registry.check_plugin_subprocess import load_isolated; load_isolated(job)"
)
#: How much of a plugin's output to stdout is quoted, in characters.
QUOTED = 40


@final
@dataclass(frozen=True, slots=True)
class PluginStatus:
    """What is known of one plugin. All fields from ``passed`` on need ``check_plugins``.

    Args:
        plugin: The plugin.
        error: Why it cannot be used, in one line; empty if it can.
        passed: The checks of ``load_plugin.CHECKS`` that it passed, in their order.
        notes: What its author should fix although it works.
        file: The file of its module; empty if there is none.
        api: The plugin API that it is written for; None if it did not load.
        seconds: The loading time; None if it did not load.
        suffixes: The file name suffixes that its domain reads.
        summary: The summary of its domain; empty if it did not load.
    """

    plugin: Plugin
    error: str = ""
    passed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: str = ""
    api: int | None = None
    seconds: float | None = None
    suffixes: tuple[str, ...] = ()
    summary: str = ""


def list_plugins(plugins: dict[str, list[Plugin]]) -> list[PluginStatus]:
    """Return what the metadata alone say of ``installed_plugins()``. Nothing is imported."""
    return [
        PluginStatus(plugin, clash(claims) if len(claims) > 1 else plugin.error)
        for claims in plugins.values()
        for plugin in claims
    ]


def check_plugins(
    plugins: dict[str, list[Plugin]], limit: float | None = None
) -> Iterator[PluginStatus]:
    """Load every plugin of ``installed_plugins()`` in a separate process, in the same order.

    A plugin that raises, hangs, writes to stdout or ends its process affects neither the others
    nor this process. If several distributions claim a name, none of them is loaded.

    Args:
        plugins: The plugins by name.
        limit: The time limit for each plugin in seconds; ``LIMIT`` by default.
    """
    seconds = LIMIT if limit is None else limit
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(
            lambda status: status if status.error else _load(status.plugin, seconds),
            list_plugins(plugins),
        )


def _load(plugin: Plugin, limit: float) -> PluginStatus:
    job = {"plugin": asdict(plugin), "path": sys.path, "limit": limit}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        # With SEQGEN_RAISE the child would print a traceback and no reason.
        env={key: value for key, value in os.environ.items() if key != "SEQGEN_RAISE"},
        start_new_session=True,  # a group, which is ended with all that the plugin starts
    )
    try:
        output, _ = process.communicate(json.dumps(job), timeout=limit + GRACE)
    except subprocess.TimeoutExpired:
        return PluginStatus(plugin, f"{plugin} did not load within {limit:g} s")
    finally:
        _end(process)
    printed, mark, result = output.rpartition(MARK)
    if not mark:
        code = process.returncode
        return PluginStatus(plugin, f"{plugin} ended the process that loaded it (exit code {code})")
    fields: dict[str, Any] = json.loads(result)
    for name in ("passed", "suffixes"):
        fields[name] = tuple(fields.get(name, ()))
    if printed:
        note = (
            f"writes to stdout when it is imported ({printed[:QUOTED]!r}...); seqgen sends it to "
        )
        fields["notes"] = (f"{note}stderr: write nothing, or use logging",)
    return PluginStatus(plugin, **fields)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
