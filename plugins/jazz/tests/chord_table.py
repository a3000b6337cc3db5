"""The table of chord spellings with their pitch classes by theory, independent of the parser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("chord_spellings.tsv")
_NATURALS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True)
class Spelling:
    """One row: ``root`` and ``bass`` are pitch classes, or None."""

    dialect: str
    text: str
    root: int | None
    pitch_classes: frozenset[int]
    bass: int | None


def note_class(name: str) -> int:
    """The pitch class of a note name with sharps and flats after the letter."""
    return (_NATURALS[name[0]] + name.count("#") - name.count("b")) % 12


def spellings() -> list[Spelling]:
    """Every row of ``chord_spellings.tsv``."""
    rows = []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        dialect, text, root, notes, bass = line.split("\t")
        classes = frozenset(note_class(name) for name in notes.split() if name != "-")
        low, under = (None if name == "-" else note_class(name) for name in (root, bass))
        rows.append(Spelling(dialect, text, low, classes, under))
    return rows
