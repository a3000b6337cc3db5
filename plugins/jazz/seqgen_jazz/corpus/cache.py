"""The cache of read files: an entry each, named by the hash of what was read."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from io import FileIO
from itertools import repeat
from pathlib import Path
from typing import Any, Final, final

from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.raw_tune import Answer, FileRead

#: Raised whenever any reader gives other notes or chords for the same file, or the form changes.
READER_VERSION: Final = 10
#: The types of the numbers of notes, by ``array``: 16 and 32 bits.
_SHORT: Final = "H"
_LONG: Final = "I"
#: How a note is made of a tuple that has its length: quicker than of three numbers.
_NEW: Final[Callable[[type[Note], tuple[int, int, int]], Note]] = tuple.__new__


def dump(answer: Answer) -> bytes:
    """The stored form: a line of JSON and behind it the numbers of all notes, for as text their
    parsing alone would take longer than all the rest.
    """
    if isinstance(answer, str):
        return json.dumps({"error": answer}).encode()
    told: list[dict[str, Any]] = []
    numbers = b""
    for solo in answer.solos:
        kind, own = _dump_notes(solo.notes)
        labels = {"title": solo.title, "tempo": solo.tempo, "chart_title": solo.chart.title}
        told.append({**labels, **_dump_bars(solo.chart), "kind": kind, "bytes": len(own)})
        numbers += own
    head = {"solos": told, "skipped": answer.skipped, "counts": dict(answer.counts)}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + numbers


def load(content: bytes) -> Answer:
    """Read ``dump``'s form back, with titles and tempos. It was held against its promises when it
    was read; whoever keeps it tells whether it has changed since, as the cache by a digest.

    Raises:
        KeyError, TypeError, ValueError: It is no such form.
    """
    line, _, numbers = content.partition(b"\n")
    head = json.loads(line)
    if "error" in head:
        return str(head["error"])
    solos = []
    start = 0
    for told in head["solos"]:
        chart = Chart(_load_bars(told), told["chart_title"])
        end = start + told["bytes"]
        notes = _load_notes(told["kind"], numbers[start:end])
        solos.append(Solo(chart, notes, told["title"], told["tempo"]))
        start = end
    skipped = tuple((what, why) for what, why in head["skipped"])
    return FileRead(tuple(solos), skipped, Counter(head["counts"]))


def _dump_notes(notes: Sequence[Note]) -> tuple[str, bytes]:
    """The type of the numbers, and onset, duration and pitch of each note."""
    plain = [number for note in notes for number in note]
    kind = _SHORT if max(plain, default=0) < 1 << 16 else _LONG
    return kind, _little_endian(array(kind, plain)).tobytes()


def _load_notes(kind: str, content: bytes) -> tuple[Note, ...]:
    numbers = iter(_little_endian(array(kind, content)))
    return tuple(map(_NEW, repeat(Note), zip(numbers, numbers, numbers, strict=True)))


def _little_endian(numbers: array[int]) -> array[int]:
    """Numbers from the machine's order of bytes to that of the stored form, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _dump_bars(chart: Chart) -> dict[str, Any]:
    """The distinct chords; the distinct bars, each as its meter and its changes, a chord as its
    place among them; and the place of each bar among the bars."""
    chords: dict[str, int] = {}
    bars: dict[Bar, int] = {}
    order = [bars.setdefault(bar, len(bars)) for bar in chart.bars]
    written = [
        (bar.meter, [(at, chords.setdefault(str(c), len(chords))) for at, c in bar.changes])
        for bar in bars
    ]
    return {"chords": list(chords), "bars": written, "order": order}


def _load_bars(told: dict[str, Any]) -> tuple[Bar, ...]:
    chords = [parse_chord(text) for text in told["chords"]]
    bars = [
        Bar(tuple([(at, chords[place]) for at, place in changes]), (beats, unit))
        for (beats, unit), changes in told["bars"]
    ]
    return tuple(map(bars.__getitem__, told["order"]))


_FOLDER_VARIABLE: Final = "SEQGEN_CACHE"
#: An entry is a line with the digest of the stored form that follows it.
_ENDING: Final = ".entry"
#: Bytes of a file that are read at once.
_PART: Final = 1 << 16


def cache_folder() -> Path:
    """``jazz`` in the folder named by SEQGEN_CACHE, else in the user's cache folder."""
    named = os.environ.get(_FOLDER_VARIABLE)
    if named:
        return Path(named) / "jazz"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("seqgen")) / "jazz"


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


@final
class ReadCache:
    """Answers of the readers by file content, name and reader version.

    A damaged entry counts as none, and a folder that cannot be written only costs time:
    ``trouble`` then says so.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.trouble = ""

    def key(self, path: Path, choice: str = "") -> str:
        """The name of a file's entry; its own name counts, for it may give the title.

        What was chosen for it counts too.

        Raises:
            OSError: The file cannot be read.
        """
        digest = hashlib.sha256(f"{READER_VERSION}\n{path.name}\n{choice}\n".encode())
        with FileIO(path) as file:
            while part := file.read(_PART):
                digest.update(part)
        return digest.hexdigest()

    def get(self, key: str) -> Answer | None:
        """What a file gave or why nothing; None when no whole answer is kept under its key."""
        try:
            with FileIO(self._entry(key)) as file:
                digest, _, content = file.read().partition(b"\n")
            return load(content) if digest == _digest(content) else None
        except Exception:  # whatever is wrong with an entry, reading the file again mends it
            return None

    def put(self, key: str, content: bytes) -> None:
        """Keep the stored form of an answer: written beside its place, then moved there whole."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(number, "wb") as file:
                file.write(_digest(content) + b"\n" + content)
            Path(name).replace(self._entry(key))
        except OSError as error:
            self.trouble = f"not written ({error.strerror or error})"

    def _entry(self, key: str) -> str:
        return f"{self._folder}{os.sep}{key}{_ENDING}"
