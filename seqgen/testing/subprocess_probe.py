"""The probe: loads a domain in a fresh process and tells what happened, step by step, as JSON.

``python -m seqgen.testing.subprocess_probe DOMAIN FOLDER ANSWER``: the folder is fresh, and beside it lie
a fresh home, temporary and current folder, so that whatever is written elsewhere is found.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqgen.domains.domain import Corpus
    from seqgen.domains.encoder import Encoder
    from seqgen.registry.registry import LoadedDomain

#: The folder that items are written to; no path of a computer holds this name already.
OUT = "seqgen-check-out"
#: The line that goes with an item, by its place.
RECEIPT = '{{"receipt": "seqgen check {}"}}'
#: So many items are written.
ITEMS = 3
#: Events of Python's audit that make, change or remove what their argument of this number names.
CHANGES = {
    "os.mkdir": 0,
    "os.rename": 1,
    "os.remove": 0,
    "os.rmdir": 0,
    "os.link": 1,
    "os.symlink": 1,
    "os.truncate": 0,
}
#: What an empty and a meaningless file hold.
BAD_DATA = {"empty": b"", "junk": bytes(range(256)) * 4}


def main(target: str, folder: Path) -> dict[str, Any]:
    """What each step gave: its value, or the error that ended it."""
    told: dict[str, Any] = {}
    loaded = _step(told, "load", lambda: _load(target, told))
    if loaded is None:
        return told
    corpus = _step(told, "corpus", lambda: _corpus(loaded))
    if corpus is not None:
        _step(told, "fit", lambda: _encoder(loaded).fit(corpus.items).fingerprint())
        if loaded.domain.write is not None:
            _step(told, "write", lambda: _write(loaded, corpus.items[:ITEMS], folder))
    _step(told, "bad_data", lambda: _bad_data(loaded, folder))
    return told


def _step(told: dict[str, Any], name: str, act: Callable[[], Any]) -> Any:
    from seqgen.registry.loading import error_place

    try:
        value = act()
    except (Exception, SystemExit) as error:
        told[name] = {"error": f"{type(error).__name__}: {error}{error_place(error)}"}
        return None
    told[name] = {"value": value if isinstance(value, dict | list | str) else ""}
    return value


def _load(target: str, told: dict[str, Any]) -> LoadedDomain:
    from seqgen.registry.registry import load_domain

    loaded = load_domain(target)
    loaded.domain.generation_options()
    _encoder(loaded)
    told["modules"] = {"value": sorted(sys.modules)}
    return loaded


def _encoder(loaded: LoadedDomain) -> Encoder[Any]:
    return loaded.domain.encoder(loaded.domain.encoding_options())


def _corpus(loaded: LoadedDomain) -> Corpus[Any]:
    from seqgen.domains.domain import load_corpus

    return load_corpus(loaded.domain, None, loaded.domain.data_options())


def _write(loaded: LoadedDomain, items: Sequence[Any], folder: Path) -> dict[str, Any]:
    touched: set[str] = set()
    listening = True

    def listen(event: str, values: tuple[Any, ...]) -> None:
        if listening:
            touched.update(_changed(event, values))

    sys.addaudithook(listen)
    assert loaded.domain.write is not None
    # Libraries written in C do not tell Python what they open: their files are looked for.
    out, before = folder / OUT, _files(folder.parent)
    receipts = [RECEIPT.format(place) for place in range(len(items))]
    paths = [str(path) for path in loaded.domain.write(items, out, receipts)]
    listening = False
    touched |= _files(folder.parent) - before
    outside = {path for path in touched if os.path.lexists(path) and not _is_in(path, out)}
    return {"paths": paths, "outside": sorted(outside)}


def _files(base: Path) -> set[str]:
    return {str(path) for path in base.rglob("*") if path.is_file()}


def _is_in(path: str, folder: Path) -> bool:
    return Path(path).is_relative_to(folder) or path.startswith("/dev/")


def _changed(event: str, values: tuple[Any, ...]) -> list[str]:
    """The path that an audited event changes, absolute; none where it changes nothing."""
    if event == "open":
        path, mode, flags = values
        writes = set(mode) & set("wax+") if isinstance(mode, str) else flags & 3
    else:
        path, writes = values[CHANGES[event]] if event in CHANGES else None, True
    if not writes or not isinstance(path, str | bytes | os.PathLike):
        return []
    if event == "os.mkdir" and os.path.lexists(path):
        return []  # asked for, and there already
    named = Path(os.fsdecode(path))
    return [str(named.parent.resolve() / named.name)]


def _bad_data(loaded: LoadedDomain, folder: Path) -> dict[str, str]:
    """What files without sense give: nothing, or the error of each that is no SeqgenError."""
    from seqgen.domains.domain import load_corpus
    from seqgen.errors import SeqgenError
    from seqgen.registry.loading import error_place

    wrong = {}
    suffixes = loaded.domain.suffixes or (".txt",)
    for suffix in suffixes:
        for name, content in BAD_DATA.items():
            path = folder / f"{name}{suffix}"
            path.write_bytes(content)
            try:
                load_corpus(loaded.domain, path, loaded.domain.data_options())
            except SeqgenError:
                continue
            except Exception as error:
                wrong[path.name] = f"{type(error).__name__}: {error}{error_place(error)}"
    return wrong


if __name__ == "__main__":
    answer = main(sys.argv[1], Path(sys.argv[2]))
    Path(sys.argv[3]).write_text(json.dumps(answer), encoding="utf-8")
