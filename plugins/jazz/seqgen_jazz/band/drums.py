"""The drums: the patterns of a style, fills before sections, and crashes at their beginnings."""

from __future__ import annotations

from collections.abc import Set

from seqgen_jazz.band.band_style import (
    ACCENTS,
    DRUM_STREAM,
    DRUMS,
    BandNote,
    PartStyle,
    Stroke,
    Style,
    strokes,
    uniforms,
    vary_delay,
    vary_velocity,
)
from seqgen_jazz.band.meter_and_swing import beat_groups
from seqgen_jazz.charts.chart import Chart

_CRASH_VELOCITY = 74


def drums(chart: Chart, style: Style, seed: int, sections: Set[int]) -> list[BandNote]:
    """The drum part.

    Args:
        chart: The chart.
        style: Its patterns.
        seed: Of the random choices.
        sections: The bars at which sections begin; the bar before one is a fill.
    """
    notes: list[BandNote] = []
    last = len(chart.bars) - 1
    ends = {chart.bar_starts[bar] for bar in sections}
    for group in beat_groups(chart):
        chance = uniforms(seed, DRUM_STREAM, group.bar)
        begins = group.starts[0] == chart.bar_starts[group.bar]
        if group.bar < chart.pickup:
            continue  # drums begin with the first full bar
        if group.bar == last:
            if begins:
                notes += _ending(group.starts[0], chart.ticks, float(chance[0]))
            continue
        kit = style.fills if group.end in ends and style.fills else style.drums
        place = 8
        for number, (drum, part) in enumerate(kit.items()):
            options = part.bars.get(len(group.starts), ())
            if not options:
                continue
            for stroke in strokes(options[int(chance[number] * len(options))], group):
                delay, velocity = (float(draw) for draw in chance[place : place + 2])
                notes.append(_drum_note(part, drum, stroke, delay, velocity))
                place = 8 + (place - 6) % 240
        if begins and group.bar in sections and group.bar > chart.pickup:
            notes.append(BandNote(group.starts[0], group.end, DRUMS["crash"], _CRASH_VELOCITY))
    return notes


def _drum_note(
    part: PartStyle, drum: str, stroke: Stroke, delay: float, velocity: float
) -> BandNote:
    """A stroke of a drum; ``delay`` and ``velocity`` are uniforms."""
    return BandNote(
        stroke.start,
        stroke.start + 6,
        DRUMS[drum],
        vary_velocity(part.velocity * ACCENTS[stroke.symbol], velocity),
        vary_delay(part.delay, part.jitter, delay),
        stroke.swings,
    )


def _ending(start: int, end: int, chance: float) -> list[BandNote]:
    """The last bar: a cymbal and the kick on its first beat."""
    return [
        BandNote(start, end, DRUMS["crash"], vary_velocity(66, chance)),
        BandNote(start, start + 12, DRUMS["kick"], vary_velocity(56, chance)),
    ]
