"""The cache of read files: one entry per file, named by the hash of its content."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from array import array
from collections import Counter
from io import FileIO
from itertools import islice, repeat
from pathlib import Path
from typing import Any, Final, final

from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.errors import SkipReason
from seqgen_jazz.readers.raw_tune import Count, FileRead, SkippedTune

#: Raised whenever a reader returns other notes or chords for the same file, or the format changes.
READER_VERSION: Final = 13
_FOLDER_VARIABLE: Final = "SEQGEN_CACHE"
#: Bytes of a file that are read at a time.
_BLOCK: Final = 1 << 16


def dump(read: FileRead) -> bytes:
    """The stored form of a file: a line of JSON, then the numbers of all notes as 32-bit integers,
    as parsing them from text would take longer than everything else."""
    solos = []
    numbers = array("I")
    for solo in read.solos:
        solos.append(
            {
                "title": solo.title,
                "tempo": solo.tempo,
                "chart_title": solo.chart.title,
                **_dump_bars(solo.chart),
                "notes": len(solo.notes),
            }
        )
        numbers.extend(number for note in solo.notes for number in note)
    head = {
        "solos": solos,
        "skipped": [(tune.label, tune.message, tune.reason.name) for tune in read.skipped],
        "counts": {count.name: number for count, number in read.counts.items()},
    }
    line = json.dumps(head, separators=(",", ":")).encode()
    return line + b"\n" + _little_endian(numbers).tobytes()


def load(content: bytes) -> FileRead:
    """The inverse of ``dump``, with titles and tempos.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: The content has another form.
    """
    line, _, stored = content.partition(b"\n")
    head = json.loads(line)
    numbers = iter(_little_endian(array("I", stored)))
    notes = zip(numbers, numbers, numbers, strict=True)
    solos = []
    for entry in head["solos"]:
        # Faster than Note(*note): a corpus has very many.
        own = tuple(map(tuple.__new__, repeat(Note), islice(notes, entry["notes"])))
        if len(own) != entry["notes"]:
            raise ValueError("the notes are incomplete")
        chart = Chart(_load_bars(entry), entry["chart_title"])
        solos.append(Solo(chart, own, entry["title"], entry["tempo"]))
    return FileRead(
        tuple(solos),
        tuple(
            SkippedTune(label, message, SkipReason[reason])
            for label, message, reason in head["skipped"]
        ),
        Counter({Count[name]: number for name, number in head["counts"].items()}),
    )


def _little_endian(numbers: array[int]) -> array[int]:
    """Numbers from the byte order of the machine to that of the stored form, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _dump_bars(chart: Chart) -> dict[str, Any]:
    """The distinct chords, the distinct bars with indices of chords, the index of each bar."""
    chords: dict[str, int] = {}
    bars: dict[Bar, int] = {}
    order = [bars.setdefault(bar, len(bars)) for bar in chart.bars]
    distinct = [
        (bar.meter, [(at, chords.setdefault(str(c), len(chords))) for at, c in bar.changes])
        for bar in bars
    ]
    return {"chords": list(chords), "bars": distinct, "order": order}


def _load_bars(entry: dict[str, Any]) -> tuple[Bar, ...]:
    chords = [parse_chord(text) for text in entry["chords"]]
    bars = [
        Bar(tuple([(at, chords[index]) for at, index in changes]), (beats, unit))
        for (beats, unit), changes in entry["bars"]
    ]
    return tuple(map(bars.__getitem__, entry["order"]))


def cache_folder() -> Path:
    """``jazz`` in the folder named by SEQGEN_CACHE, else in the user's cache folder."""
    named = os.environ.get(_FOLDER_VARIABLE)
    if named:
        return Path(named) / "jazz"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("seqgen")) / "jazz"


@final
class ReadCache:
    """Read files by their content, name and the reader version.

    A damaged entry is ignored. If the folder cannot be written, only time is lost: ``problem``
    says so.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problem = ""

    def key(self, path: Path, choice: str = "") -> str:
        """The key of a file: its content, its name (which may be the title) and its choice.

        Raises:
            OSError: The file cannot be read.
        """
        digest = hashlib.sha256(f"{READER_VERSION}\n{path.name}\n{choice}\n".encode())
        with FileIO(path) as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()

    def get(self, key: str) -> FileRead | None:
        """The entry of a key; None if there is no intact one."""
        try:
            with FileIO(self._entry(key)) as file:
                digest, _, content = file.read().partition(b"\n")
            return load(content) if digest == _digest(content) else None
        except Exception:  # a damaged entry: the file is read again
            return None

    def put(self, key: str, content: bytes) -> None:
        """Store the result of ``dump`` atomically."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(number, "wb") as file:
                file.write(_digest(content) + b"\n" + content)
            Path(name).replace(self._entry(key))
        except OSError as error:
            self.problem = f"not written ({error.strerror or error})"

    def _entry(self, key: str) -> str:
        return f"{self._folder}{os.sep}{key}.entry"


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()
