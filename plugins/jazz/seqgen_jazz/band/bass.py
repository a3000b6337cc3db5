"""The walking bass: a line of roots, chord tones and approach notes over the chords of a chart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple, final

from seqgen_jazz.band.band_style import (
    BASS_STREAM,
    BandNote,
    Stroke,
    Style,
    strokes,
    uniforms,
    vary_delay,
    vary_velocity,
)
from seqgen_jazz.band.meter_and_swing import BeatGroup, beat_groups
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.harmony.chord import Chord

#: E1, the lowest string, to C3; a line may rise to G3 if necessary.
LOW, HIGH, TOP = 28, 48, 55
_MIDDLE = 38
#: Symbol -> possible intervals above the root; the first one of the chord is played.
_DEGREES = {"3": (4, 3, 5, 2), "5": (7, 6, 8), "7": (10, 11, 9)}


@final
class _ChordBeats(NamedTuple):
    """Beats of a group over one chord; ``new`` means that the chord begins with them."""

    group: BeatGroup
    chord: Chord
    new: bool


def bass_line(chart: Chart, style: Style, seed: int) -> list[BandNote]:
    """The bass part: the patterns of a style over each chord, with pitches chosen one by one.

    Symbols: R root (or slash bass); T root of a new chord, else any chord tone; 3 5 7 degrees of
    the chord; 8 the root in another octave; c chord tone; s scale tone; a approaches the next
    chord by a semitone, by a tone or from a fifth above.
    """
    runs = list(_chord_beats(chart))
    notes: list[BandNote] = []
    pitch, last, pickup = _MIDDLE, len(chart.bars) - 1, False
    for number, run in enumerate(runs):
        if run.chord.root < 0:
            continue
        group = run.group
        following = runs[number + 1].chord if number + 1 < len(runs) else run.chord
        chance = uniforms(seed, BASS_STREAM, group.bar)[40 * (group.starts[0] % 5) :]
        options = style.bass.bars[len(group.starts)]
        beats = options[int(chance[0] * len(options))]
        if group.bar == last:
            if not run.new and group.starts[0] > chart.bar_starts[last]:
                notes[-1] = notes[-1]._replace(end=group.end)
                continue  # the note is held through the bar, however many patterns it has
            beats = ("R", *["-"] * (len(beats) - 1))
        for place, stroke in enumerate(strokes(beats, group)):
            one, two, three = (float(draw) for draw in chance[1 + 3 * place : 4 + 3 * place])
            pitch = _pitch(stroke, run, following, pitch, one, pickup)
            pickup = not stroke.on_beat
            velocity = vary_velocity(style.bass.velocity, two)
            delay = vary_delay(style.bass.delay, style.bass.jitter, three)
            notes.append(BandNote(stroke.start, stroke.end, pitch, velocity, delay, stroke.swings))
    return notes


def _chord_beats(chart: Chart) -> Iterator[_ChordBeats]:
    """The beat groups of a chart, divided at changes of chord."""
    previous: Chord | None = None
    for group in beat_groups(chart):
        chords = [chart.chord_at(start) for start in group.starts]
        for chord, beats in groupby(range(len(chords)), chords.__getitem__):
            found = list(beats)
            yield _ChordBeats(group.slice(found[0], found[-1] + 1), chord, chord != previous)
            previous = chord


def _pitch(
    stroke: Stroke, run: _ChordBeats, following: Chord, previous: int, chance: float, pickup: bool
) -> int:
    """The pitch of a symbol: near the previous one and within range. It repeats the previous one
    only after a ``pickup``, an off-beat that may lead to its own note (the fifths of a bossa)."""
    classes = _pitch_classes(stroke.symbol, run, following, -1 if pickup else previous)
    candidates = [pitch for pitch in range(LOW, TOP + 1) if pitch % 12 in classes]

    def cost(pitch: int) -> tuple[float, int]:
        step = abs(pitch - previous)
        cost = step + 9.0 * (step == 0 and not pickup) + 2.0 * max(step - 7, 0) + 20.0 * (step > 12)
        if stroke.symbol == "8":
            cost = abs(step - 12.0) + 20.0 * (step > 12)
        if stroke.symbol == "s":
            cost += 3.0 * (step > 2)
        cost += 0.5 * max(abs(pitch - _MIDDLE) - 5, 0) + 4.0 * max(pitch - HIGH, 0)
        return cost + 3.0 * ((chance * 977 + pitch * 0.6180339887) % 1.0), pitch

    return min(candidates, key=cost)


def _pitch_classes(symbol: str, run: _ChordBeats, following: Chord, previous: int) -> set[int]:
    """The pitch classes of a symbol, without the previous pitch; -1 stands for no pitch."""
    chord, excluded = run.chord, {previous % 12} if previous >= 0 else set()
    tones = set(chord.chord_tones)
    if symbol in "R8" or (symbol == "T" and run.new):
        return {_low_note(chord)}
    if symbol in _DEGREES:
        found = [(chord.root + n) % 12 for n in _DEGREES[symbol] if n in chord.intervals]
        # Another chord tone is better than the same note twice.
        return set(found[:1]) - excluded or tones - excluded or tones
    if symbol == "s":
        return set(chord.scale) - excluded
    if symbol == "a":
        return _approaches(chord, following, excluded)
    return tones - excluded or tones


def _approaches(chord: Chord, following: Chord, excluded: set[int]) -> set[int]:
    """The pitch classes that lead to the next chord: a semitone above or below its lowest note,
    a tone below it in the scale, or its fifth if that is a chord tone; else a scale step."""
    if following.root < 0:
        return set(chord.chord_tones)
    if following == chord:
        return set(chord.scale) - excluded
    target = _low_note(following)
    leads = {(target + 1) % 12, (target - 1) % 12}
    leads |= {(target - 2) % 12} & set(chord.scale)
    leads |= {(target + 7) % 12} & set(chord.chord_tones)
    return leads - excluded or leads


def _low_note(chord: Chord) -> int:
    return chord.root if chord.bass is None else chord.bass
