"""Comping: voiced chords in the rhythms of a style."""

from __future__ import annotations

from seqgen_jazz.band.meter import BeatGroup, bar_beats, beat_groups
from seqgen_jazz.band.note_events import COMP, BandNote, uniforms, vary_delay, vary_velocity
from seqgen_jazz.band.pattern import ACCENTS, Stroke, strokes
from seqgen_jazz.band.style import Style
from seqgen_jazz.band.voicings import MIDDLE, Window, voice_chords
from seqgen_jazz.charts.chart import Chart, estimate_key, key_scale

#: A stroke at most this many ticks before a change plays the next chord.
AHEAD = 12


def comping(chart: Chart, style: Style, seed: int, window: Window = MIDDLE) -> list[BandNote]:
    """The keyboard part, within a window of pitches.

    Each bar has, by the seed, one of the patterns that strike most of its chords. An off-beat
    just before a change plays the new chord. The last bar is held.
    """
    last = len(chart.bars) - 1
    placed: list[tuple[int, Stroke]] = [
        (group.bar, stroke)
        for group in beat_groups(chart)
        if group.bar < last
        for stroke in _choose_pattern(chart, style, group, seed)
    ]
    if chart.bars:
        placed += [(last, stroke) for stroke in _held_chords(chart, bar_beats(chart, last))]
    chords = [chart.chord_at(_chord_tick(stroke)) for _, stroke in placed]
    voiced = voice_chords(chords, style.voicing, window, key_scale(*estimate_key(chart)))
    notes: list[BandNote] = []
    for place, (pitches, (bar, stroke)) in enumerate(zip(voiced, placed, strict=True)):
        chance = uniforms(seed, COMP, bar)[8 + 4 * (place % 60) :]
        delay = vary_delay(style.comp.delay, style.comp.jitter, float(chance[0]))
        velocity = vary_velocity(style.comp.velocity * ACCENTS[stroke.symbol], float(chance[1]))
        end = _end(chart, stroke)
        notes += [
            BandNote(stroke.start, end, pitch, velocity, delay, stroke.swings) for pitch in pitches
        ]
    return notes


def _choose_pattern(chart: Chart, style: Style, group: BeatGroup, seed: int) -> list[Stroke]:
    """The strokes of one of the patterns that strike most chords of the group. If the previous
    bar draws the same number, the next pattern is chosen, so that bars seldom repeat."""
    options = [strokes(beats, group) for beats in style.comp.bars[len(group.starts)]]
    changes = {chart.change_at(tick)[0] for tick in range(group.starts[0], group.end)}
    struck = [
        len(changes & {chart.change_at(_chord_tick(stroke))[0] for stroke in option})
        for option in options
    ]
    best = [option for option, count in zip(options, struck, strict=True) if count == max(struck)]
    column = (group.starts[0] - chart.bar_starts[group.bar]) % 7
    drawn, previous = (
        int(float(uniforms(seed, COMP, max(bar, 0))[column]) * len(best))
        for bar in (group.bar, group.bar - 1)
    )
    repeated = group.bar > 0 and drawn == previous
    return best[(drawn + repeated) % len(best)]


def _held_chords(chart: Chart, group: BeatGroup) -> list[Stroke]:
    """Every chord of a bar struck once on its beat and held: the end of a piece."""
    found: list[Stroke] = []
    for beat, start in enumerate(group.starts):
        if not found or chart.chord_at(start) != chart.chord_at(found[-1].start):
            found.append(Stroke("x", beat, start, group.end, True, False))
    return found


def _chord_tick(stroke: Stroke) -> int:
    """The tick whose chord a stroke plays."""
    return stroke.start if stroke.on_beat else stroke.start + AHEAD


def _end(chart: Chart, stroke: Stroke) -> int:
    """A chord ends with its stroke, or earlier at the next change."""
    tick = _chord_tick(stroke)
    following = next((change for change, _ in chart.changes if change > tick), chart.ticks)
    return min(stroke.end if tick < chart.ticks else chart.ticks, following)
