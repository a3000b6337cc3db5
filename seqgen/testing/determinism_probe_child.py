"""The probe: loads a domain in a new process and writes the result of each step as JSON.

Run as ``python -m seqgen.testing.determinism_probe_child DOMAIN FOLDER RESULT``. The folder is
empty; the home, temporary and current folders are next to it, so that files written there are
found.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: The folder for items; no other folder of a computer has this name.
OUT = "seqgen-check-out"
#: The receipt of an item, by its place.
RECEIPT = '{{"receipt": "seqgen check {}"}}'
#: How many items are written.
ITEMS = 3
#: Audit events that create, change or remove a path, with the position of the path.
WRITE_EVENTS = {
    "os.mkdir": 0,
    "os.rename": 1,
    "os.remove": 0,
    "os.rmdir": 0,
    "os.link": 1,
    "os.symlink": 1,
    "os.truncate": 0,
}
#: The content of an empty and of a meaningless file.
BAD_DATA = {"empty": b"", "junk": bytes(range(256)) * 4}


class Steps:
    """The steps of the probe.

    Args:
        target: The domain's name or its file.
        folder: An empty folder.
    """

    def __init__(self, target: str, folder: Path) -> None:
        self._target, self._folder = target, folder
        #: ``{"value": ...}`` or ``{"error": ...}`` by the name of a step.
        self.results: dict[str, dict[str, Any]] = {}
        self._domain: Any = None
        self._items: Any = ()

    def run(self) -> None:
        """Run every step whose earlier steps have not failed."""
        if self._run("load", self._load):
            self._run("modules", lambda: sorted(sys.modules))
            if self._run("corpus", self._load_corpus):
                self._run("fit", lambda: self._encoder().fit(self._items).fingerprint())
                if self._domain.write is not None:
                    self._run("write", self._write)
            self._run("bad_data", self._read_bad_data)

    def _run(self, name: str, step: Callable[[], Any]) -> bool:
        try:
            self.results[name] = {"value": step()}
        except (Exception, SystemExit) as error:
            self.results[name] = {"error": _describe(error)}
        return "value" in self.results[name]

    def _load(self) -> None:
        from seqgen.registry.installed_plugins import load_domain

        self._domain = load_domain(self._target).domain
        self._domain.generation_options()
        self._encoder()

    def _encoder(self) -> Any:
        return self._domain.encoder(self._domain.encoding_options())

    def _load_corpus(self) -> None:
        from seqgen.domains.domain import load_corpus

        self._items = load_corpus(self._domain, None).items

    def _write(self) -> dict[str, list[str]]:
        """Write a few items; return their paths, and those of files outside of the folder."""
        changed: set[str] = set()
        auditing = True

        def audit(event: str, values: tuple[Any, ...]) -> None:
            if auditing:
                changed.update(_changed_paths(event, values))

        sys.addaudithook(audit)
        # Libraries written in C open files without audit events: new files are searched for.
        base, out = self._folder.parent, self._folder / OUT
        before = _files(base)
        items = self._items[:ITEMS]
        receipts = [RECEIPT.format(place) for place in range(len(items))]
        paths = [str(path) for path in self._domain.write(items, out, receipts)]
        auditing = False
        outside = [
            path
            for path in sorted(changed | (_files(base) - before))
            if os.path.lexists(path)
            and not (Path(path).is_relative_to(out) or path.startswith("/dev/"))
        ]
        return {"paths": paths, "outside": outside}

    def _read_bad_data(self) -> dict[str, str]:
        """Read files without valid content; return the errors that are no SeqgenError."""
        from seqgen.domains.domain import load_corpus
        from seqgen.errors import SeqgenError

        errors = {}
        for suffix in self._domain.suffixes or (".txt",):
            for name, content in BAD_DATA.items():
                path = self._folder / f"{name}{suffix}"
                path.write_bytes(content)
                try:
                    load_corpus(self._domain, path)
                except SeqgenError:
                    continue
                except Exception as error:
                    errors[path.name] = _describe(error)
        return errors


def _describe(error: BaseException) -> str:
    from seqgen.registry.load_plugin import error_place

    return f"{type(error).__name__}: {error}{error_place(error)}"


def _files(base: Path) -> set[str]:
    return {str(path) for path in base.rglob("*") if path.is_file()}


def _changed_paths(event: str, values: tuple[Any, ...]) -> list[str]:
    """Return the absolute path that an audit event changes; an empty list if it changes none."""
    if event == "open":
        path, mode, flags = values
        writes = set(mode) & set("wax+") if isinstance(mode, str) else flags & 3
    else:
        path, writes = values[WRITE_EVENTS[event]] if event in WRITE_EVENTS else None, True
    if not writes or not isinstance(path, str | bytes | os.PathLike):
        return []
    if event == "os.mkdir" and os.path.lexists(path):
        return []
    absolute = Path(os.fsdecode(path))
    return [str(absolute.parent.resolve() / absolute.name)]


if __name__ == "__main__":
    steps = Steps(sys.argv[1], Path(sys.argv[2]))
    steps.run()
    Path(sys.argv[3]).write_text(json.dumps(steps.results), encoding="utf-8")
