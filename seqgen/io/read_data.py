"""Readers of user data: text, items, columns, JSON, with limits for bad input."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqgen.errors import DataError

#: The longest line of a text corpus in bytes; a longer line is another kind of file.
LONGEST_LINE = 1_000_000
#: The largest file that is read into memory, in bytes.
LARGEST_FILE = 256 * 1024 * 1024


def read_items(path: str | Path, column: str | None = None) -> list[str]:
    """Read the text items of a file: its lines, a column (.csv, .tsv) or a JSON array (.json).

    White space at both ends is removed, and empty items are skipped.

    Args:
        path: The file; UTF-8, with or without a byte order mark.
        column: The heading of the column to read; optional if there is only one.

    Raises:
        DataError: The file does not exist or is not text, or the column is missing.
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
        # Very old programs end lines with a carriage return alone.
        raw = [text for line in _lines(path) for text in line.split("\r")]
    return [item for item in (text.strip() for text in raw) if item]


def find_files(source: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """List the files below a folder that have one of the suffixes, sorted.

    If ``source`` is a file, the list contains only this file. Hidden files and folders (``.git``)
    are skipped.

    Args:
        source: A folder or a file.
        suffixes: Suffixes with their dot, lower case; upper case matches too.

    Raises:
        DataError: The folder contains no such file.
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
        raise DataError(f"{source} contains no {' or '.join(suffixes)} file; give another folder")
    return found


def read_text(path: Path) -> str:
    """Read a text file; bytes that are not UTF-8 become the replacement character.

    Raises:
        DataError: The file does not exist, cannot be read, or is larger than 256 MiB.
    """
    try:
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise DataError(
                f"{path}: {size:,} bytes, more than the limit of {LARGEST_FILE:,}; is this a text "
                "file?"
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
                    f"{path}, line {number}: longer than {LONGEST_LINE:,} bytes; expected one item "
                    "per line: is this a text file?"
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
        raise DataError(f"{where}: contains a NUL byte, so this is a binary file; give a text file")
    return text


def _csv_column(path: Path, column: str | None, delimiter: str) -> list[str]:
    try:
        rows = csv.DictReader(_lines(path), delimiter=delimiter)
        names = [name for name in rows.fieldnames or [] if name]
        if column is None and len(names) == 1:
            column = names[0]
            if mark := next((mark for mark in ";\t|" if mark in column), ""):
                raise DataError(
                    f"{path}: its only column is {column!r}, so the separator may be {mark!r}; "
                    "give a .csv with commas or a .tsv with tabs, or name that column with --column"
                )
        alike = [name for name in names if column and name.casefold() == column.casefold()]
        if column not in names and len(alike) == 1:
            column = alike[0]
        if column not in names:
            what = "choose a column with --column" if column is None else f"no column {column!r}"
            raise DataError(f"{path}: {what}; it has {', '.join(map(repr, names)) or 'none'}")
        return [row[column] or "" for row in rows]
    except csv.Error as error:
        raise DataError(f"{path}: not readable as CSV: {error}") from None


def _json_strings(path: Path) -> list[str]:
    values = read_json(path, LARGEST_FILE)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise DataError(f"{path}: expected a JSON array of strings")
    for number, value in enumerate(values, start=1):
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise DataError(f"{path}, item {number}: half a surrogate pair is not a character")
    return values


def read_json(path: Path, limit: int = LARGEST_FILE) -> Any:
    """Read a JSON file of at most ``limit`` bytes.

    Raises:
        DataError: The file is too large or not JSON.
    """
    size = path.stat().st_size
    if size > limit:
        raise DataError(f"{path}: {size:,} bytes, more than the limit of {limit:,} for JSON")
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON: {error}") from None
