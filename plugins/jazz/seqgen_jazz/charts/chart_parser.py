"""The parser of a chart's text: labels, then bars with repeats, endings, sections and meters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, NamedTuple, final

from seqgen import DataError
from seqgen_jazz.charts.chart import LABELS, REMARK_PREFIX, Bar, Chart, parse_key
from seqgen_jazz.charts.repeats import WrittenBar, extend_endings, unfold
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


#: The fastest tempo that a chart may have, in quarter notes per minute.
MAX_TEMPO: Final = 1000
_LABEL: Final = re.compile(r"\s*([A-Za-z]{3,}(?: [a-z]+)?)\s*[:=](?![|:])\s*(.*?)\s*")
_LABEL_NAMES: Final = (*LABELS, "meter")
_TOKEN: Final = re.compile(
    r"(?P<line>:?\|{1,2}:?|[{}])"
    r"|(?P<section>\[[^\[\]|]*\])"
    r"|\[?(?P<ending>\d(?:\s*[.,]\s*\d)*\.)(?=\s|$|[A-G/%])"
    r"|(?P<times>[x×]\d+\b|\d+[x×](?![\w/]))"
    r"|(?P<meter>\d+/\d+:)(?!\|)"
    r"|(?P<entry>(?:\([^()|]*\)|:(?!\|)|[^\s,|{}:])+)"
    r"|(?P<space>[\s,]+|.)"
)
_COMMENT: Final = re.compile(r"(?:^\s*#|\s#\s).*")
_MAX_TIMES: Final = 16
_SECTION: Final = re.compile(r"[^\[\]|#{}:]{1,24}")


def parse_chart(text: str) -> Chart:
    """Parse a chart such as ``[A] |: Dm7 | G7 / / Ab7 |1. Cmaj7 | % :|2. C6 |``.

    Bars are separated by ``|`` (or ``||``) or a new line, chords in a bar by spaces or commas. One
    chord fills its bar, two share it, three in 4/4 take 2+1+1 beats, four one each; if the beats
    cannot be shared evenly, the first chords are longer. With ``/`` every entry is one beat and
    ``/`` holds the previous chord; ``/`` alone holds it for the bar. ``%`` repeats the bar before.
    ``G7@2.5`` (or ``G7@2+12``: beat 2 and 12 ticks of 24 per quarter) places a chord between
    beats. A bar may be preceded by a meter (``3/4:``), which stays in force, a section (``[A]``)
    and an ending (``1.`` or ``1,2.``), in any order. ``|: :|`` is played twice, ``:|x3`` three
    times; the chart returned has repeats written out.

    Lines ``title:``, ``composer:``, ``style:``, ``key:``, ``tempo:`` and ``meter:`` may precede
    the bars. A line that begins with ``#`` is a comment; so is the rest of a line after `` # ``.

    Raises:
        DataError: A bar is empty or cannot be parsed; the message names the bar, from 1, its
            line and its column.
    """
    lines = text.splitlines()
    labels, count = _parse_labels(lines)
    parser = _LineParser(labels.pop("meter", (4, 4)))
    for number, line in enumerate(lines[count:], start=count + 1):
        parser.parse_line(number, _COMMENT.sub("", line))
    written = parser.finish()
    try:
        return unfolded_chart(written, **labels)
    except DataError as error:
        raise DataError(f"the form of the chart: {error}") from error


def unfolded_chart(written: list[WrittenBar], **labels: Any) -> Chart:
    """The chart of written bars: repeats written out, with its section marks.

    Raises:
        DataError: Its repeats, endings and jumps do not fit together.
    """
    bars = extend_endings(written)
    order, remarks = unfold(bars)
    if not order:
        raise DataError("its repeats and jumps leave no bar to play")
    marks = enumerate(bars[place].section for place in order)
    labels["remarks"] = (*labels.get("remarks", ()), *remarks)
    labels["sections"] = tuple((at, name) for at, name in marks if name)
    return Chart(tuple(bars[place].bar for place in order), **labels)


def _parse_labels(lines: Sequence[str]) -> tuple[dict[str, Any], int]:
    """The labels before the first line with bars, and how many lines they take.

    Raises:
        DataError: A line has an unknown name or an invalid value.
    """
    labels: dict[str, Any] = {"remarks": ()}
    count = 0
    for number, line in enumerate(lines, start=1):
        if line.startswith(REMARK_PREFIX):
            labels["remarks"] += (line.removeprefix(REMARK_PREFIX).strip(),)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _LABEL.fullmatch(line)
        if found is None or _is_chord(found[1]):
            break
        name = found[1].lower()
        if name not in _LABEL_NAMES:
            raise DataError(
                f"line {number} of the chart: unknown label {found[1]!r}; known are "
                f"{', '.join(_LABEL_NAMES)}; a section is written [{found[1]}] before its bars"
            )
        try:
            labels[name] = _PARSE_LABEL.get(name, str)(found[2])
        except DataError as error:
            raise DataError(f"line {number} of the chart: {error}") from error
        count = number
    return labels, count


def _is_chord(text: str) -> bool:
    try:
        parse_chord(text)
    except DataError:
        return False
    return True


def _parse_tempo(text: str) -> float:
    try:
        tempo = float(text)
    except ValueError:
        tempo = 0.0
    if not 1 <= tempo <= MAX_TEMPO:
        raise DataError(f"a tempo is a number from 1 to {MAX_TEMPO}, was {text!r}")
    return tempo


_PARSE_LABEL: Final = {"key": parse_key, "tempo": _parse_tempo, "meter": parse_meter}


@final
@dataclass(slots=True)
class _LineParser:
    """Collects written bars; ``column`` is that of the first entry of the bar."""

    meter: tuple[int, int]
    bars: list[WrittenBar] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    marks: dict[str, Any] = field(default_factory=dict)
    previous: str = ""
    column: int = 0

    def parse_line(self, number: int, line: str) -> None:
        """Parse one line, whose end is also the end of a bar."""
        self.previous = "line"
        for kind, token, column in (*_tokens(line), ("end", "", len(line))):
            if kind not in ("line", "end") and not self.entries:
                self.column = column
            try:
                getattr(self, f"_{kind}")(token, column)
            except DataError as error:
                place = f"line {number}, column {getattr(error, 'column', column)}"
                bar = len(self.bars) + 1
                raise DataError(f"bar {bar} of the chart ({place}): {error}") from error

    def finish(self) -> list[WrittenBar]:
        """All bars, after checking that no mark or repeat is left open."""
        if not self.bars:
            raise DataError("the chart is empty; write bars like: Dm7 | G7 | Cmaj7 | %")
        if self.marks:
            marks = ", ".join(sorted(self.marks))
            raise DataError(f"the chart ends with a mark ({marks}) without a bar after it")
        opened = 0
        for number, bar in enumerate(self.bars, start=1):
            opened = number if bar.begins_repeat else opened
            opened = 0 if bar.ends_repeat else opened
        if opened:
            raise DataError(
                f"the repeat that begins at bar {opened} of the chart has no end; write :| there"
            )
        return self.bars

    def _line(self, token: str, _column: int) -> None:
        repeat = token[0] in ":}" or token[-1] in ":{"
        if self.entries:
            self._end()
        elif self.previous == "bar" and not repeat:
            raise DataError(
                "it is empty; write % to repeat the bar before, / to hold its last chord"
            )
        if token[0] in ":}":
            if not self.bars:
                raise DataError("a repeat ends here, but there is no bar before it")
            self.bars[-1] = replace(self.bars[-1], ends_repeat=True)
        if token[-1] in ":{":
            self.marks["begins_repeat"] = True
        self.previous = "repeat" if repeat else "bar"

    def _end(self, _token: str = "", _column: int = 0) -> None:
        """Append the bar of the entries since the last bar line."""
        if not self.entries:
            return
        previous = self.bars[-1].bar if self.bars else None
        try:
            changes = parse_bar(self.entries, Bar((), self.meter), previous)
        except EntryError:
            raise
        except DataError as error:
            raise EntryError(self.column, str(error)) from error
        self.bars.append(WrittenBar(Bar(changes, self.meter), **self.marks))
        self.entries, self.marks = [], {}

    def _section(self, token: str, _column: int) -> None:
        name = token[1:-1].strip()
        self._check_before_chords(f"section {token}")
        if not _SECTION.fullmatch(name):
            raise DataError(f"the name of a section has 1 to 24 characters, was {token!r}")
        self.marks["section"] = name

    def _ending(self, token: str, _column: int) -> None:
        self._check_before_chords(f"ending {token}")
        self.marks["ending"] = frozenset(int(number) for number in re.findall(r"\d", token))

    def _meter(self, token: str, _column: int) -> None:
        self._check_before_chords(f"meter {token}")
        self.meter = parse_meter(token)

    def _times(self, token: str, _column: int) -> None:
        times = int(token.strip("x×"))
        if not (self.bars and self.bars[-1].ends_repeat and not self.entries):
            raise DataError(f"{token} must follow :|, whose number of passes it is")
        if not 2 <= times <= _MAX_TIMES:
            raise DataError(f"a repeat is played 2 to {_MAX_TIMES} times, was {times}")
        self.bars[-1] = replace(self.bars[-1], times=times)

    def _entry(self, token: str, column: int) -> None:
        self.entries.append(Entry(token, column))

    def _space(self, token: str, _column: int) -> None:
        if token.strip(" \t,"):
            raise DataError(f"{token!r} has no meaning here; repeats are |: and :|")

    def _check_before_chords(self, what: str) -> None:
        if self.entries:
            raise DataError(f"{what} must be before the chords of its bar")


def _tokens(line: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and column (from 1) of each token of a line."""
    for found in _TOKEN.finditer(line):
        kind = found.lastgroup or "space"
        yield kind, found[kind], found.start() + 1
