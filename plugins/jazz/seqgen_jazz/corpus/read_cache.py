"""The cache of read files: one entry per file, named by the hash of its content."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from array import array
from collections import Counter
from io import BytesIO, FileIO
from itertools import repeat
from pathlib import Path
from typing import Any, Final, final

from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.errors import SkipReason
from seqgen_jazz.readers.raw_tune import Count, FileRead, SkippedTune

#: Raised whenever a reader returns other notes or chords for the same file, or the format changes.
READER_VERSION: Final = 12
_FOLDER_VARIABLE: Final = "SEQGEN_CACHE"
#: Bytes of a file that are read at a time.
_BLOCK: Final = 1 << 16


def _make_solo(chart: Chart, numbers: bytes, title: str, tempo: float) -> Solo:
    """A solo from the numbers of all its notes."""
    flat = iter(array("I", numbers))
    notes = zip(flat, flat, flat, strict=True)
    # Faster than Note(*note): a corpus has very many.
    return Solo(chart, tuple(map(tuple.__new__, repeat(Note), notes)), title, tempo)


#: The types in an entry; loading it calls nothing else.
_TYPES: Final[dict[str, Any]] = {
    entry.__name__: entry
    for entry in (
        *(FileRead, SkippedTune, SkipReason, Count, Counter, Chart, Bar, parse_chord),
        _make_solo,
    )
}


@final
class _Pickler(pickle.Pickler):
    """Chords as text, notes as numbers, equal bars once: as objects they take longer to load."""

    def reducer_override(self, obj: object) -> Any:
        if isinstance(obj, Chord):
            return parse_chord, (str(obj),)
        if isinstance(obj, Bar):
            return Bar, (obj.changes, obj.meter)
        if isinstance(obj, Chart):
            unique: dict[Bar, Bar] = {}
            return Chart, (tuple(unique.setdefault(bar, bar) for bar in obj.bars), obj.title)
        if isinstance(obj, Solo):
            numbers = array("I", [number for note in obj.notes for number in note])
            return _make_solo, (obj.chart, numbers.tobytes(), obj.title, obj.tempo)
        return NotImplemented


@final
class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return _TYPES[name]


def dump(read: FileRead) -> bytes:
    """The stored form of a file."""
    buffer = BytesIO()
    _Pickler(buffer, protocol=5).dump(read)
    return buffer.getvalue()


def load(content: bytes) -> FileRead:
    """The inverse of ``dump``, with titles and tempos.

    Raises an error of any kind if the content has another form.
    """
    read = _Unpickler(BytesIO(content)).load()
    if not isinstance(read, FileRead):
        raise TypeError(f"not a FileRead: {type(read).__name__}")
    return read


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
