"""Named files: a value of a flag that may be the name of a file."""

from __future__ import annotations

from pathlib import Path


def named_file(value: str) -> Path | None:
    """The file of that name; None where there is none, or where no file can have that name."""
    try:
        path = Path(value)
        return path if path.is_file() else None
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return None
