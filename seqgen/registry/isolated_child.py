"""The process that loads one plugin for ``isolation`` and reports the result as JSON."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from typing import Any, NoReturn, TextIO, final

from seqgen.errors import PluginError
from seqgen.registry.loading import frames_place
from seqgen.registry.registry import LoadedDomain, Plugin, load_plugin


@final
class _Recorder(io.TextIOBase):
    """A stdout that keeps the first characters written to it."""

    def __init__(self) -> None:
        self.start = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.start = (self.start + text)[:40]
        return len(text)


def load_isolated(job: Mapping[str, Any]) -> None:
    """Load a plugin, write a ``PluginStatus`` to stdout as JSON, and end this process.

    Args:
        job: ``plugin``, the fields of a ``Plugin``; ``limit``, the time limit in seconds.
    """
    results, printed = _take_stdout(), _Recorder()
    sys.stdout = printed
    plugin, passed = Plugin(**job["plugin"]), list[str]()
    start = time.perf_counter()

    def report(error: str, loaded: LoadedDomain | None = None) -> NoReturn:
        result: dict[str, Any] = {"error": error, "passed": passed, "file": _module_file(plugin)}
        if loaded is not None:
            domain, seconds = loaded.domain, time.perf_counter() - start
            result |= {"api": domain.api, "suffixes": domain.suffixes, "summary": domain.summary}
            result |= {"seconds": seconds, "notes": _notes(printed)}
        json.dump(result, results)
        results.flush()
        os._exit(0)  # without the threads and exit handlers of the plugin

    def report_hanging() -> None:
        main = sys._current_frames()[threading.main_thread().ident or 0]
        place = frames_place(traceback.extract_stack(main))
        report(f"{plugin} did not load within {job['limit']:g} s{place}")

    timer = threading.Timer(job["limit"], report_hanging)
    timer.daemon = True
    timer.start()
    try:
        loaded = load_plugin(plugin, passed.append)
    except PluginError as error:
        timer.cancel()
        report(str(error))
    timer.cancel()
    report("", loaded)


def _take_stdout() -> TextIO:
    """Return the real stdout, and give all other code an empty stdin and no stdout."""
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return results


def _notes(printed: _Recorder) -> list[str]:
    if not printed.start:
        return []
    return [
        f"writes to stdout when it is imported ({printed.start!r}...); seqgen sends it to stderr: "
        "write nothing, or use logging"
    ]


def _module_file(plugin: Plugin) -> str:
    """The file of a plugin's module, or else of its top package."""
    name = plugin.module.partition(":")[0]
    file = getattr(sys.modules.get(name), "__file__", None)
    try:
        spec = None if file else importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        spec = None
    return str(file or (spec.origin if spec else "") or "")
