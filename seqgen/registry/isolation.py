"""Check installed plugins: each is loaded in a separate process, with a time limit."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, final

from seqgen.registry.isolated_child import MARK
from seqgen.registry.registry import Plugin, clash

#: Seconds after which a plugin counts as hanging.
LIMIT = 20.0
#: Additional seconds for Python itself to start and end, on a busy machine.
GRACE = 30.0
#: Number of plugins that are loaded at the same time.
AT_ONCE = 4
#: The code of the child. It searches modules where this process does, not in its folder (-P).
CHILD = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path']; "
    "from seqgen.registry.isolated_child import load_isolated; load_isolated(job)"
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
        passed: The checks of ``loading.CHECKS`` that it passed, in their order.
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
    limit = LIMIT if limit is None else limit
    listed = list_plugins(plugins)
    for first in range(0, len(listed), AT_ONCE):
        running = [
            (status, None if status.error else _start(status.plugin, limit))
            for status in listed[first : first + AT_ONCE]
        ]
        try:
            for status, process in running:
                yield status if process is None else _finish(status.plugin, process, limit)
        finally:
            for _, process in running:
                if process is not None:
                    _end(process)


def _start(plugin: Plugin, limit: float) -> subprocess.Popen[str]:
    job = {"plugin": asdict(plugin), "path": sys.path, "limit": limit}
    # With SEQGEN_RAISE the child would print a traceback and no reason.
    environment = {key: value for key, value in os.environ.items() if key != "SEQGEN_RAISE"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        start_new_session=True,  # a group, which is ended with all that the plugin starts
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it has ended; its exit code says more
        process.stdin.write(json.dumps(job))
        process.stdin.close()
    process.stdin = None
    return process


def _finish(plugin: Plugin, process: subprocess.Popen[str], limit: float) -> PluginStatus:
    try:
        output, _ = process.communicate(timeout=limit + GRACE)
    except subprocess.TimeoutExpired:
        return PluginStatus(plugin, f"{plugin} did not load within {limit:g} s")
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
