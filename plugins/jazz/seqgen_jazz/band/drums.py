"""Drums: the patterns of a style, fills at the ends of sections, a crash where one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.band.meter import stretches
from seqgen_jazz.band.note_events import ACCENTS, Hit, draws, late, struck
from seqgen_jazz.band.note_events import DRUMS as STREAM
from seqgen_jazz.band.pattern import strokes
from seqgen_jazz.band.style import DRUMS

if TYPE_CHECKING:
    from collections.abc import Set

    from seqgen_jazz.band.style import PartStyle, Style
    from seqgen_jazz.charts.chart import Chart

_CRASH_VELOCITY = 74


def drums(chart: Chart, style: Style, seed: int, sections: Set[int]) -> list[Hit]:
    """The drums' part.

    Args:
        chart: What is played over.
        style: Its patterns.
        seed: Of the choices.
        sections: The bars at which sections begin: the bar before one is a fill.
    """
    hits: list[Hit] = []
    last = len(chart.bars) - 1
    ends = {chart.bar_starts[bar] for bar in sections}
    for stretch in stretches(chart):
        size = len(stretch.starts)
        chance = draws(seed, STREAM, stretch.bar)
        begins = stretch.starts[0] == chart.bar_starts[stretch.bar]
        if stretch.bar < chart.pickup:
            continue  # the soloist's own: drums come in with the first full bar
        if stretch.bar == last:
            if begins:
                hits += _ending(stretch.starts[0], chart.ticks, float(chance[0]))
            continue
        fills = stretch.end in ends and style.fills
        kit = style.fills if fills else style.drums
        place = 8
        for number, (drum, part) in enumerate(kit.items()):
            options = part.bars.get(size, ())
            if not options:
                continue
            chosen = options[int(chance[number] * len(options))]
            for stroke in strokes(chosen, stretch):
                hits.append(
                    _hit(
                        part,
                        drum,
                        stroke.start,
                        stroke.sign,
                        stroke.swings,
                        *(float(one) for one in chance[place : place + 2]),
                    )
                )
                place = 8 + (place - 6) % 240
        if begins and stretch.bar in sections and stretch.bar > chart.pickup:
            hits.append(
                Hit(stretch.starts[0], stretch.end, DRUMS["crash"], _CRASH_VELOCITY, 0.0, False)
            )
    return hits


def _hit(
    part: PartStyle, drum: str, start: int, sign: str, swings: bool, when: float, how: float
) -> Hit:
    velocity = struck(part.velocity * ACCENTS[sign], how)
    return Hit(start, start + 6, DRUMS[drum], velocity, late(part.late, part.jitter, when), swings)


def _ending(start: int, end: int, chance: float) -> list[Hit]:
    """The last bar: a cymbal and the kick on its first beat, left to ring."""
    return [
        Hit(start, end, DRUMS["crash"], struck(66, chance)),
        Hit(start, start + 12, DRUMS["kick"], struck(56, chance)),
    ]
