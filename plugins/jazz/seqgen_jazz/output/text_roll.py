"""A piano roll for the terminal: four bars of 4/4 per line, at most 102 columns."""

from __future__ import annotations

from typing import Final, NamedTuple, final

from seqgen_jazz.band.arrangement import performance_style
from seqgen_jazz.band.meter_and_swing import describe_meters
from seqgen_jazz.encoding.solo import Note, Performance, Solo, note_name
from seqgen_jazz.output.spelling import Speller

_COLUMNS: Final = 96  # for the bars of a line, after the names of the notes
_NAMES: Final = 6
_TICKS_PER_COLUMN: Final = 4
_MAX_LINES: Final = 8
_BLANK, _LOWER, _UPPER, _BOTH = " ", "▄", "▀", "█"
_LEGEND: Final = f"{_UPPER} upper note of a row, {_LOWER} lower, {_BOTH} both"


@final
class _Line(NamedTuple):
    """The bars of a line, from ``first`` up to ``last`` (excluded), and ticks per column."""

    first: int
    last: int
    scale: int


def text_roll(solo: Solo) -> str:
    """The solo as text, two semitones per row, with chord symbols above. A long solo is cut.

    A column is a sixth of a quarter note, or more if the longest bar requires it.
    """
    lines = _divide(solo)
    shown = [_draw(solo, line) for line in lines[:_MAX_LINES]]
    hidden = len(solo.chart.bars) - lines[:_MAX_LINES][-1].last if lines else 0
    if hidden:
        shown.append(f"... and {hidden} more bar{'s' if hidden > 1 else ''}")
    return "\n".join([*shown, _LEGEND] if solo.notes else shown)


def _divide(solo: Solo) -> list[_Line]:
    """The bars in lines that are as full as possible."""
    bars, starts = solo.chart.bars, solo.chart.bar_starts
    longest = max((bar.ticks for bar in bars), default=1)
    scale = max(_TICKS_PER_COLUMN, -(-longest // _COLUMNS))
    lines, first = [], 0
    for last in range(1, len(bars) + 1):
        if last == len(bars) or starts[last + 1] - starts[first] > _COLUMNS * scale:
            lines.append(_Line(first, last, scale))
            first = last
    return lines


def _draw(solo: Solo, line: _Line) -> str:
    starts = solo.chart.bar_starts
    begin, end = starts[line.first], starts[line.last]
    width = -(-(end - begin) // line.scale)
    notes = [note for note in solo.notes if note.onset < end and note.end > begin]
    pitches = [note.pitch for note in notes] or [60]
    low = min(pitches) - min(pitches) % 2
    rows = (max(pitches) - low) // 2 + 1
    grid = [[_BLANK] * width for _ in range(rows)]
    for bar in range(line.first, line.last):
        for row in grid:
            row[(starts[bar] - begin) // line.scale] = "│"
    for note, following in zip(notes, [*notes[1:], None], strict=False):
        first, last = _columns(note, following, begin, end, line.scale)
        height, upper = divmod(note.pitch - low, 2)
        for column in range(first, last):
            grid[height][column] = _block(grid[height][column], bool(upper))
    drawn = [
        _row_name(low + 2 * row).ljust(_NAMES) + "".join(cells).rstrip()
        for row, cells in enumerate(grid)
    ]
    return "\n".join([_chord_symbols(solo, line, width), *reversed(drawn)])


def _row_name(pitch: int) -> str:
    """The upper and the lower note of a row, such as ``Eb/D4``; the lower pitch is even."""
    return f"{note_name(pitch + 1).rstrip('-0123456789')}/{note_name(pitch)}"


def _columns(
    note: Note, following: Note | None, begin: int, end: int, scale: int
) -> tuple[int, int]:
    """The columns of a note; one is left blank before a repeated note."""
    first = (max(note.onset, begin) - begin) // scale
    last = max(-(-(min(note.end, end) - begin) // scale), first + 1)
    if following is not None:
        onset = (following.onset - begin) // scale
        repeated = following.pitch == note.pitch and onset <= last
        last = min(last, max(onset - repeated, first + 1))
    return first, last


def _block(present: str, upper: bool) -> str:
    """A half block, combined with the other half if it is present."""
    if present in (_BOTH, _LOWER if upper else _UPPER):
        return _BOTH
    return _UPPER if upper else _LOWER


def _chord_symbols(solo: Solo, line: _Line, width: int) -> str:
    """The chord symbols above their columns, each cut where the next one begins."""
    starts, speller = solo.chart.bar_starts, Speller(solo.chart)
    begin, end = starts[line.first], starts[line.last]
    symbols = {
        (tick - begin) // line.scale: speller.symbol(tick)
        for tick, _ in solo.chart.changes
        if begin <= tick < end
    }
    if 0 not in symbols:
        symbols = {0: f"({speller.symbol(begin)})", **symbols}
    columns = list(symbols)
    text = ""
    for column, following in zip(columns, [*columns[1:], width + 1], strict=True):
        text += symbols[column][: max(following - 1 - column, 1)].ljust(following - column)
    return " " * _NAMES + text[:width].rstrip()


def describe_performance(solo: Solo) -> list[str]:
    """Lines such as ``Blue Test by John Smith: bossa for the chart's 'Bossa Nova', 140 a minute``.

    Empty for a solo without a ``performance``.
    """
    performance, chart = solo.performance, solo.chart
    if performance is None:
        return []
    name = solo.title + (f" by {chart.composer}" if solo.title and chart.composer else "")
    tempo = f"{solo.tempo:g} a minute"
    if chart.tempo is not None:
        same = chart.tempo == solo.tempo
        tempo += ", as in the chart" if same else f" (the chart has {chart.tempo:g})"
    facts = ", ".join([_describe_style(solo, performance), tempo, solo.instrument])
    lines = [f"{name}: {facts}" if name else facts]
    lines += [f"of the chart: {remark}" for remark in chart.remarks]
    lines += performance.notices
    if performance.band:
        lines += [f"the band plays {words}" for words in describe_meters(chart)]
    return lines


def _describe_style(solo: Solo, performance: Performance) -> str:
    name, style = performance_style(performance).name, solo.chart.style
    if not style:
        return name
    same = solo.chart.band_style == performance.style
    return f"{name} for the chart's {style!r}" if same else f"{name} (the chart has {style!r})"
