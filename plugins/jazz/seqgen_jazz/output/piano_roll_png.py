"""Piano rolls as PNG pictures: a solo by lines of bars, and a performance by parts. Needs
matplotlib."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any, Final

from seqgen_jazz.band.arrangement import DRUM_CHANNEL, Part, arrange
from seqgen_jazz.band.meter_and_swing import SCALE, beat_starts
from seqgen_jazz.encoding.solo import Solo, note_name
from seqgen_jazz.encoding.solo_tokens import CLASSES, note_classes
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.output.spelling import Speller

#: Left, bottom, width, height, colour.
Box = tuple[float, float, float, float, Any]

_BARS_PER_LINE: Final = 4
#: Inches: the width of a picture, the margin at the left of its lanes, the margin below them.
_WIDTH, _LEFT, _FOOT = 11.0, 0.65, 0.45
_INK, _PALE, _FAINT, _CHORD_TONE = "#2b2d42", "#d9dce3", "#8d99ae", "#eef2f7"
#: Class letter -> (meaning, colour); distinct in grey and for the colour-blind too.
_CLASS_COLOURS: Final = {
    "C": ("chord tone", "#1d4e89"),
    "S": ("scale tone", "#00a19d"),
    "A": ("approach", "#f79256"),
    "X": ("other", "#c1121f"),
}
_BAND: Final = "#5c677d"
#: Drums from the lowest to the highest row.
_DRUM_ROWS: Final = {
    **{36: "kick", 45: "tom", 38: "snare", 37: "stick", 44: "pedal", 42: "hat", 46: "open"},
    **{82: "shaker", 51: "ride", 53: "bell", 49: "crash"},
}
#: The height of a lane in inches, by channel.
_LANE_HEIGHTS: Final = {0: 2.55, 1: 1.36, 2: 1.36, DRUM_CHANNEL: 1.53}


def piano_roll_png(solo: Solo, dpi: int = 150) -> bytes:
    """A solo with four bars per line. Grey rows are the tones of the current chord, small numbers
    the bars, colours the class of a note relative to its chord.

    Args:
        solo: At least one bar long.
        dpi: Dots per inch; a picture is 11 inches wide.
    """
    chart = solo.chart
    # As in the score, a pickup precedes the first line of four bars.
    firsts = [0, *range(chart.pickup + _BARS_PER_LINE, len(chart.bars), _BARS_PER_LINE)]
    lines = list(pairwise([*firsts, len(chart.bars)]))
    pitches = [note.pitch for note in solo.notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    figure, all_axes = _lanes([0.055 * (high - low)] * len(lines))
    starts = chart.bar_starts
    longest = max(starts[last] - starts[first] for first, last in lines)
    for axes, (first, last) in zip(all_axes, lines, strict=True):
        axes.set_xlim(starts[first], starts[first] + longest)
        axes.set_ylim(low - 0.5, high + 0.5)
        _draw_line(axes, solo, first, last, low, high)
    return _png(figure, dpi)


def band_png(solo: Solo, first: int = 0, bars: int = 4, dpi: int = 150) -> bytes:
    """Some bars of a performance, a lane per part: swing and delays as they sound, velocity as
    depth of colour, the notes of the solo in the colours of their classes.

    Args:
        solo: With a band, or without one; then it is the lane of the solo alone.
        first: The first bar, from 0.
        bars: Number of bars.
        dpi: Dots per inch; a picture is 11 inches wide.
    """
    parts, starts = arrange(solo), solo.chart.bar_starts
    figure, all_axes = _lanes([_LANE_HEIGHTS[part.channel] for part in parts], gap=0.15, head=0.2)
    begin, end = starts[first], starts[min(first + bars, len(solo.chart.bars))]
    beats = [tick * SCALE for tick in beat_starts(solo.chart) if begin <= tick < end]
    bar_lines = [tick * SCALE for tick in starts if begin <= tick <= end]
    for axes, part in zip(all_axes, parts, strict=True):
        axes.set_xlim(begin * SCALE - 10, end * SCALE + 10)
        _draw_part(axes, solo, part, begin * SCALE, end * SCALE)
        # A note to the right of a line is late.
        _draw_grid(axes, beats, 0.6, bar_lines)
        axes.set_ylabel(part.name, fontsize=9, color=_INK)
        axes.yaxis.set_label_coords(-0.045, 0.5)
    speller = Speller(solo.chart)
    for tick, _ in solo.chart.changes:
        if begin <= tick < end:
            _draw_symbol(all_axes[0], speller.symbol(tick), tick * SCALE)
    return _png(figure, dpi)


def _lanes(heights: Sequence[float], gap: float = 0.42, head: float = 0.0) -> tuple[Any, list[Any]]:
    """A figure with lanes below each other, a margin for names at the left and a legend below.

    The layout is computed here: that of matplotlib takes longer than the drawing.

    Args:
        heights: Of the lanes in inches, from the top.
        gap: Inches above each lane.
        head: Inches above all lanes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    height = head + sum(heights) + gap * len(heights) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasAgg(figure)
    top, all_axes = height - head, []
    for lane in heights:
        top -= gap + lane
        axes = figure.add_axes(
            (_LEFT / _WIDTH, top / height, (_WIDTH - _LEFT - 0.1) / _WIDTH, lane / height)
        )
        axes.set_xticks([])
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        all_axes.append(axes)
    patches = [Patch(facecolor=colour, label=name) for name, colour in _CLASS_COLOURS.values()]
    figure.legend(handles=patches, loc="lower center", ncols=4, frameon=False, fontsize=9)
    return figure, all_axes


