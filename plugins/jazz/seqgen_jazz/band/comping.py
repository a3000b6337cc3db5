"""Comping: voiced chords in the rhythms of a style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.band.meter import stretches, whole_bar
from seqgen_jazz.band.note_events import ACCENTS, COMP, Hit, draws, late, struck
from seqgen_jazz.band.pattern import Stroke, strokes
from seqgen_jazz.band.voicings import MIDDLE, voice
from seqgen_jazz.charts.key import estimate_key, key_scale

if TYPE_CHECKING:
    from seqgen_jazz.band.meter import Stretch
    from seqgen_jazz.band.style import Style
    from seqgen_jazz.band.voicings import Window
    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.harmony.chord import Chord

#: A stroke this close before a change plays the chord to come.
AHEAD = 12


def comping(chart: Chart, style: Style, seed: int, window: Window = MIDDLE) -> list[Hit]:
    """The keyboard's part, within a window of pitches.

    A bar takes, by the seed, one of the patterns that strike most of its own chords. What is
    struck off the beat right before a change plays the new chord. The last bar is held.
    """
    placed: list[tuple[Stroke, Stretch]] = []
    last = len(chart.bars) - 1
    for stretch in stretches(chart):
        if stretch.bar < last:
            chosen = _chosen(chart, style, stretch, seed)
            placed += [(stroke, stretch) for stroke in chosen]
    if chart.bars:
        whole = whole_bar(chart, last)
        placed += [(stroke, whole) for stroke in _held(chart, whole)]
    chords = [_sounding(chart, stroke) for stroke, _ in placed]
    hits: list[Hit] = []
    voiced = voice(chords, style.voicing, window, key_scale(*estimate_key(chart)))
    for place, (pitches, (stroke, stretch)) in enumerate(zip(voiced, placed, strict=True)):
        chance = draws(seed, COMP, stretch.bar)[8 + 4 * (place % 60) :]
        behind = late(style.comp.late, style.comp.jitter, float(chance[0]))
        velocity = struck(style.comp.velocity * ACCENTS[stroke.sign], float(chance[1]))
        end = _end(chart, stroke)
        hits += [
            Hit(stroke.start, end, pitch, velocity, behind, stroke.swings) for pitch in pitches
        ]
    return hits


def _chosen(chart: Chart, style: Style, stretch: Stretch, seed: int) -> list[Stroke]:
    """The strokes of one of the patterns that strike the most chords of the stretch; where the
    bar before draws the same place in the list, the next one, so that bars seldom repeat."""
    options = [strokes(beats, stretch) for beats in style.comp.bars[len(stretch.starts)]]
    own = {chart.change_at(tick)[0] for tick in range(stretch.starts[0], stretch.end)}
    struck_chords = [
        len(own & {chart.change_at(_ahead(stroke))[0] for stroke in option}) for option in options
    ]
    most = max(struck_chords)
    best = [option for option, count in zip(options, struck_chords, strict=True) if count == most]
    column = (stretch.starts[0] - chart.bar_starts[stretch.bar]) % 7
    place, before = (
        int(float(draws(seed, COMP, max(bar, 0))[column]) * len(best))
        for bar in (stretch.bar, stretch.bar - 1)
    )
    again = stretch.bar > 0 and place == before
    return best[(place + again) % len(best)]


def _held(chart: Chart, stretch: Stretch) -> list[Stroke]:
    """Every chord of a bar struck once on its beat and held: how a piece ends."""
    found: list[Stroke] = []
    for beat, start in enumerate(stretch.starts):
        if not found or chart.chord_at(start) != chart.chord_at(found[-1].start):
            found.append(Stroke("x", beat, start, stretch.end, True, False))
    return found


def _ahead(stroke: Stroke) -> int:
    return stroke.start if stroke.on_beat else stroke.start + AHEAD


def _sounding(chart: Chart, stroke: Stroke) -> Chord:
    return chart.chord_at(_ahead(stroke))


def _end(chart: Chart, stroke: Stroke) -> int:
    """A chord is held up to its stroke's end or the next change, whichever is first."""
    ahead = _ahead(stroke)
    following = next((tick for tick, _ in chart.changes if tick > ahead), chart.ticks)
    return min(stroke.end if ahead < chart.ticks else chart.ticks, following)
