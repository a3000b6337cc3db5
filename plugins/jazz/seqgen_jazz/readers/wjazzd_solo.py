"""One solo of the Weimar Jazz Database: rows of notes and beats to a tune in quarters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import Any, Final, NamedTuple

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.raw_tune import RawNote, RawSolo, bar_ticks, check_meter

_SIGNATURE: Final = re.compile(r"\s*'?(\d+)/(\d+)'?\s*")
_MOST_BARS: Final = 5_000


class NoteRow(NamedTuple):
    """A row of ``melody``: places count from 1, ``duration`` and ``beatdur`` are seconds."""

    bar: int
    beat: int
    tatum: int
    division: int
    period: int
    pitch: float
    duration: float
    beatdur: float


class BeatRow(NamedTuple):
    """A row of ``beats``; an empty signature or chord holds the one before."""

    bar: int
    beat: int
    signature: str | None
    chord: str | None


def raw_solo(notes: Iterable[NoteRow], beats: Iterable[BeatRow], title: str, tempo: Any) -> RawSolo:
    """The tune of a solo's rows, bars before the first full one as pickups.

    A note's place is its bar, beat and tatum; its length in beats is its duration over that
    of its beat.

    Raises:
        DataError: There are no beats, or a signature or chord cannot be read.
        TypeError, ValueError: A field is empty or of the wrong kind.
    """
    rows = list(beats)
    if not rows:
        raise DataError("it has no beats")
    grid = _Grid(rows)
    chords = [
        (grid.place(row.bar, row.beat - 1, grid.periods.get(row.bar, 0)), _chord(row))
        for row in rows
        if (row.chord or "").strip()
    ]
    raw_notes = tuple(_note(row, grid) for row in notes)
    quarters = float(tempo) if tempo else 160.0
    return RawSolo(raw_notes, tuple(chords), grid.meters, title, round(quarters, 2), Counter())


class _Grid:
    """Where bars and beats lie, in quarters from the first bar."""

    def __init__(self, rows: list[BeatRow]) -> None:
        self.first = min(int(row.bar) for row in rows)
        last = max(int(row.bar) for row in rows)
        if last - self.first >= _MOST_BARS:
            raise DataError(f"it has bars {self.first} to {last}; the most is {_MOST_BARS} bars")
        #: Beats of each bar as they are written, for meters whose beat is not their unit.
        self.periods: dict[int, int] = {}
        signed: dict[int, tuple[int, int]] = {}
        for row in rows:
            self.periods[row.bar] = max(self.periods.get(row.bar, 0), int(row.beat))
            if (row.signature or "").strip():
                signed.setdefault(row.bar, _meter(str(row.signature)))
        meter = next(iter(signed.values()), (4, 4))
        meters = []
        for bar in range(self.first, last + 1):
            meter = signed.get(bar, meter)
            meters.append(meter)
        self.meters = tuple(meters)
        ticks = accumulate(map(bar_ticks, self.meters), initial=0)
        self._starts = [tick / TICKS_PER_QUARTER for tick in ticks]

    def beat_length(self, bar: int, period: int) -> float:
        """The length of a beat in quarters: the meter's unit, or its share of a compound bar."""
        upper, lower = self.meters[min(max(0, bar - self.first), len(self.meters) - 1)]
        compound = lower >= 8 and upper % 3 == 0 and 0 < period <= upper // 3
        return 12 / lower if compound else 4 / lower

    def place(self, bar: int, beats: float, period: int) -> float:
        """The place of some beats into a bar, in quarters.

        Raises:
            DataError: There is no such bar.
        """
        if not 0 <= bar - self.first < len(self.meters):
            raise DataError(f"a note stands in bar {bar}, for which there are no beats")
        return self._starts[bar - self.first] + beats * self.beat_length(bar, period)


def _note(row: NoteRow, grid: _Grid) -> RawNote:
    beats = row.beat - 1 + (row.tatum - 1) / max(1, row.division)
    onset = grid.place(int(row.bar), beats, int(row.period))
    length = row.duration / row.beatdur if row.beatdur > 0 else 0.0
    end = onset + max(0.0, length) * grid.beat_length(int(row.bar), int(row.period))
    return RawNote(onset, end, round(row.pitch))


def _meter(text: str) -> tuple[int, int]:
    found = _SIGNATURE.fullmatch(text)
    if found is None:
        raise DataError(f"it has a signature {text!r}, which is no meter")
    return check_meter(int(found[1]), int(found[2]))


def _chord(row: BeatRow) -> Chord:
    try:
        return parse_chord(str(row.chord).strip())
    except DataError as error:
        raise DataError(f"bar {row.bar}, beat {row.beat}: {error}") from error