def _png(figure: Any, dpi: int) -> bytes:
    buffer = BytesIO()
    # Without the version of matplotlib the picture always has the same bytes.
    metadata = {"Software": None}
    figure.savefig(buffer, format="png", dpi=dpi, facecolor="white", metadata=metadata)
    return buffer.getvalue()


def _draw_line(axes: Any, solo: Solo, first: int, last: int, low: int, high: int) -> None:
    """The bars ``first`` to ``last`` (excluded) of a solo."""
    chart = solo.chart
    bars = chart.bar_starts[first : last + 1]
    begin, end = bars[0], bars[-1]
    _draw_chords(axes, solo, begin, end, range(low, high + 1))
    notes: list[Box] = []
    for note in solo.notes:
        if note.end > begin and note.onset < end:
            start, stop = max(note.onset, begin), min(note.end, end)
            colour = _class_colour(chart.chord_at(note.onset), note.pitch)
            notes.append((start + 0.6, note.pitch - 0.45, stop - start - 1.2, 0.9, colour))
    _draw_boxes(axes, notes, zorder=3)
    _draw_grid(axes, [tick for tick in beat_starts(chart) if begin <= tick < end], 0.5, bars)
    for number, tick in enumerate(bars[:-1], start=first + 1 - chart.pickup):
        axes.text(tick + 1, low - 0.2, str(number), color=_FAINT, fontsize=7)
    _label_pitches(axes, [pitch for pitch in range(low, high + 1) if pitch % 12 == 0], 8)


def _draw_chords(axes: Any, solo: Solo, begin: int, end: int, pitches: Iterable[int]) -> None:
    """The symbols above, and rows of the chord tones for the duration of each chord."""
    chart, speller = solo.chart, Speller(solo.chart)
    rows: list[Box] = []
    for (tick, chord), (until, _) in pairwise([*chart.changes, (chart.ticks, None)]):
        start, stop = max(tick, begin), min(until, end)
        if chord is None or start >= stop:
            continue
        _draw_symbol(axes, speller.symbol(tick), start)
        rows += [
            (start, pitch - 0.5, stop - start, 1.0, _CHORD_TONE)
            for pitch in pitches
            if pitch % 12 in chord.chord_tones
        ]
    _draw_boxes(axes, rows, zorder=0)


def _draw_part(axes: Any, solo: Solo, part: Part, begin: int, end: int) -> None:
    """A part between two file ticks."""
    notes = [note for note in part.notes if note.start < end and note.end > begin]
    drums = part.channel == DRUM_CHANNEL
    pitches = {note.pitch for note in notes}
    rows = [pitch for pitch in _DRUM_ROWS if pitch in pitches]
    boxes: list[Box] = []
    for note in notes:
        height = rows.index(note.pitch) if drums else note.pitch
        width = 40 if drums else max(20, note.end - note.start - 12)
        colour: Any = (_BAND, min(1.0, 0.25 + 0.75 * note.velocity / 127))
        if part.channel == 0:
            colour = _class_colour(solo.chart.chord_at(round(note.start / SCALE)), note.pitch)
        boxes.append((max(note.start, begin), height - 0.42, width, 0.84, colour))
    if drums:
        axes.set_yticks(range(len(rows)), [_DRUM_ROWS[pitch] for pitch in rows], fontsize=7)
        axes.set_ylim(-0.7, max(len(rows), 1) - 0.3)
    else:
        low, high = min(pitches, default=60) - 2, max(pitches, default=60) + 2
        _label_pitches(axes, [pitch for pitch in range(low, high + 1) if pitch % 12 in (0, 7)], 7)
        axes.set_ylim(low - 0.5, high + 0.5)
    _draw_boxes(axes, boxes, zorder=3)


def _class_colour(chord: Chord, pitch: int) -> str:
    return _CLASS_COLOURS[CLASSES[note_classes(chord)[pitch % 12]]][1]


def _label_pitches(axes: Any, pitches: Sequence[int], size: int) -> None:
    axes.set_yticks(pitches, [note_name(pitch) for pitch in pitches], color=_INK, fontsize=size)


def _draw_symbol(axes: Any, name: str, position: int) -> None:
    """A chord symbol above a lane."""
    axes.annotate(
        name,
        (position, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, 3),
        textcoords="offset points",
        color=_INK,
        fontsize=11,
        fontweight="bold",
    )


def _draw_boxes(axes: Any, boxes: Sequence[Box], zorder: float) -> None:
    """Rectangles in any colours of matplotlib."""
    from matplotlib.collections import PolyCollection

    corners = [
        [(left, low), (left, low + height), (left + width, low + height), (left + width, low)]
        for left, low, width, height, _ in boxes
    ]
    colours = [colour for *_, colour in boxes]
    drawn = PolyCollection(corners, facecolors=colours, linewidths=0, zorder=zorder)
    axes.add_collection(drawn, autolim=False)


def _draw_grid(axes: Any, beats: Sequence[float], beat_width: float, bars: Sequence[float]) -> None:
    """Lines for beats and bars over the height of a lane, whose limits are set."""
    low, high = axes.get_ylim()
    axes.vlines(beats, low, high, colors=_PALE, linewidth=beat_width, zorder=1)
    axes.vlines(bars, low, high, colors=_INK, linewidth=1.0, zorder=2)
