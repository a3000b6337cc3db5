"""The text form of a chart: what stands in one bar, and charts as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar
from seqgen_jazz.harmony.chord import Chord, parse_chord

if TYPE_CHECKING:
    pass

#: What may stand in front of the bars, a line each, and is a label of the chart.
LABELS: Final = ("title", "composer", "style", "key", "tempo")
#: Begins a comment that tells what of a written chart is not played.
REMARK: Final = "# not as written: "
#: Quarter notes a minute that a chart may ask for at most.
MOST_TEMPO: Final = 1000
_METER: Final = re.compile(r"\s*(\d+)/(\d+):?\s*")
_PLACED: Final = re.compile(r"(.+)@(\d+)(?:\.(\d+)|\+(\d+))?")
#: 96 ticks a whole note divide evenly by these units only.
_UNITS: Final = (1, 2, 4, 8, 16, 32)
_MOST_BEATS: Final = 64

#: What people write in charts of other kinds, and how it is written here.
_ELSEWHERE: Final = (
    (r":+", "a repeat sign belongs to a bar line: |: and :|"),
    (r"\[:|:\]", "repeats are |: and :|"),
    (r"[A-G]:", "a section is written [A]"),
    (r"\d(?:,\d)*\)?", "an ending is written 1. or 1,2. in front of its bar"),
    (r"\d+/\d+", "a meter is written with a colon, as 3/4:"),
    (r"[.\-–]", "/ holds the chord before for a beat"),
    (r"%%+|//+", "% repeats the bar before, / holds its last chord; a bar has one of them"),
    (
        r"D\.?[CS]\.?|(?:da|dal|al|to|fine|coda|segno)",
        "charts as text have repeats and endings, but no jumps; write the bars out",
    ),
)

_Changes = tuple[tuple[int, Chord], ...]


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a bar and the column it stands at, from 1."""

    text: str
    column: int


@final
class EntryError(DataError):
    """An entry that cannot be read; ``column`` is its own."""

    def __init__(self, column: int, why: str) -> None:
        super().__init__(why)
        self.column = column


def read_meter(text: str) -> tuple[int, int]:
    """A meter such as ``3/4`` or ``3/4:``.

    Raises:
        DataError: It is none, or no bars of the grid can have it.
    """
    found = _METER.fullmatch(text)
    if found is None:
        raise DataError(f"a meter is written like 3/4, was {text!r}")
    beats, unit = int(found[1]), int(found[2])
    if not 1 <= beats <= _MOST_BEATS or unit not in _UNITS:
        raise DataError(
            f"the meter {beats}/{unit} cannot be used; "
            f"beats go from 1 to {_MOST_BEATS}, the unit is one of {_UNITS}"
        )
    return beats, unit


def bar_changes(entries: Sequence[Entry], bar: Bar, before: Sequence[Bar]) -> _Changes:
    """The changes that the entries of a bar mean.

    Raises:
        DataError: They have no meaning together; an ``EntryError`` where it lies in one of them.
    """
    texts = [entry.text for entry in entries]
    if texts == ["%"]:
        if not before:
            raise DataError("% repeats the bar before, but this is the first bar")
        if before[-1].meter != bar.meter:
            raise DataError("% cannot repeat a bar of another meter; write its chords")
        return before[-1].changes
    if texts == ["/"]:
        return ()
    if "%" in texts:
        raise DataError("% stands alone in its bar")
    if any("@" in text for text in texts):
        return _placed(entries, bar)
    starts = _starts(len(entries), bar, exact="/" in texts)
    return tuple(
        (start, _chord(entry.text, entry))
        for start, entry in zip(starts, entries, strict=True)
        if entry.text != "/"
    )


def _chord(text: str, entry: Entry) -> Chord:
    for written, hint in _ELSEWHERE:
        if re.fullmatch(written, text, re.IGNORECASE if len(text) > 2 else 0):
            raise EntryError(entry.column, f"{text!r} is no chord; {hint}")
    try:
        return parse_chord(text)
    except DataError as error:
        raise EntryError(entry.column, str(error)) from error


def _starts(count: int, bar: Bar, exact: bool) -> tuple[int, ...]:
    """The tick at which each of ``count`` entries begins."""
    beats = bar.beats
    name = f"{bar.meter[0]}/{bar.meter[1]}"
    if exact and count != beats:
        raise DataError(
            f"{count} entries in a bar of {name}: with / every entry is one beat, so write {beats}"
        )
    if count > beats:
        if count % beats or bar.ticks % count:
            raise DataError(
                f"{count} chords in a bar of {name}: write at most {beats}, or {2 * beats}, "
                "or place them like G7@2.5"
            )
        return tuple(range(0, bar.ticks, bar.ticks // count))
    share, extra = divmod(beats, count)
    lengths = [(share + (place < extra)) * bar.beat_ticks for place in range(count)]
    return tuple(accumulate(lengths[:-1], initial=0))


def _placed(entries: Sequence[Entry], bar: Bar) -> _Changes:
    changes: list[tuple[int, Chord]] = []
    for entry in entries:
        text = entry.text
        found = _PLACED.fullmatch(text)
        if found is None and changes:
            raise EntryError(
                entry.column,
                f"{text!r} has no place; once one chord has an @, all after it need one",
            )
        tick = _tick(found, bar) if found else 0
        if changes and tick <= changes[-1][0]:
            raise EntryError(entry.column, f"{text!r} does not come after the chord before it")
        changes.append((tick, _chord(found[1] if found else text, entry)))
    return tuple(changes)


def _tick(found: re.Match[str], bar: Bar) -> int:
    part = Fraction(f"0.{found[3]}") if found[3] else Fraction(0)
    tick = (int(found[2]) - 1 + part) * bar.beat_ticks + int(found[4] or 0)
    if tick.denominator != 1 or not 0 <= tick < bar.ticks:
        raise DataError(
            f"{found[0]!r} is not at a tick of its bar; beats go from 1 to {bar.beats}, "
            f"{bar.beat_ticks} ticks each (write @2+8 for a third behind beat 2)"
        )
    return int(tick)


def _bar_text(bar: Bar) -> str:
    if not bar.changes:
        return "/"
    ticks = tuple(tick for tick, _ in bar.changes)
    names = [chord.text for _, chord in bar.changes]
    try:
        if _starts(len(names), bar, exact=False) == ticks:
            return " ".join(names)
    except DataError:  # more chords than the spread can place: they need their @
        pass
    if all(tick % bar.beat_ticks == 0 for tick in ticks):
        entries = dict(zip(ticks, names, strict=True))
        return " ".join(entries.get(beat * bar.beat_ticks, "/") for beat in range(bar.beats))
    return " ".join(
        f"{name}@{tick // bar.beat_ticks + 1}"
        + (f"+{tick % bar.beat_ticks}" if tick % bar.beat_ticks else "")
        for tick, name in zip(ticks, names, strict=True)
    )
