"""Drum patterns as steps on a grid, and the reader of their text grids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import seqgen

#: General MIDI key of each drum, in the order of a step's letters and of a grid's lines.
KEYS = {"C": 49, "D": 51, "H": 42, "O": 46, "P": 44, "A": 70, "K": 56, "L": 39}
KEYS |= {"R": 37, "S": 38, "T": 48, "M": 45, "F": 43, "B": 36}
MOST_BARS = 2
_HEAD = re.compile(r"([a-z][a-z0-9-]*) ([1-9])x([1-9])")


@dataclass(frozen=True)
class Pattern:
    """One or two bars of drums.

    Args:
        style: A name in lower case ("bossa").
        grid: Beats per bar and steps per beat, "4x4"; "4x3" is a triplet feel.
        steps: Full bars; each step has the letters of the drums played together, or ".".
    """

    style: str
    grid: str
    steps: tuple[str, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Beats per bar and steps per beat; 1 and 1 for an item cut off before its grid."""
        beats, _, steps = (self.grid or "1x1").partition("x")
        return int(beats), int(steps)

    def text(self) -> str:
        """One line: style, grid and steps."""
        return " ".join([self.style, self.grid, *self.steps])

    def picture(self) -> str:
        """The grid, one line per drum, as ``read_patterns`` reads it."""
        beats, steps = self.shape
        lines = [f"{self.style} {self.grid}"]
        for drum in KEYS:
            row = ["x" if drum in step else "." for step in self.steps]
            if "x" in row or (drum == "B" and len(lines) == 1):
                parts = ["".join(row[i : i + steps]) for i in range(0, len(row), steps)]
                bars = [" ".join(parts[i : i + beats]) for i in range(0, len(parts), beats)]
                lines.append(f"{drum} {' | '.join(bars)}")
        return "\n".join(lines)


def read_patterns(path: Path) -> list[Pattern]:
    """Read the patterns of a text file of grids; lines that begin with # are comments.

    Raises:
        DataError: Names the file, the block and what is wrong with it.
    """
    blocks: list[list[str]] = []
    for line in seqgen.read_items(path):
        if _HEAD.fullmatch(line):
            blocks.append([line])
        elif not line.startswith("#"):
            if not blocks:
                raise seqgen.DataError(
                    f"{path}: begins with {line[:30]!r}; expected a head like 'rock 4x4'"
                )
            blocks[-1].append(line)
    return [_pattern(block, f"{path}, block {n}") for n, block in enumerate(blocks, start=1)]


def _pattern(block: list[str], where: str) -> Pattern:
    style, beats, steps = _HEAD.fullmatch(block[0]).groups()  # type: ignore[union-attr]
    bar = int(beats) * int(steps)
    rows: dict[str, str] = {}
    for line in block[1:]:
        drum, strokes = line[0], re.sub(r"[ |]", "", line[1:])
        if drum not in KEYS or drum in rows or set(strokes) - {"x", "."}:
            raise seqgen.DataError(
                f"{where}: {line[:40]!r} is not a line of a grid: one of {' '.join(KEYS)}, each at "
                "most once, then x and ."
            )
        rows[drum] = strokes
    lengths = {len(row) for row in rows.values()}
    if len(lengths) != 1 or lengths.isdisjoint({bar, MOST_BARS * bar}):
        raise seqgen.DataError(
            f"{where} ({block[0]}): every line must have {bar} or {MOST_BARS * bar} steps, "
            f"was {', '.join(map(str, sorted(lengths))) or 'without lines'}"
        )
    columns = zip(*(rows[drum] for drum in KEYS if drum in rows), strict=True)
    used = [drum for drum in KEYS if drum in rows]
    struck = (
        "".join(d for d, x in zip(used, column, strict=True) if x == "x") for column in columns
    )
    return Pattern(style, f"{beats}x{steps}", tuple(step or "." for step in struck))
