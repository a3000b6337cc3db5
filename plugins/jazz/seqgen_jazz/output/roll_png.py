"""A piano roll as a PNG picture: notes coloured by their class against the chord."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from seqgen_jazz.band.meter import beat_starts
from seqgen_jazz.encoding.pitch_tokens import CLASSES, note_classes
from seqgen_jazz.encoding.solo import note_name
from seqgen_jazz.output.spelling import Speller

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from seqgen_jazz.encoding.solo import Solo


#: Left, bottom, width, height, colour.
Box = tuple[float, float, float, float, Any]


def draw_boxes(axes: Any, boxes: Sequence[Box], zorder: float) -> None:
    """Draw rectangles; a colour is anything that matplotlib takes, alpha included."""
    from matplotlib.collections import PolyCollection

    corners = [
        [(left, low), (left, low + height), (left + width, low + height), (left + width, low)]
        for left, low, width, height, _ in boxes
    ]
    colours = [colour for *_, colour in boxes]
    drawn = PolyCollection(corners, facecolors=colours, linewidths=0, zorder=zorder)
    axes.add_collection(drawn, autolim=False)


def draw_lines(
    axes: Any, places: Sequence[float], colour: str, width: float, zorder: float
) -> None:
    """Draw upright lines over the whole height of an axes, whose limits are set."""
    low, high = axes.get_ylim()
    axes.vlines(places, low, high, colors=colour, linewidth=width, zorder=zorder)


_BARS_A_LINE = 4
#: Inches: of a picture, left of its lanes, below them.
_WIDTH, _LEFT, _FOOT = 11.0, 0.65, 0.45
INK, PALE, _FAINT, _CHORD_TONE = "#2b2d42", "#d9dce3", "#8d99ae", "#eef2f7"
#: Class letter -> (what it means, colour); told apart in grey and by the colour-blind too.
LOOKS = {
    "C": ("chord tone", "#1d4e89"),
    "S": ("scale tone", "#00a19d"),
    "A": ("approach", "#f79256"),
    "X": ("other", "#c1121f"),
}


def piano_roll_png(solo: Solo, path: Path, dpi: int = 150) -> Path:
    """Draw a solo to a PNG file, four bars a line.

    Grey rows are the tones of the chord that sounds, small figures the bars. Needs matplotlib.

    Args:
        solo: At least one bar long.
        path: Written whole or not at all.
        dpi: Dots an inch; a picture is 11 inches wide.

    Raises:
        SeqgenError: The file cannot be written.
    """
    return save(_figure(solo), path, dpi)


def save(figure: Any, path: Path, dpi: int) -> Path:
    """Write a figure whole or not at all."""
    import seqgen

    with seqgen.replacing(path) as temporary:
        # Without the writer's version in it the picture is the same bytes every time.
        metadata = {"Software": None}
        figure.savefig(temporary, format="png", dpi=dpi, facecolor="white", metadata=metadata)
    return path


def _figure(solo: Solo) -> Any:
    # As on the page, a pickup stands before the first line of four.
    later = range(solo.chart.pickup + _BARS_A_LINE, len(solo.chart.bars), _BARS_A_LINE)
    lines = (0, *later)
    pitches = [note.pitch for note in solo.notes] or [60]
    low, high = min(pitches) - 2, max(pitches) + 2
    figure, all_axes = lanes([0.055 * (high - low)] * len(lines))
    longest = max(_span(solo, first)[1] - _span(solo, first)[0] for first in lines)
    for axes, first in zip(all_axes, lines, strict=True):
        begin, _ = _span(solo, first)
        axes.set_xlim(begin, begin + longest)
        axes.set_ylim(low - 0.5, high + 0.5)
        _line(axes, solo, first, (low, high))
    legend(figure)
    return figure


def lanes(heights: Sequence[float], gap: float = 0.42, head: float = 0.0) -> tuple[Any, list[Any]]:
    """A figure with lanes one below the other, room for names left and a legend below.

    Places are reckoned here: matplotlib's own search for them takes longer than the drawing.

    Args:
        heights: Of the lanes in inches, from the top.
        gap: Above each lane, in inches.
        head: Above all of them.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = head + sum(heights) + gap * len(heights) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasAgg(figure)
    top, all_axes = height - head, []
    for lane in heights:
        top -= gap + lane
        place = (_LEFT / _WIDTH, top / height, (_WIDTH - _LEFT - 0.1) / _WIDTH, lane / height)
        axes = figure.add_axes(place)
        axes.set_xticks([])
        axes.tick_params(length=0)
        for side in axes.spines.values():
            side.set_visible(False)
        all_axes.append(axes)
    return figure, all_axes


