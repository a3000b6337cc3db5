"""A picture of a performance: a lane for each part, every note where it sounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from seqgen_jazz.band.arrangement import DRUM_CHANNEL, parts
from seqgen_jazz.band.meter import beat_starts
from seqgen_jazz.band.swing import SCALE
from seqgen_jazz.encoding.pitch_tokens import CLASSES, note_classes
from seqgen_jazz.encoding.solo import note_name
from seqgen_jazz.output.roll_png import (
    INK,
    LOOKS,
    PALE,
    draw_boxes,
    draw_lines,
    lanes,
    legend,
    save,
    symbol,
)
from seqgen_jazz.output.spelling import Speller

if TYPE_CHECKING:
    from pathlib import Path

    from seqgen_jazz.band.arrangement import Part
    from seqgen_jazz.encoding.solo import Solo
    from seqgen_jazz.output.roll_png import Box

#: Drums from the lowest to the highest row.
_ROWS: Final = {
    **{36: "kick", 45: "tom", 38: "snare", 37: "stick", 44: "pedal", 42: "hat", 46: "open"},
    **{82: "shaker", 51: "ride", 53: "bell", 49: "crash"},
}
_LANES = {0: 3.0, 1: 1.6, 2: 1.6, DRUM_CHANNEL: 1.8}  # heights by channel
_BAND = "#5c677d"


def band_png(solo: Solo, path: Path, first: int = 0, bars: int = 4, dpi: int = 150) -> Path:
    """Draw some bars of a performance to a PNG file: swing and lateness as they sound, loudness
    as depth of colour, the solo's notes in the colours of their classes. Needs matplotlib.

    Args:
        solo: With a band, or without one; then it is the solo's lane alone.
        path: Written whole or not at all.
        first: The first bar, from 0.
        bars: How many.
        dpi: Dots an inch; a picture is 11 inches wide.

    Raises:
        SeqgenError: The file cannot be written.
    """
    found = parts(solo)
    heights = [0.85 * _LANES.get(part.channel, 1.6) for part in found]
    figure, all_axes = lanes(heights, gap=0.15, head=0.2)
    last = min(first + bars, len(solo.chart.bars))
    span = (solo.chart.bar_starts[first], solo.chart.bar_starts[last])
    for axes, part in zip(all_axes, found, strict=True):
        axes.set_xlim(span[0] * SCALE - 10, span[1] * SCALE + 10)
        _lane(axes, solo, part, span)
        axes.set_ylabel(part.name, fontsize=9, color=INK)
        axes.yaxis.set_label_coords(-0.045, 0.5)
    _symbols(all_axes[0], solo, span)
    legend(figure)
    return save(figure, path, dpi)


def _lane(axes: Any, solo: Solo, part: Part, span: tuple[int, int]) -> None:
    begin, end = span[0] * SCALE, span[1] * SCALE
    shown = [sound for sound in part.sounds if sound.start < end and sound.end > begin]
    drums = part.channel == DRUM_CHANNEL
    here = {sound.pitch for sound in shown}
    rows = [pitch for pitch in _ROWS if pitch in here]
    boxes: list[Box] = []
    for sound in shown:
        height = rows.index(sound.pitch) if drums else sound.pitch
        width = 40 if drums else max(20, sound.end - sound.start - 12)
        colour, depth = _BAND, 0.25 + 0.75 * sound.velocity / 127
        if part.channel == 0:
            chord = solo.chart.chord_at(round(sound.start / SCALE))
            colour, depth = LOOKS[CLASSES[note_classes(chord)[sound.pitch % 12]]][1], 1.0
        box = (max(sound.start, begin), height - 0.42, width, 0.84)
        boxes.append((*box, (colour, min(1.0, depth))))
    if drums:
        axes.set_yticks(range(len(rows)), [_ROWS[pitch] for pitch in rows], fontsize=7)
        axes.set_ylim(-0.7, max(len(rows), 1) - 0.3)
    else:
        low, high = min(here, default=60) - 2, max(here, default=60) + 2
        marks = [pitch for pitch in range(low, high + 1) if pitch % 12 in (0, 7)]
        axes.set_yticks(marks, [note_name(pitch) for pitch in marks], fontsize=7, color=INK)
        axes.set_ylim(low - 0.5, high + 0.5)
    draw_boxes(axes, boxes, zorder=3)
    beats = [tick * SCALE for tick in beat_starts(solo.chart) if span[0] <= tick < span[1]]
    # Beats and bar lines; what sounds behind them is late.
    draw_lines(axes, beats, PALE, 0.6, zorder=1)
    inside = [tick * SCALE for tick in solo.chart.bar_starts if span[0] <= tick <= span[1]]
    draw_lines(axes, inside, INK, 1.0, zorder=2)


def _symbols(axes: Any, solo: Solo, span: tuple[int, int]) -> None:
    speller = Speller(solo.chart)
    for tick, _ in solo.chart.changes:
        if span[0] <= tick < span[1]:
            symbol(axes, speller.symbol(tick), tick * SCALE)
