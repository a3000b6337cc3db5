"""The cache of read files: one JSON file each, named by the hash of what was read."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Final, final

from seqgen_jazz.reading.raw import FileRead
from seqgen_jazz.reading.record import READER_VERSION, load

_FOLDER_VARIABLE: Final = "SEQGEN_CACHE"


def cache_folder() -> Path:
    """``jazz`` in the folder named by SEQGEN_CACHE, else in the user's cache folder."""
    named = os.environ.get(_FOLDER_VARIABLE)
    if named:
        return Path(named) / "jazz"
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("seqgen")) / "jazz"


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
        seed = f"{READER_VERSION}\n{path.name}\n{choice}\n".encode()
        with path.open("rb") as file:
            return hashlib.sha256(seed + hashlib.file_digest(file, "sha256").digest()).hexdigest()

    def get(self, key: str) -> FileRead | str | None:
        """What a file gave or why nothing; None when no whole answer is kept under its key."""
        try:
            answer = json.loads((self._folder / f"{key}.json").read_text("utf-8"))
            return load(answer["read"]) if "read" in answer else str(answer["error"])
        except Exception:  # whatever is wrong with an entry, reading the file again mends it
            return None

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer: written beside its place, then moved there whole."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(answer, file)
            Path(name).replace(self._folder / f"{key}.json")
        except OSError as error:
            self.trouble = f"not written ({error.strerror or error})"
