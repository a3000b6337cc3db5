"""The examination: loads every plugin in a process of its own, with a limit of time."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

from seqgen.registry.loading import is_own
from seqgen.registry.registry import Plugin, clash

#: A plugin that has not loaded after so many seconds counts as one that hangs.
LIMIT = 20.0
#: For starting Python itself and for ending, on a busy machine.
GRACE = 30.0
#: So many plugins are examined at the same time.
AT_ONCE = 4
#: Nothing but the job decides what is imported: not the current folder (-P), not a first entry.
CHILD = (
    "import json, sys; job = json.load(sys.stdin); sys.path[:] = job['path']; "
    "from seqgen.registry.isolated_child import examine; examine(job)"
)
FRAME = re.compile(r'File "(.+)", line (\d+)')


@final
@dataclass(frozen=True, slots=True)
class Examination:
    """What came of loading one plugin.

    Args:
        plugin: Which.
        broken: Why it cannot be used, in one line; empty when it can.
        checks: The checks of ``loading.CHECKS`` that it has passed, in their order.
        notes: What its author should mend although it works.
        file: Where its package or module lies; empty where there is none.
        api: The plugin API that it is written for; None where it did not come to that.
        seconds: How long it took to load; None where it did not.
        suffixes: The file name endings that its domain reads.
        summary: The summary of its domain; empty where there is none.
    """

    plugin: Plugin
    broken: str = ""
    checks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    file: str = ""
    api: int | None = None
    seconds: float | None = None
    suffixes: tuple[str, ...] = ()
    summary: str = ""


def examine_all(
    plugins: dict[str, list[Plugin]], limit: float | None = None
) -> Iterator[Examination]:
    """Load every plugin apart from this process, and tell of each in the order given.

    A plugin that raises, hangs, writes to stdout or ends its process harms no other and not
    the process that calls. Where several distributions claim a name, none of them is loaded.

    Args:
        plugins: By name, as ``installed_plugins`` gives them.
        limit: How many seconds each may take to load; ``LIMIT`` when not given.
    """
    limit = LIMIT if limit is None else limit
    every = [(plugin, claims) for claims in plugins.values() for plugin in claims]
    alone = [plugin for plugin, claims in every if len(claims) == 1]
    running: list[subprocess.Popen[str]] = []
    ended = 0
    try:
        for plugin, claims in every:
            if len(claims) > 1:
                yield Examination(plugin, clash(claims))
                continue
            for ahead in alone[len(running) : ended + AT_ONCE]:
                running.append(_start(ahead, limit))
            yield _finish(plugin, running[ended], limit)
            ended += 1
    finally:
        for process in running:
            _end(process)


def _start(plugin: Plugin, limit: float) -> subprocess.Popen[str]:
    job = {"plugin": asdict(plugin), "path": sys.path, "limit": limit}
    # With SEQGEN_RAISE there would be a traceback where the reason is wanted.
    environment = {key: value for key, value in os.environ.items() if key != "SEQGEN_RAISE"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env=environment,
        start_new_session=True,  # so that what the plugin itself starts can be ended with it
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it ended already; its exit code tells more
        process.stdin.write(json.dumps(job))
        process.stdin.close()
    process.stdin = None
    return process


def _finish(plugin: Plugin, process: subprocess.Popen[str], limit: float) -> Examination:
    try:
        said, _ = process.communicate(timeout=limit + GRACE)
    except subprocess.TimeoutExpired:
        return Examination(plugin, f"{plugin} did not load within {limit:g} s")
    try:
        result: dict[str, Any] = json.loads(said)
    except ValueError:
        return Examination(plugin, _cut_short(plugin, said, process.returncode, limit))
    for key in ("checks", "notes", "suffixes"):
        result[key] = tuple(result[key])
    return Examination(plugin, **result)


def _cut_short(plugin: Plugin, said: str, code: int, limit: float) -> str:
    """Why there is no result: the time was over, or the plugin ended the process."""
    if "Timeout (" not in said:
        return f"{plugin} ended the process that loaded it (exit code {code})"
    frames = [(file, line) for file, line in FRAME.findall(said) if is_own(file)]
    at = f"; it was at {Path(frames[0][0]).name}, line {frames[0][1]}" if frames else ""
    return f"{plugin} did not load within {limit:g} s{at}"


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
