"""Recipes: TOML files that say how to read each music file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, Final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.readers.raw_tune import FileChoice

_MAX_BYTES: Final = 20_000_000
_BARS: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_HEAD: Final = f"""\
# Which music files to use, and how to read them. Edit this file and pass it to --recipe.
#   use     false skips the file
#   bars    bars of the solo to keep, such as "1-32,41-64"; each range is a solo of its own
#   melody  the number of the track with the solo (MIDI)
#   chords  markers, lyrics, texts or infer (from the other tracks), or a chart such as
#           "Dm7 | G7 | Cmaj7 | %", repeated from bar 1 on (MIDI)
# Times are quantized to {TICKS_PER_QUARTER} ticks per quarter note.
"""


def read_recipe(path: Path) -> dict[str, FileChoice]:
    """The choices of a recipe by file name, relative to the folder of the data.

    Raises:
        DataError: It cannot be read, or contains an unknown name or an invalid value.
    """
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise DataError(f"{path} is larger than {_MAX_BYTES:,} bytes; is it a recipe?")
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"cannot open the recipe {path} ({error.strerror})") from error
    except ValueError as error:
        raise DataError(f"{path} is not a recipe in TOML: {error}") from error
    files = content.get("files")
    if set(content) != {"files"} or not isinstance(files, dict):
        raise DataError(f'{path} is not a recipe: it needs tables such as [files."tune.mid"] only')
    return {name: _choice(path, name, entry) for name, entry in files.items()}


def _choice(path: Path, name: str, entry: Any) -> FileChoice:
    where = f"{path}: [files.{json.dumps(name)}]"
    types: Mapping[str, type] = {"use": bool, "bars": str, "melody": int, "chords": str}
    if not isinstance(entry, dict):
        raise DataError(f"{where} must be a table, was {entry!r}")
    for key, value in entry.items():
        if key not in types:
            raise DataError(f"{where} has {key!r}; known are {', '.join(types)}")
        if type(value) is not types[key]:
            raise DataError(f"{where}: {key} must be {types[key].__name__}, was {value!r}")
    choice = FileChoice(**entry)
    try:
        parse_bar_ranges(choice.bars)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    if choice.melody < 0:
        raise DataError(f"{where}: melody must be the number of a track, >= 1, was {choice.melody}")
    return choice


def parse_bar_ranges(text: str) -> list[tuple[int, int]]:
    """First and last bar of each range of ``1-4,7``, from 1; empty for all bars.

    Raises:
        DataError: It is not such a list, or a range ends before it begins.
    """
    ranges = []
    for part in text.replace(" ", "").split(",") if text.strip() else ():
        found = _BARS.fullmatch(part)
        first = int(found[1]) if found else 0
        last = int(found[2] or found[1]) if found else 0
        if not 1 <= first <= last:
            raise DataError(f"bars must be ranges such as 1-32,41-64, was {part!r}")
        ranges.append((first, last))
    return ranges


def recipe_text(choices: Iterable[tuple[str, FileChoice, str]]) -> str:
    """A recipe of ``(file name, choice, comment)``, in this order."""
    parts = [_HEAD]
    for name, choice, comment in choices:
        lines = [f"[files.{json.dumps(name, ensure_ascii=False)}]"]
        lines += [f"# {line}" for line in comment.splitlines()]
        for entry in fields(choice):
            value = getattr(choice, entry.name)
            if value != entry.default or entry.name == "use":
                lines.append(f"{entry.name} = {json.dumps(value, ensure_ascii=False)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
