"""Files: written whole or not at all, and read with limits that keep bad input harmless."""

from __future__ import annotations

import csv
import errno
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqgen.errors import DataError, SeqgenError

#: No item of a text corpus is longer; a longer line is a file of another kind.
LONGEST_LINE = 1_000_000
#: What has to be read whole is bounded, in bytes.
LARGEST_WHOLE = 256 * 1024 * 1024
#: What systems say of a lock that another process holds; all else is no such process.
TAKEN = (errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; on success it takes the place of ``path``.

    Raises:
        SeqgenError: If the folder cannot be written to or the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        os.close(handle)
    except OSError as error:
        raise SeqgenError(
            f"cannot write {path}: {error.strerror}; choose another folder"
        ) from error
    temporary = Path(name)
    try:
        yield temporary
        _give_usual_mode(temporary)
        _flush(temporary)
        temporary.replace(path)
        if sys.platform != "win32":
            _flush(path.parent)  # the new name itself, so that a power cut cannot undo it
    except OSError as error:
        what = "make room" if error.errno == errno.ENOSPC else "choose another folder"
        raise SeqgenError(
            f"cannot write {path}: {error.strerror or error}; {what}, what stood there is kept"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, stand on the disk."""
    # Windows flushes only what is open for writing.
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_usual_mode(path: Path) -> None:
    # mkstemp makes files that only their owner may read; results are ordinary files.
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file whole: to a temporary name, flushed to disk, then renamed."""
    data = content.encode() if isinstance(content, str) else content
    with replacing(path) as temporary:
        temporary.write_bytes(data)
    return path


@contextmanager
def held(path: Path, what: str) -> Iterator[None]:
    """Hold a lock file against other processes; it is free again when this one ends, however.

    Args:
        path: The lock file; it is made and stays, empty.
        what: What is locked, for the message.

    Raises:
        SeqgenError: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        try:
            _lock(handle.fileno())
        except OSError as error:
            if error.errno not in TAKEN:
                raise SeqgenError(
                    f"cannot lock {path}: {error.strerror or error}; choose a folder on a disk "
                    "that has locks, with --out"
                ) from None
            raise SeqgenError(
                f"another process works in {what}; wait for it, stop it, or name another "
                "folder with --out"
            ) from None
        yield


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def read_items(path: str | Path, column: str | None = None) -> list[str]:
    """The text items of a file: its lines, a column (.csv, .tsv) or a JSON array (.json).

    White space at both ends is stripped and empty items are left out.

    Args:
        path: The file; UTF-8, with or without a byte order mark.
        column: The heading of the CSV column to read; may be left out when there is only one.

    Raises:
        DataError: If there is no such file, it is not text, or the column is missing.
    """
    try:
        return _read_items(Path(path), column)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def _read_items(path: Path, column: str | None) -> list[str]:
    if path.is_dir() or not path.exists():
        what = "is a folder" if path.is_dir() else "does not exist"
        raise DataError(f"{path} {what}; give a text file with one item a line, .csv or .json")
    kind = path.suffix.lower()
    if column is not None and kind not in (".csv", ".tsv"):
        raise DataError(f"--column {column!r} needs a .csv or .tsv file, was {path}")
    if kind == ".json":
        raw = _json_strings(path)
    elif kind in (".csv", ".tsv"):
        raw = _csv_column(path, column, "\t" if kind == ".tsv" else ",")
    else:
        # Lines that end in a carriage return alone, as very old programs write them, come as one.
        raw = [text for line in _lines(path) for text in line.split("\r")]
    return [item for item in (text.strip() for text in raw) if item]


def find_files(source: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files of a folder and the folders in it that end in one of the suffixes, sorted.

    A file is given as it is, whatever its name. What is hidden (``.git``) is passed over.

    Args:
        source: A folder or a file.
        suffixes: Endings with their dot, lower case; capitals are found too.

    Raises:
        DataError: There is no such folder, or no such file in it.
    """
    if not source.is_dir():
        return [source]
    found = [
        path
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in suffixes
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    ]
    if not found:
        raise DataError(f"{source} holds no {' or '.join(suffixes)} file; give another folder")
    return found


def read_text(path: Path) -> str:
    """A whole text file; what is not UTF-8 in it becomes the replacement character.

    Raises:
        DataError: It is not there, cannot be read, or holds more than 256 MiB.
    """
    try:
        if (size := path.stat().st_size) > LARGEST_WHOLE:
            raise DataError(
                f"{path}: {size:,} bytes, more than the {LARGEST_WHOLE:,} that are read at once; "
                "is this a text file?"
            )
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as handle:
        number = 0
        while line := handle.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise DataError(
                    f"{path}, line {number}: longer than {LONGEST_LINE:,} bytes; one item a line "
                    "is expected: is this a text file?"
                )
            yield _text(line, f"{path}, line {number}", first=number == 1)


def _text(line: bytes, where: str, first: bool) -> str:
    try:
        text = line.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where}: byte {line[error.start]:#04x} is not UTF-8 text; "
            "give a text file saved as UTF-8"
        ) from None
    if "\0" in text:
        raise DataError(f"{where}: holds a NUL byte, so this is a binary file; give a text file")
    return text


def _csv_column(path: Path, column: str | None, delimiter: str) -> list[str]:
    try:
        rows = csv.DictReader(_lines(path), delimiter=delimiter)
        names = [name for name in rows.fieldnames or [] if name]
        if column is None and len(names) == 1:
            column = names[0]
            if mark := next((mark for mark in ";\t|" if mark in column), ""):
                raise DataError(
                    f"{path}: its only column is {column!r}, so it may be parted by {mark!r}; give "
                    "a .csv parted by commas or a .tsv by tabs, or name that column with --column"
                )
        alike = [name for name in names if column and name.casefold() == column.casefold()]
        if column not in names and len(alike) == 1:
            column = alike[0]
        if column not in names:
            said = "say which column with --column" if column is None else f"no column {column!r}"
            raise DataError(f"{path}: {said}; it has {', '.join(map(repr, names)) or 'none'}")
        return [row[column] or "" for row in rows]
    except csv.Error as error:
        raise DataError(f"{path}: not readable as CSV: {error}") from None


def _json_strings(path: Path) -> list[str]:
    values = read_json(path, LARGEST_WHOLE)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise DataError(f"{path}: a JSON array of strings is expected")
    for number, value in enumerate(values, start=1):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise DataError(f"{path}, item {number}: half a surrogate pair is not a character")
    return values


def read_json(path: Path, limit: int = LARGEST_WHOLE) -> Any:
    """The value in a JSON file of at most ``limit`` bytes.

    Raises:
        DataError: If it is too large or not JSON.
    """
    size = path.stat().st_size
    if size > limit:
        raise DataError(f"{path}: {size:,} bytes, more than the {limit:,} that JSON may have here")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}") from None
