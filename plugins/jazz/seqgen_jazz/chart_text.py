"""The text form of a chart: what ``parse_chart`` reads and ``Chart.text`` writes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Final

from seqgen import DataError
from seqgen_jazz.chart import Bar
from seqgen_jazz.chord import Chord, parse_chord

_METER: Final = re.compile(r"(\d+)/(\d+):")
_PLACED: Final = re.compile(r"(.+)@(\d+)(?:\.(\d+)|\+(\d+))?")
#: 96 ticks a whole note divide evenly by these units only.
_UNITS: Final = (1, 2, 4, 8, 16, 32)
_MOST_BEATS: Final = 64

_Changes = tuple[tuple[int, Chord], ...]


def read_bars(text: str) -> tuple[Bar, ...]:
    """The bars of a chart's text; see ``parse_chart`` for the form and the errors."""
    bars: list[Bar] = []
    meter = (4, 4)
    for number, entry in enumerate(_split(text), start=1):
        try:
            meter, rest = _meter(entry, meter)
            bars.append(Bar(_bar_changes(rest.split(), Bar((), meter), bars), meter))
        except DataError as error:
            raise DataError(f"bar {number} of the chart: {error}") from error
    if not bars:
        raise DataError("the chart is empty; write bars like: Dm7 | G7 | Cmaj7 | %")
    return tuple(bars)


def _split(text: str) -> Iterator[str]:
    """The text of each bar; a line may begin and end with a bar line of its own."""
    for line in text.splitlines():
        inner = line.strip()
        if not inner:
            continue
        inner = inner.removeprefix("|")
        inner = inner.removesuffix("|")
        yield from inner.split("|")


def _meter(entry: str, before: tuple[int, int]) -> tuple[tuple[int, int], str]:
    found = _METER.match(entry.strip())
    if found is None:
        return before, entry
    beats, unit = int(found[1]), int(found[2])
    if not 1 <= beats <= _MOST_BEATS or unit not in _UNITS:
        raise DataError(
            f"the meter {beats}/{unit} cannot be used; "
            f"beats go from 1 to {_MOST_BEATS}, the unit is one of {_UNITS}"
        )
    return (beats, unit), entry.strip()[found.end() :]


def _bar_changes(entries: list[str], bar: Bar, before: Sequence[Bar]) -> _Changes:
    if not entries:
        raise DataError("it is empty; write % to repeat the bar before, / to hold its last chord")
    if entries == ["%"]:
        if not before:
            raise DataError("% repeats the bar before, but this is the first bar")
        if before[-1].meter != bar.meter:
            raise DataError("% cannot repeat a bar of another meter; write its chords")
        return before[-1].changes
    if entries == ["/"]:
        return ()
    if "%" in entries:
        raise DataError("% stands alone in its bar")
    if any(sign in entry for entry in entries for sign in ("[", "]", "{", "}")) or ":" in entries:
        raise DataError("repeat and section signs are not read; write every bar out")
    if any("@" in entry for entry in entries):
        return _placed(entries, bar)
    starts = _starts(len(entries), bar, exact="/" in entries)
    return tuple(
        (start, parse_chord(entry))
        for start, entry in zip(starts, entries, strict=True)
        if entry != "/"
    )


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


def _placed(entries: list[str], bar: Bar) -> _Changes:
    changes: list[tuple[int, Chord]] = []
    for entry in entries:
        found = _PLACED.fullmatch(entry)
        if found is None and changes:
            raise DataError(
                f"{entry!r} has no place; once one chord has an @, all after it need one"
            )
        tick = _tick(found, bar) if found else 0
        if changes and tick <= changes[-1][0]:
            raise DataError(f"{entry!r} does not come after the chord before it")
        changes.append((tick, parse_chord(found[1] if found else entry)))
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


def chart_text(bars: Sequence[Bar]) -> str:
    """Bars as text: the shortest of the forms that ``read_bars`` reads back exactly."""
    parts: list[str] = []
    before: Bar | None = None
    for bar in bars:
        meter = before.meter if before else (4, 4)
        prefix = "" if bar.meter == meter else f"{bar.meter[0]}/{bar.meter[1]}: "
        same = before is not None and bar == before and bar.changes
        parts.append(prefix + ("%" if same else _bar_text(bar)))
        before = bar
    return " | ".join(parts)


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
