"""Bass: a line of roots, chord tones and approach notes over the chords of a chart."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen_jazz.band.meter import Stretch, stretches
from seqgen_jazz.band.note_events import BASS, Hit, draws, late, struck
from seqgen_jazz.band.pattern import Stroke, strokes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seqgen_jazz.band.style import Style
    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.harmony.chord import Chord

#: E1, the lowest string, to C3; a line may climb to G3 where it must.
LOW, HIGH, TOP = 28, 48, 55
_MIDDLE = 38
#: Sign -> the intervals above the root that it may be, the first that the chord has.
_DEGREES = {"3": (4, 3, 5, 2), "5": (7, 6, 8), "7": (10, 11, 9)}


@final
class _Run(NamedTuple):
    """Beats of a stretch over one chord: which change of the chart it is, and whether the
    change lies on its first beat."""

    stretch: Stretch
    chord: Chord
    fresh: bool


def bass_line(chart: Chart, style: Style, seed: int) -> list[Hit]:
    """The bass part: the patterns of a style over each chord, pitches chosen note by note.

    Signs: R root (or slash bass), T root where the chord is new and else any chord tone,
    3 5 7 the chord's own, 8 the root in another octave, c chord tone, s scale tone, a a
    note that leads into the chord to come by a semitone, a tone or from a fifth above.
    """
    runs = list(_runs(chart))
    hits: list[Hit] = []
    pitch, last, pickup = _MIDDLE, len(chart.bars) - 1, False
    for number, run in enumerate(runs):
        if run.chord.root < 0:
            continue
        following = runs[number + 1].chord if number + 1 < len(runs) else run.chord
        chance = draws(seed, BASS, run.stretch.bar)[40 * (run.stretch.starts[0] % 5) :]
        options = style.bass.bars[len(run.stretch.starts)]
        beats = options[int(chance[0] * len(options))]
        if run.stretch.bar == last:
            if not run.fresh and run.stretch.starts[0] > chart.bar_starts[last]:
                hits[-1] = hits[-1]._replace(end=run.stretch.end)
                continue  # held through the bar, however many patterns it is put together from
            beats = ("R", *["-"] * (len(beats) - 1))
        for place, stroke in enumerate(strokes(beats, run.stretch)):
            one, two, three = (float(draw) for draw in chance[1 + 3 * place : 4 + 3 * place])
            pitch = _pitch(stroke, run, following, pitch, one, pickup)
            pickup = not stroke.on_beat
            hits.append(
                Hit(
                    stroke.start,
                    stroke.end,
                    pitch,
                    struck(style.bass.velocity, two),
                    late(style.bass.late, style.bass.jitter, three),
                    stroke.swings,
                )
            )
    return hits


def _runs(chart: Chart) -> Iterator[_Run]:
    """The stretches of a chart, parted where the chord changes."""
    before: Chord | None = None
    for stretch in stretches(chart):
        chords = [chart.chord_at(start) for start in stretch.starts]
        for chord, places in groupby(range(len(chords)), chords.__getitem__):
            found = list(places)
            part = slice(found[0], found[-1] + 1)
            piece = Stretch(stretch.bar, stretch.starts[part], stretch.lengths[part])
            yield _Run(piece, chord, chord != before)
            before = chord


def _pitch(
    stroke: Stroke, run: _Run, following: Chord, before: int, chance: float, pickup: bool
) -> int:
    """The note of a sign: near the one before, within reach, and not the same again but behind
    a ``pickup``, an off-beat that may lead to its own note (the fifths of a bossa nova)."""
    wanted = _classes(stroke.sign, run, following, -1 if pickup else before)
    candidates = [pitch for pitch in range(LOW, TOP + 1) if pitch % 12 in wanted]

    def price(pitch: int) -> tuple[float, int]:
        step = abs(pitch - before)
        cost = step + 9.0 * (step == 0 and not pickup) + 2.0 * max(step - 7, 0) + 20.0 * (step > 12)
        if stroke.sign == "8":
            cost = abs(step - 12.0) + 20.0 * (step > 12)
        if stroke.sign == "s":
            cost += 3.0 * (step > 2)
        cost += 0.5 * max(abs(pitch - _MIDDLE) - 5, 0) + 4.0 * max(pitch - HIGH, 0)
        return cost + 3.0 * ((chance * 977 + pitch * 0.6180339887) % 1.0), pitch

    return min(candidates, key=price)


def _classes(sign: str, run: _Run, following: Chord, before: int) -> set[int]:
    chord = run.chord
    tones = set(chord.chord_tones)
    low = _low_note(chord)
    if sign in "R8" or (sign == "T" and run.fresh):
        return {low}
    if sign in _DEGREES:
        found = [(chord.root + n) % 12 for n in _DEGREES[sign] if n in chord.intervals]
        # Rather another chord tone than the same note twice.
        return set(found[:1]) - {_class(before)} or tones - {_class(before)} or tones
    if sign == "s":
        return set(chord.scale) - {_class(before)}
    if sign == "a":
        return _approaches(chord, following, before)
    return tones - {_class(before)} or tones


def _approaches(chord: Chord, following: Chord, before: int) -> set[int]:
    """What leads on: a semitone to either side of the next low note, the tone below it in the
    scale, or its fifth where that is a tone of this chord; over one chord a scale step."""
    if following.root < 0:
        return set(chord.chord_tones)
    if following == chord:
        return set(chord.scale) - {_class(before)}
    target = _low_note(following)
    leads = {(target + 1) % 12, (target - 1) % 12}
    leads |= {(target - 2) % 12} & set(chord.scale)
    leads |= {(target + 7) % 12} & set(chord.chord_tones)
    return leads - {_class(before)} or leads


def _class(pitch: int) -> int:
    """The pitch class; none for -1, which stands for no note."""
    return pitch % 12 if pitch >= 0 else -1


def _low_note(chord: Chord) -> int:
    return chord.root if chord.bass is None else chord.bass