def _span(solo: Solo, first: int) -> tuple[int, int]:
    """The ticks at which a line of bars begins and ends."""
    starts = solo.chart.bar_starts
    return starts[first], starts[_after(solo, first)]


def _after(solo: Solo, first: int) -> int:
    """The bar behind a line of bars."""
    pickup = 0 if first else solo.chart.pickup
    return min(first + pickup + _BARS_A_LINE, len(solo.chart.bars))


def _line(axes: Any, solo: Solo, first: int, bounds: tuple[int, int]) -> None:
    begin, end = _span(solo, first)
    low, high = bounds
    _chords(axes, solo, (begin, end), bounds)
    notes: list[Box] = []
    for note in solo.notes:
        if note.end > begin and note.onset < end:
            letter = CLASSES[note_classes(solo.chart.chord_at(note.onset))[note.pitch % 12]]
            start, stop = max(note.onset, begin), min(note.end, end)
            box = (start + 0.6, note.pitch - 0.45, stop - start - 1.2, 0.9)
            notes.append((*box, LOOKS[letter][1]))
    draw_boxes(axes, notes, zorder=3)
    bars = solo.chart.bar_starts[first : _after(solo, first) + 1]
    beats = [tick for tick in beat_starts(solo.chart) if begin <= tick < end]
    draw_lines(axes, beats, PALE, 0.5, zorder=1)
    draw_lines(axes, bars, INK, 1.0, zorder=2)
    for number, tick in enumerate(bars[:-1]):
        axes.text(
            tick + 1,
            low - 0.2,
            str(first + number + 1 - solo.chart.pickup),
            color=_FAINT,
            fontsize=7,
        )
    octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
    axes.set_yticks(octaves, [note_name(pitch) for pitch in octaves], color=INK, fontsize=8)


def _chords(axes: Any, solo: Solo, span: tuple[int, int], bounds: tuple[int, int]) -> None:
    """Names above, and the rows of the chord tones as far as the chord sounds."""
    begin, end = span
    speller = Speller(solo.chart)
    changes = [*solo.chart.changes, (solo.chart.ticks, solo.chart.changes[-1][1])]
    rows: list[Box] = []
    for (tick, chord), (until, _) in pairwise(changes):
        start, stop = max(tick, begin), min(until, end)
        if start >= stop:
            continue
        symbol(axes, speller.symbol(tick), start)
        rows += [
            (start, pitch - 0.5, stop - start, 1.0, _CHORD_TONE)
            for pitch in range(bounds[0], bounds[1] + 1)
            if pitch % 12 in chord.chord_tones
        ]
    draw_boxes(axes, rows, zorder=0)


def symbol(axes: Any, name: str, place: int) -> None:
    """A chord symbol above an axes."""
    axes.annotate(
        name,
        (place, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, 3),
        textcoords="offset points",
        color=INK,
        fontsize=11,
        fontweight="bold",
    )


def legend(figure: Any) -> None:
    """What the colours of the notes mean."""
    from matplotlib.patches import Patch

    patches = [Patch(facecolor=colour, label=meaning) for meaning, colour in LOOKS.values()]
    figure.legend(handles=patches, loc="lower center", ncols=4, frameon=False, fontsize=9)
