"""Choices: what a recipe file says of each music file, and recipes written and read."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER

_MOST_BYTES: Final = 20_000_000
_BARS: Final = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
#: Where the chords of a MIDI file may stand; anything else is a chart.
CHORD_PLACES: Final = ("", "markers", "lyrics", "texts", "infer")
_HEAD: Final = f"""\
# Which music to use, and how. Edit it and give it to --recipe.
#   use     false leaves a file out
#   bars    bars of the solo to keep, such as "1-32,41-64"; each stretch is a solo of its own
#   melody  the number of the track with the solo (MIDI)
#   chords  markers, lyrics, texts or infer (from the other tracks), or a chart such as
#           "Dm7 | G7 | Cmaj7 | %", played from bar 1 on as often as it takes (MIDI)
# Times are read on a grid of {TICKS_PER_QUARTER} ticks a quarter note.
"""


@final
@dataclass(frozen=True, slots=True)
class FileChoice:
    """What is chosen for one file; the fields of its table in a recipe.

    Args:
        use: Whether it is read at all.
        bars: Bars to keep, "" for all.
        melody: The number of the melody's track, from 1; 0 lets the reader find it.
        chords: One of ``CHORD_PLACES``, or a chart; "" lets the reader find them.
    """

    use: bool = True
    bars: str = ""
    melody: int = 0
    chords: str = ""

    @property
    def key(self) -> str:
        """What of it changes how a file is read, for the cache."""
        return json.dumps([self.melody, self.chords]) if self.melody or self.chords else ""


#: Nothing chosen: all is found by the reader.
AS_FOUND: Final = FileChoice()


def read_recipe(path: Path) -> dict[str, FileChoice]:
    """The choices of a recipe by file name, relative to the folder of the data.

    Raises:
        DataError: It cannot be read, or holds a name or value that has no meaning.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path} is larger than {_MOST_BYTES:,} bytes: is it a recipe?")
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DataError(f"the recipe {path} cannot be opened ({error.strerror})") from error
    except ValueError as error:
        raise DataError(f"{path} is no recipe in TOML: {error}") from error
    files = content.get("files")
    if set(content) != {"files"} or not isinstance(files, dict):
        raise DataError(f'{path} is no recipe: it holds tables such as [files."tune.mid"] only')
    return {name: _choice(path, name, entry) for name, entry in files.items()}


def _choice(path: Path, name: str, entry: Any) -> FileChoice:
    where = f"{path}: [files.{json.dumps(name)}]"
    kinds: Mapping[str, type] = {"use": bool, "bars": str, "melody": int, "chords": str}
    if not isinstance(entry, dict):
        raise DataError(f"{where} must be a table, was {entry!r}")
    for key, value in entry.items():
        if key not in kinds:
            raise DataError(f"{where} has {key!r}; known are {', '.join(kinds)}")
        if type(value) is not kinds[key]:
            raise DataError(f"{where}: {key} must be {kinds[key].__name__}, was {value!r}")
    choice = FileChoice(**entry)
    try:
        bar_ranges(choice.bars)
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    if choice.melody < 0:
        raise DataError(f"{where}: melody is the number of a track, from 1, was {choice.melody}")
    return choice


def bar_ranges(text: str) -> list[tuple[int, int]]:
    """First and last bar of each stretch of ``1-4,7``, from 1; empty for all bars.

    Raises:
        DataError: It is no such list, or a stretch ends before it begins.
    """
    ranges = []
    for part in text.replace(" ", "").split(",") if text.strip() else ():
        found = _BARS.fullmatch(part)
        first = int(found[1]) if found else 0
        last = int(found[2] or found[1]) if found else 0
        if not 1 <= first <= last:
            raise DataError(f"bars are written like 1-32,41-64, was {part!r}")
        ranges.append((first, last))
    return ranges


def recipe_text(choices: Iterable[tuple[str, FileChoice, str]]) -> str:
    """A recipe of ``(file name, choice, comment)``, in their order."""
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
