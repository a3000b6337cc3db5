"""The cache of read files: an entry each, named by the hash of what was read."""

from __future__ import annotations

import hashlib
import os
import tempfile
from io import FileIO
from pathlib import Path
from typing import Final, final

from seqgen_jazz.reading.raw import Answer
from seqgen_jazz.reading.record import READER_VERSION, load

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
