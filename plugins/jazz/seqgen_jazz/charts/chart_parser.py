"""The parser of a chart's text: labels, then bars with repeats, endings, sections and meters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.bar_parser import Entry, EntryError, parse_bar, parse_meter
from seqgen_jazz.charts.chart import LABELS, REMARK_PREFIX, Bar, Chart
from seqgen_jazz.charts.key import parse_key
from seqgen_jazz.charts.repeats import WrittenBar, extend_endings, unfold
from seqgen_jazz.harmony.chord_parser import parse_chord

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
