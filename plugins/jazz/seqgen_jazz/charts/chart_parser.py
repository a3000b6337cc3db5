"""The reader of a chart's text: lines to tokens, tokens to written bars, these to a chart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

from seqgen import DataError
from seqgen_jazz.charts.bar_text import Entry, bar_changes, read_meter
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_header import read_head
from seqgen_jazz.charts.repeats import WrittenBar, close_endings, unfold

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
_MOST_TIMES: Final = 16
_SECTION: Final = re.compile(r"[^\[\]|#{}:]{1,24}")


def read_chart(text: str) -> Chart:
    """The chart of a text; see ``parse_chart`` for the form and the errors."""
    lines = text.splitlines()
    head = read_head(lines)
    reader = _Reader(head.meter)
    for number, line in enumerate(lines, start=1):
        if number > head.lines:
            reader.read_line(number, _COMMENT.sub("", line))
    written = reader.finish()
    labels: dict[str, Any] = {
        "title": head.title,
        "composer": head.composer,
        "style": head.style,
        "key": head.key,
        "tempo": head.tempo,
        "remarks": head.remarks,
    }
    try:
        return played(written, **labels)
    except DataError as error:
        raise DataError(f"the form of the chart: {error}") from error


def played(written: list[WrittenBar], **labels: Any) -> Chart:
    """The chart of written bars: repeats played out, section marks where they fall.

    Raises:
        DataError: Its signs make no form.
    """
    grown = close_endings(written)
    order, remarks = unfold(grown)
    if not order:
        raise DataError("its signs leave no bar to play")
    bars = tuple(grown[place].bar for place in order)
    marks = [(at, grown[place].section) for at, place in enumerate(order)]
    sections = tuple((at, name) for at, name in marks if name)
    remarks = (*labels.pop("remarks", ()), *remarks)
    return Chart(bars, sections=sections, remarks=remarks, **labels)


class _PlacedError(DataError):
    """An error that says already where in the chart it is."""


@final
@dataclass(slots=True)
class _Reader:
    """Collects written bars; ``place`` is the line and column of what is read now."""

    meter: tuple[int, int]
    bars: list[WrittenBar] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    marks: dict[str, Any] = field(default_factory=dict)
    before: str = ""
    line: int = 0
    column: int = 0

    def read_line(self, number: int, line: str) -> None:
        """Read one line; its end ends a bar too."""
        self.line, self.before = number, "line"
        for kind, token, column in _tokens(line):
            if kind != "line" and not self.entries:
                self.column = column
            try:
                getattr(self, f"_{kind}")(token, column)
            except _PlacedError:
                raise
            except DataError as error:
                raise self._at(column, error) from error
        if self.entries:
            self._close()

    def finish(self) -> list[WrittenBar]:
        """All bars, when the signs among them fit."""
        if not self.bars:
            raise DataError("the chart is empty; write bars like: Dm7 | G7 | Cmaj7 | %")
        if self.marks:
            what = ", ".join(sorted(self.marks))
            raise DataError(f"the chart ends with a mark ({what}) that has no bar behind it")
        opened = 0
        for number, bar in enumerate(self.bars, start=1):
            opened = number if bar.begins_repeat else opened
            opened = 0 if bar.ends_repeat else opened
        if opened:
            raise DataError(
                f"the repeat that begins at bar {opened} of the chart has no end; write :| there"
            )
        return self.bars

    def _at(self, column: int, error: Exception) -> _PlacedError:
        number = len(self.bars) + 1
        return _PlacedError(
            f"bar {number} of the chart (line {self.line}, column {column}): {error}"
        )

    def _line(self, token: str, column: int) -> None:
        repeat = token[0] in ":}" or token[-1] in ":{"
        if self.entries:
            self._close()
        elif self.before == "bar" and not repeat:
            raise DataError(
                "it is empty; write % to repeat the bar before, / to hold its last chord"
            )
        if token[0] in ":}":
            if not self.bars:
                raise DataError("a repeat ends here, but no bar stands before it")
            self.bars[-1] = replace(self.bars[-1], ends_repeat=True)
        if token[-1] in ":{":
            self.marks["begins_repeat"] = True
        self.before = "repeat" if repeat else "bar"

    def _close(self) -> None:
        """The bar of the entries since the last bar line."""
        try:
            changes = bar_changes(self.entries, Bar((), self.meter), [b.bar for b in self.bars])
        except DataError as error:
            column = getattr(error, "column", self.column)
            raise self._at(column, error) from error
        self.bars.append(WrittenBar(Bar(changes, self.meter), **self.marks))
        self.entries, self.marks = [], {}

    def _section(self, token: str, _column: int) -> None:
        name = token[1:-1].strip()
        self._in_front(f"section {token}")
        if not _SECTION.fullmatch(name):
            raise DataError(f"a section has a name of 1 to 24 characters, was {token!r}")
        self.marks["section"] = name

    def _ending(self, token: str, _column: int) -> None:
        self._in_front(f"ending {token}")
        self.marks["ending"] = frozenset(int(number) for number in re.findall(r"\d", token))

    def _meter(self, token: str, _column: int) -> None:
        self._in_front(f"meter {token}")
        self.meter = read_meter(token)

    def _times(self, token: str, _column: int) -> None:
        times = int(token.strip("x×"))
        if not (self.bars and self.bars[-1].ends_repeat and not self.entries):
            raise DataError(f"{token} says how often a repeat is played: it stands behind :|")
        if not 2 <= times <= _MOST_TIMES:
            raise DataError(f"a repeat is played 2 to {_MOST_TIMES} times, was {times}")
        self.bars[-1] = replace(self.bars[-1], times=times)

    def _entry(self, token: str, column: int) -> None:
        self.entries.append(Entry(token, column))

    def _space(self, token: str, _column: int) -> None:
        if token.strip(" \t,"):
            raise DataError(f"{token!r} has no meaning here; repeats are |: and :|")

    def _in_front(self, what: str) -> None:
        if self.entries:
            raise DataError(f"{what} stands in front of the chords of its bar")


def _tokens(line: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and column (from 1) of each token of a line."""
    for found in _TOKEN.finditer(line):
        kind = found.lastgroup or "space"
        yield kind, found[kind], found.start() + 1


def parse_chart(text: str) -> Chart:
    """Read a chart such as ``[A] |: Dm7 | G7 / / Ab7 |1. Cmaj7 | % :|2. C6 |``.

    Bars are split by ``|`` (or ``||``) or a new line, chords in a bar by spaces or commas. One
    chord fills its bar, two share it, three in 4/4 take 2+1+1 beats, four one each; the first
    ones get the longer share where it does not come out even. With ``/`` every entry is one
    beat and ``/`` holds the chord before; ``/`` alone holds it for the bar. ``%`` repeats the
    bar before. ``G7@2.5`` (or ``G7@2+12``: beat 2 and 12 ticks of 24 a quarter) places a chord
    between beats. In front of a bar may stand a meter (``3/4:``), which holds from there on, a
    section (``[A]``) and an ending (``1.`` or ``1,2.``), in any order. ``|: :|`` is played
    twice, or ``:|x3`` three times; repeats are played out in the chart that is given.

    Lines ``title:``, ``composer:``, ``style:``, ``key:``, ``tempo:`` and ``meter:`` may stand
    in front of the bars. A line that begins with ``#`` is a comment, and behind bars what
    follows `` # ``.

    Raises:
        DataError: A bar is empty or cannot be read; the message names the bar, from 1, its
            line and its column.
    """

    return read_chart(text)
