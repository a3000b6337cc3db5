"""The parser of one bar of a chart: its chords and the ticks at which they begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple, final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.harmony.chord_parser import parse_chord

_METER: Final = re.compile(r"\s*(\d+)/(\d+):?\s*")
_PLACED: Final = re.compile(r"(.+)@(\d+)(?:\.(\d+)|\+(\d+))?")
#: The beat units that divide the 96 ticks of a whole note evenly.
_UNITS: Final = (1, 2, 4, 8, 16, 32)
_MAX_BEATS: Final = 64
#: Notations of other chart formats, and the notation to use instead.
_FOREIGN_NOTATION: Final = (
    (r":+", "a repeat sign is part of a bar line: |: and :|"),
    (r"\[:|:\]", "repeats are |: and :|"),
    (r"[A-G]:", "a section is written [A]"),
    (r"\d(?:,\d)*\)?", "an ending is written 1. or 1,2. before its bar"),
    (r"\d+/\d+", "a meter is written with a colon, as 3/4:"),
    (r"[.\-–—→>]+", "write | between bars, or / to hold the previous chord for a beat"),
    (r"%%+|//+", "% repeats the bar before, / holds its last chord; a bar has one of them"),
    (
        r"D\.?[CS]\.?|(?:da|dal|al|to|fine|coda|segno)",
        "charts as text have repeats and endings, but no jumps; write the bars out",
    ),
)

_Changes = tuple[tuple[int, Chord], ...]


@final
class Entry(NamedTuple):
    """One entry of a bar and its column, from 1."""

    text: str
    column: int


@final
class EntryError(DataError):
    """An entry that cannot be parsed, at ``column``."""

    def __init__(self, column: int, reason: str) -> None:
        super().__init__(reason)
        self.column = column


def parse_meter(text: str) -> tuple[int, int]:
    """Parse a meter such as ``3/4`` or ``3/4:``.

    Raises:
        DataError: The text is no meter, or its bars do not fit the grid.
    """
    found = _METER.fullmatch(text)
    if found is None:
        raise DataError(f"a meter is written like 3/4, was {text!r}")
    beats, unit = int(found[1]), int(found[2])
    if not 1 <= beats <= _MAX_BEATS or unit not in _UNITS:
        raise DataError(
            f"the meter {beats}/{unit} cannot be used; "
            f"beats must be from 1 to {_MAX_BEATS}, the unit one of {_UNITS}"
        )
    return beats, unit


def parse_bar(entries: Sequence[Entry], bar: Bar, previous: Bar | None) -> _Changes:
    """Parse the entries of a bar to chord changes.

    Args:
        entries: At least one.
        bar: An empty bar of the meter.
        previous: The bar before, which ``%`` repeats.

    Raises:
        DataError: The entries cannot be combined; an ``EntryError`` if one of them is wrong.
    """
    texts = [entry.text for entry in entries]
    if texts == ["%"]:
        if previous is None:
            raise DataError("% repeats the bar before, but this is the first bar")
        if previous.meter != bar.meter:
            raise DataError("% cannot repeat a bar of another meter; write its chords")
        return previous.changes
    if texts == ["/"]:
        return ()
    if "%" in texts:
        raise DataError("% must be the only entry of its bar")
    for entry in entries:
        for pattern, hint in _FOREIGN_NOTATION:
            if re.fullmatch(pattern, entry.text, re.IGNORECASE if len(entry.text) > 2 else 0):
                raise EntryError(entry.column, f"{entry.text!r} is no chord; {hint}")
    if any("@" in text for text in texts):
        return _placed_changes(entries, bar)
    starts = _start_ticks(len(entries), bar, one_per_beat="/" in texts)
    return tuple(
        (start, _chord(entry.text, entry))
        for start, entry in zip(starts, entries, strict=True)
        if entry.text != "/"
    )


def _chord(text: str, entry: Entry) -> Chord:
    try:
        return parse_chord(text)
    except DataError as error:
        raise EntryError(entry.column, str(error)) from error


def _start_ticks(count: int, bar: Bar, one_per_beat: bool) -> tuple[int, ...]:
    """The tick at which each of ``count`` entries begins."""
    beats, meter = bar.beats, f"{bar.meter[0]}/{bar.meter[1]}"
    if one_per_beat and count != beats:
        raise DataError(
            f"{count} entries in a bar of {meter}: with / every entry is one beat, so write {beats}"
        )
    starts = bar.spread(count)
    if starts is None:
        raise DataError(
            f"{count} chords in a bar of {meter}: write | between bars; a bar has at most {beats} "
            f"chords, or {2 * beats}, or chords with a place such as G7@2.5"
        )
    return starts


def _placed_changes(entries: Sequence[Entry], bar: Bar) -> _Changes:
    changes: list[tuple[int, Chord]] = []
    for entry in entries:
        found = _PLACED.fullmatch(entry.text)
        if found is None and changes:
            raise EntryError(
                entry.column,
                f"{entry.text!r} has no place; after a chord with @, every chord needs one",
            )
        tick = _tick(found, bar) if found else 0
        if changes and tick <= changes[-1][0]:
            raise EntryError(entry.column, f"{entry.text!r} is not after the chord before it")
        changes.append((tick, _chord(found[1] if found else entry.text, entry)))
    return tuple(changes)


def _tick(found: re.Match[str], bar: Bar) -> int:
    fraction = Fraction(f"0.{found[3] or 0}")
    tick = (int(found[2]) - 1 + fraction) * bar.beat_ticks + int(found[4] or 0)
    if tick.denominator != 1 or not 0 <= tick < bar.ticks:
        raise DataError(
            f"{found[0]!r} is not at a tick of its bar; beats go from 1 to {bar.beats}, "
            f"{bar.beat_ticks} ticks each (write @2+8 for a third after beat 2)"
        )
    return int(tick)
