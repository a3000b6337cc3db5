"""The other end of the examination: loads one plugin in a process of its own, and tells of it."""

from __future__ import annotations

import faulthandler
import importlib.util
import io
import json
import os
import sys
import time
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, TextIO, final

from seqgen.errors import PluginError
from seqgen.registry.registry import LoadedDomain, Plugin, load_plugin
from seqgen.registry.versions import SeqgenDeprecation


@final
class _Heard(io.TextIOBase):
    """A stdout that keeps the first characters written to it."""

    def __init__(self) -> None:
        self.start = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.start = (self.start + text)[:40]
        return len(text)


def examine(job: Mapping[str, Any]) -> None:
    """Load a plugin, write what came of it to stdout as JSON, and end this process.

    Args:
        job: ``plugin``, the fields of a ``Plugin``; ``limit``, the seconds after which the
            traceback of what hangs is written instead.
    """
    results = _take_stdout()
    heard = _Heard()
    sys.stdout = heard
    faulthandler.dump_traceback_later(job["limit"], exit=True, file=results)
    plugin = Plugin(**job["plugin"])
    checks: list[str] = []
    broken, loaded = "", None
    start = time.perf_counter()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", SeqgenDeprecation)
        try:
            loaded = load_plugin(plugin, checks.append)
        except PluginError as error:
            broken = str(error)
    seconds = time.perf_counter() - start
    faulthandler.cancel_dump_traceback_later()
    result = {
        "broken": broken,
        "checks": checks,
        "notes": _notes(heard, warned),
        "file": _file(plugin),
        **_of_domain(loaded),
        "seconds": seconds if loaded else None,
    }
    json.dump(result, results)
    results.flush()
    os._exit(0)  # whatever threads and exit handlers the plugin has left behind


def _take_stdout() -> TextIO:
    """The real stdout for this module alone; for everything else, nothing is there."""
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return results


def _notes(heard: _Heard, warned: Iterable[warnings.WarningMessage]) -> list[str]:
    notes = [str(w.message) for w in warned if issubclass(w.category, SeqgenDeprecation)]
    if heard.start:
        notes.append(
            f"writes to stdout when it is imported ({heard.start!r}...); seqgen sends that to "
            "stderr, write nothing or use logging"
        )
    return notes


def _of_domain(loaded: LoadedDomain | None) -> dict[str, Any]:
    if loaded is None:
        return {"api": None, "suffixes": [], "summary": ""}
    domain = loaded.domain
    return {"api": domain.api, "suffixes": domain.suffixes, "summary": domain.summary}


def _file(plugin: Plugin) -> str:
    """Where a plugin lies: the file of its module, or else of its top package."""
    name = plugin.module.partition(":")[0]
    file = getattr(sys.modules.get(name), "__file__", None)
    try:
        spec = None if file else importlib.util.find_spec(name.partition(".")[0])
    except (ImportError, ValueError, AttributeError):
        spec = None
    return str(file or (spec.origin if spec else "") or "")
