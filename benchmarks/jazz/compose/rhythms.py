"""The rhythmic vocabulary: cells of one, two or four beats, in ticks (24 per beat).

``12`` is a note of 12 ticks, ``r12`` a rest, ``~12`` extends the previous note. ``/`` separates the
groups of a cell; each group is played as one melodic figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

#: Beginnings of phrases: cells of one beat that lead to the next beat.
LEADS = """
r12 12; r12 12; r12 12; r8 8 8; r12 6 6; r6 6 6 6; r18 6; r16 8; 12 12; r12 12; 6 6 12; r8 8 8
18 6
"""
#: Eighths, and eighths with turns.
EIGHTHS = """
12 12; 12 6 r6; 12 6 r6; 12 12 12 12; 12 12 12 12; 12 12 12 12
12 12 12 6 r6; 12 12 12 6 r6; 12 6 r6 12 12; 12 6 r6 12 6 r6; 6 r6 12 12 12
"""
TURNS = """
8 8 8 / 12 12; 8 8 8 / 12 6 r6; 12 4 4 4 / 12 12; 12 12 / 8 8 8; 12 4 4 4; 12 4 4 4 / 12 6 r6
6 6 12; 12 6 6; 6 6 12 / 12 12; 12 12 / 12 6 6
"""
TRIPLETS = """
8 8 8; 8 8 8; 8 8 8 / 8 8 8; 16 8; 8 8 8 / 8 r8 8; 16 8; 8 r8 8; 8 r8 8 / 8 r8 8; r8 8 8
8 16; 8 16 / 8 16
"""
SIXTEENTHS = (
    "6 6 6 6; 6 6 6 6; 6 6 6 6 / 6 6 6 6; 6 6 6 6 / 6 6 6 6; 6 6 12; 6 6 6 r6; 6 6 6 r6; r6 6 6 6"
)
FAST = "4 4 4 / 4 4 4; 12 4 4 4; 8 8 4 4; 4 4 4 / 12"
#: Syncopations of two beats with rests.
LOOSE = """
12 24 12; 36 12; r12 12 r12 12; 12 r12 12 12; r12 24 12; ~12 24 12; ~12 24 12; r12 24 12
18 r6 12 12; r12 18 r6 12; 12 18 r6 12; r12 12 / 12 12; 12 12 / 12 r12; 12 r6 6 / 12 r6 6
24 12 12; r12 18 r6 12; ~12 18 r6 12; 12 18 r6 12; r12 18 r6 12; ~12 18 r6 12; 12 36; r12 36
12 12 r12 12; 18 18 12; 18 18 12; 12 r6 18 12; ~12 12; ~12 12; 18 r6; 16 8; 18 r6; 18 12 18
12 6 r6 12 6 r6; 8 r8 8 / 8 r8 8; r12 12 24; 8 r8 8 / 12 12; 18 r6 12 6 r6; 16 r8 16 8
12 r12 r12 12; ~12 12 / 12 12; ~12 24 12; ~24 12 12; 16 8 / 18 r6; 18 r6 / 12 r6 6
12 24 r12; ~12 12 r12 12; 18 r6 r12 12; r12 12 18 r6; 16 8 / 12 12
"""
#: Syncopations in straight eighths, of two and four beats.
BOSSA = """
36 12; 12 24 12; ~12 24 12; ~12 18 r6 12; r12 18 r6 12; r12 12 12 12; 24 12 12; ~24 12 12
12 12 24; 18 18 12; 18 18 12; r12 24 12; 6 12 6 / 6 12 6; 18 12 18; 12 12 18 r6; 18 r6 18 r6
6 r6 12 12 6 r6; ~12 36; 36 12 / ~24 24; 18 r6 12 12; 12 24 12 / ~12 12 24; 6 6 12 / 12 12
12 12 / 12 6 6
"""
#: Long notes for modal songs and ballads.
HELD = "48; 36 12; 24 24; r24 24; 60 r12 12 12; ~24 24; 72 24; 16 8 / 24; ~12 36; 18 6 24; 36 6 6"
#: Ends of phrases.
ENDS = """
12 r12; 12 12; 12 12; r12 12; ~12 12; ~12 24 12; ~12 18 r6 12; 12 6 r6; r12 12; r12 12; 18 r6; 24
~12 12; 8 16; 36 r12; 12 36; 8 8 8; 48; 60 r12; 12 24 r12; 8 8 8 / 12 r12; 12 r12 12 r12; 6 6 12
r12 36; 16 8; 18 6; 16 8 / 12 r12
"""
LONG_ENDS = "48; 60 r12; 72; 36 r12; 84 r12; 12 36; r12 36; 12 60; 24 48; 8 8 8 / 48"
#: Riffs of four beats.
RIFFS = """
r12 12 12 12 / r12 12 18 r6; 12 r12 r12 12 / r12 12 12 r12; 18 r6 12 12 / ~12 12 r12 12
r12 12 r12 12 / 18 r6 18 r6; 8 8 8 / 12 12 / 18 r6 r12 12; 36 12 / 12 12 18 r6
12 24 12 / ~12 36; r12 36 / 12 24 12; 16 8 / 16 8 / 18 r6 18 r6; 18 r6 18 r6 / r12 12 12 r12
r12 24 12 / ~12 12 r12 12; 12 12 / 8 8 8 / 12 r12 18 r6; r12 6 6 / 12 12 / ~12 24 12
12 12 r12 12 / r12 12 r24
"""


@dataclass(frozen=True)
class Cell:
    """A rhythm cell."""

    text: str

    @cached_property
    def groups(self) -> tuple[tuple[tuple[int, str], ...], ...]:
        """The groups, each with ``(ticks, kind)``: ``note``, ``rest`` or ``hold``."""
        kinds = {"r": "rest", "~": "hold"}
        return tuple(
            tuple((int(t.lstrip("r~")), kinds.get(t[0], "note")) for t in group.split())
            for group in self.text.split("/")
        )

    @cached_property
    def beats(self) -> int:
        """The length in beats.

        Raises:
            ValueError: It is not a number of entire beats.
        """
        ticks = sum(t for group in self.groups for t, _ in group)
        if ticks % 24:
            raise ValueError(f"rhythm cell {self.text!r} has {ticks} ticks, not a multiple of 24")
        return ticks // 24

    @property
    def holds(self) -> bool:
        """Whether the cell begins by extending the previous note."""
        return self.groups[0][0][1] == "hold"

    @property
    def swung(self) -> bool:
        """Whether the cell contains swung pairs of a long and a short note."""
        events = [event for group in self.groups for event in group]
        return any(ticks == 16 or (ticks, kind) == (8, "rest") for ticks, kind in events)

    @property
    def open_ended(self) -> bool:
        """Whether the cell ends with a note that the next cell can extend."""
        return self.groups[-1][-1][1] == "note" and self.groups[-1][-1][0] % 6 == 0


BOOK = {
    "lead": LEADS,
    "eighths": EIGHTHS,
    "turns": TURNS,
    "triplets": TRIPLETS,
    "sixteenths": SIXTEENTHS,
    "fast": FAST,
    "loose": LOOSE,
    "bossa": BOSSA,
    "held": HELD,
    "end": ENDS,
    "long end": LONG_ENDS,
    "riff": RIFFS,
}


@cache
def cells(name: str) -> tuple[Cell, ...]:
    """The cells of a page of the book, repeated as often as in the text."""
    texts = BOOK[name].replace("\n", ";").split(";")
    return tuple(Cell(" ".join(text.split())) for text in texts if text.strip())
