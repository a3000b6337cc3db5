"""A piano roll for the terminal: four bars of 4/4 a line, at most 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, final

from seqgen_jazz.band.arrangement import style_of
from seqgen_jazz.band.meter import told_meters
from seqgen_jazz.encoding.solo import note_name
from seqgen_jazz.output.spelling import Speller

if TYPE_CHECKING:
    from seqgen_jazz.encoding.solo import Note, Performance, Solo


_COLUMNS = 96  # for the bars of a line; 4 more hold the note names
_TICKS_A_COLUMN = 4
_LINES = 8
_BLANK, _LOWER, _UPPER, _BOTH = " ", "▄", "▀", "█"


@final
class _System(NamedTuple):
    """The bars of one line: the first, the one after the last, ticks a column."""

    first: int
    last: int
    scale: int


def roll(solo: Solo) -> str:
    """The solo as text, two semitones a row; a longer one is shown from its beginning.

    Chord symbols stand above the bars. A column is a sixth of a quarter note, or more where
    the longest bar needs it.
    """
    systems = _systems(solo)
    shown = [_draw(solo, system) for system in systems[:_LINES]]
    hidden = len(solo.chart.bars) - systems[:_LINES][-1].last if systems else 0
    if hidden:
        shown.append(f"... and {hidden} more bar{'s' if hidden > 1 else ''}")
    return "\n".join(shown)


def _systems(solo: Solo) -> list[_System]:
    """The bars in lines that are as full as they can be."""
    bars, starts = solo.chart.bars, solo.chart.bar_starts
    longest = max((bar.ticks for bar in bars), default=1)
    scale = max(_TICKS_A_COLUMN, -(-longest // _COLUMNS))
    systems, first = [], 0
    for last in range(1, len(bars) + 1):
        full = last == len(bars) or starts[last + 1] - starts[first] > _COLUMNS * scale
        if full:
            systems.append(_System(first, last, scale))
            first = last
    return systems


def _draw(solo: Solo, system: _System) -> str:
    starts = solo.chart.bar_starts
    begin, end = starts[system.first], starts[system.last]
    width = -(-(end - begin) // system.scale)
    notes = [note for note in solo.notes if note.onset < end and note.end > begin]
    pitches = [note.pitch for note in notes] or [60]
    low = min(pitches) - min(pitches) % 2
    rows = (max(pitches) - low) // 2 + 1
    grid = [[_BLANK] * width for _ in range(rows)]
    for bar in range(system.first, system.last):
        for row in grid:
            row[(starts[bar] - begin) // system.scale] = "│"
    for place, note in enumerate(notes):
        following = notes[place + 1] if place + 1 < len(notes) else None
        first, last = _columns(note, following, begin, end, system.scale)
        height, upper = divmod(note.pitch - low, 2)
        for column in range(first, last):
            grid[height][column] = _block(grid[height][column], bool(upper))
    names = [f"{note_name(low + 2 * row):4}" for row in range(rows)]
    lines = [name + "".join(row).rstrip() for name, row in zip(names, grid, strict=True)]
    return "\n".join([_chord_names(solo, system, width), *reversed(lines)])


def _columns(
    note: Note, following: Note | None, begin: int, end: int, scale: int
) -> tuple[int, int]:
    """The columns of a note; one is left free before the same note is struck again."""
    first = (max(note.onset, begin) - begin) // scale
    last = max(-(-(min(note.end, end) - begin) // scale), first + 1)
    if following is not None:
        struck = (following.onset - begin) // scale
        again = following.pitch == note.pitch and struck <= last
        last = min(last, max(struck - again, first + 1))
    return first, last


def _block(there: str, upper: bool) -> str:
    """A half block, beside the half that may be there already."""
    if there == (_LOWER if upper else _UPPER) or there == _BOTH:
        return _BOTH
    return _UPPER if upper else _LOWER


def _chord_names(solo: Solo, system: _System, width: int) -> str:
    """The chord names above their columns, cut short where the next one begins."""
    starts, speller = solo.chart.bar_starts, Speller(solo.chart)
    begin, end = starts[system.first], starts[system.last]
    places = [
        ((tick - begin) // system.scale, speller.symbol(tick))
        for tick, _ in solo.chart.changes
        if begin <= tick < end
    ]
    if not places or places[0][0] > 0:
        places.insert(0, (0, f"({speller.symbol(begin)})"))
    line = [" "] * width
    for number, (column, name) in enumerate(places):
        until = places[number + 1][0] - 1 if number + 1 < len(places) else width
        for offset, character in enumerate(name[: max(until - column, 1)]):
            if column + offset < width:
                line[column + offset] = character
    return "    " + "".join(line).rstrip()


def heading(solo: Solo) -> list[str]:
    """Lines such as ``Blue Test by Smith John: bossa, as its 'Bossa Nova' says, 140 a minute``.

    Empty where nobody said how the solo is performed.
    """
    performance, chart = solo.performance, solo.chart
    if performance is None:
        return []
    name = solo.title + (f" by {chart.composer}" if solo.title and chart.composer else "")
    tempo = f"{solo.tempo:g} a minute"
    if chart.tempo is not None:
        same = chart.tempo == solo.tempo
        tempo += ", as the chart says" if same else f" (the chart says {chart.tempo:g})"
    facts = ", ".join([_style(solo, performance), tempo, solo.instrument])
    lines = [f"{name}: {facts}" if name else facts]
    lines += [f"of the chart: {remark}" for remark in chart.remarks]
    lines += performance.notices
    if performance.band:
        lines += [f"the band plays {words}" for words in told_meters(chart)]
    return lines


def _style(solo: Solo, performance: Performance) -> str:
    name, words = style_of(performance).name, solo.chart.style
    if not words:
        return name
    says = solo.chart.band_style == performance.style
    return f"{name} for the chart's {words!r}" if says else f"{name} (the chart says {words!r})"
