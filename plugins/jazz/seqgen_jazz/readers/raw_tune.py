"""What every reader gives before the grid: notes and chords in quarters, bars by their meters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import Chord

#: A line of fewer notes says nothing about how a solo goes on.
MIN_NOTES: Final = 8
#: More quarters than any piece has (an hour at 300 a minute); beyond it a file is damaged.
MAX_QUARTERS: Final = 20_000
#: What readers count where signs or words jump: D.C., D.S., Fine, a coda, its signs.
JUMPS: Final = "files with D.C., D.S. or coda signs, read as written"
#: The same of an order in which the parts of a tune are played ("P:AABA").
PART_ORDER: Final = "tunes with an order of parts (P:), read as written"
_UNITS: Final = (4, 8, 16, 32)


class RawNote(NamedTuple):
    """A note in quarters from the start of the piece; ``end`` is after ``onset`` or equal."""

    onset: float
    end: float
    pitch: int


@final
@dataclass(frozen=True, slots=True)
class RawSolo:
    """One tune as its file has it.

    Args:
        notes: In any order; they may overlap.
        chords: ``(onset in quarters, chord)``, in any order.
        meters: One meter a bar, from quarter 0 on.
        title: The tune's own name; empty when the file gives none.
        tempo: Quarter notes a minute; None where the file says none.
        counts: What the reader itself left out or took for granted.
        line: Which of several voices or parts the notes are, in words; empty where there is one.
    """

    notes: tuple[RawNote, ...]
    chords: tuple[tuple[float, Chord], ...]
    meters: tuple[tuple[int, int], ...]
    title: str = ""
    tempo: float | None = None
    counts: Counter[str] = field(default_factory=Counter)
    line: str = ""


@final
@dataclass(frozen=True, slots=True)
class RawFile:
    """What one file holds before it is fitted, and the tunes that cannot be read, with why."""

    tunes: tuple[RawSolo, ...]
    skipped: tuple[tuple[str, str], ...] = ()


@final
@dataclass(frozen=True, slots=True)
class FileRead:
    """What one file gave: its solos, its tunes that could not be used, and the counts."""

    solos: tuple[Solo, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    counts: Counter[str] = field(default_factory=Counter)


#: What a file gave, or the reason why nothing.
Answer = FileRead | str


def meter_of_ticks(ticks: int, unit: int = 4) -> tuple[int, int]:
    """The meter of a bar that is not whole (a pickup, a bar cut by a change of meter).

    Args:
        ticks: Its length.
        unit: The beat unit to prefer.

    Raises:
        DataError: The length is no multiple of a 32nd note.
    """
    whole = 4 * TICKS_PER_QUARTER
    for finer in (unit, *_UNITS):
        if ticks > 0 and ticks * finer % whole == 0:
            return ticks * finer // whole, finer
    raise DataError(
        f"a bar is {ticks / TICKS_PER_QUARTER:.3f} quarters long, which is no number of 32nd notes"
    )


def check_meter(beats: int, unit: int) -> tuple[int, int]:
    """The meter, when bars of it can be laid on the grid.

    Raises:
        DataError: It has no beats, too many, or a unit that the grid does not hold.
    """
    if not 1 <= beats <= 64 or unit not in (1, 2, *_UNITS):
        raise DataError(f"it has a meter of {beats}/{unit}, which cannot be laid in bars")
    return beats, unit


def bar_ticks(meter: tuple[int, int]) -> int:
    """The length of a bar of this meter in ticks."""
    return Bar((), meter).ticks
