"""The process that loads one plugin for ``check_plugins`` and prints the result."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from seqgen.errors import PluginError
from seqgen.registry.installed_plugins import LoadedDomain, Plugin, load_plugin
from seqgen.registry.load_plugin import frames_place

#: Separates the output of the plugin from the result, which follows it.
MARK = "\nseqgen plugin status: "


def load_isolated(job: Mapping[str, Any]) -> None:
    """Load a plugin, print the fields of its ``PluginStatus`` as JSON, and end this process.

    Args:
        job: ``plugin``, the fields of a ``Plugin``; ``limit``, the time limit in seconds.
    """
    plugin, passed = Plugin(**job["plugin"]), list[str]()
    start = time.perf_counter()

    def report(error: str, loaded: LoadedDomain | None = None) -> NoReturn:
        result: dict[str, Any] = {"error": error, "passed": passed, "file": _module_file(plugin)}
        if loaded is not None:
            domain, seconds = loaded.domain, time.perf_counter() - start
            result |= {"api": domain.api, "suffixes": domain.suffixes, "seconds": seconds}
            result |= {"summary": domain.summary}
        with suppress(Exception):  # the plugin may have replaced it
            sys.stdout.flush()
        os.write(1, f"{MARK}{json.dumps(result)}".encode())
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


def _module_file(plugin: Plugin) -> str:
    """The file of a plugin's module, or else of its top package."""
    name = plugin.module.partition(":")[0]
    file = getattr(sys.modules.get(name), "__file__", None)
    try:
        spec = None if file else importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        spec = None
    return str(file or (spec.origin if spec else "") or "")
