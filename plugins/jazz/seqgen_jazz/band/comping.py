"""Comping: the voicings of chords, in the rhythms of a style."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple, final

from seqgen_jazz.band.band_style import (
    ACCENTS,
    COMP_STREAM,
    BandNote,
    Stroke,
    Style,
    strokes,
    uniforms,
    vary_delay,
    vary_velocity,
)
from seqgen_jazz.band.meter_and_swing import BeatGroup, bar_beats, beat_groups
from seqgen_jazz.charts.chart import Chart, estimate_key, key_scale
from seqgen_jazz.encoding.solo import Instrument
from seqgen_jazz.harmony.chord import Chord

#: Thirds and sevenths, or their replacements, in semitones above the root.
_THIRDS, _SEVENTHS = (3, 4, 5, 2), (10, 11, 9)
#: The lowest and the highest top of a window, D4 and A4, and the semitones that it spans.
_TOPS, _SPAN = (62, 69), (16, 19)
#: Seconds are muddy if their lower note is below D3, thirds below C3.
_CLEAR_SECONDS, _CLEAR_THIRDS = 50, 48
Voicing = tuple[int, ...]


@final
class Window(NamedTuple):
    """The lowest and the highest MIDI pitch of the chords."""

    low: int
    high: int


#: D3 to A4, the middle of the keyboard.
MIDDLE = Window(_TOPS[1] - _SPAN[1], _TOPS[1])


def window_for(player: Instrument) -> Window:
    """The window next to a soloist: up to half an octave below the middle of the range, so that
    most of the line is on top; for a bass player above the line.

    It depends on the instrument alone, so that a changed bar of the solo leaves the chords as is.
    """
    if player.high < MIDDLE.low + 12:
        return MIDDLE
    top = max(_TOPS[0], min(_TOPS[1], (player.low + player.high) // 2 - 6))
    return MIDDLE if top == MIDDLE.high else Window(top - _SPAN[0], top)


def voice_chords(
    chords: Sequence[Chord],
    kind: str,
    window: Window = MIDDLE,
    key: frozenset[int] = frozenset(range(12)),
) -> list[Voicing]:
    """The MIDI pitches of each chord, ascending; () for N.C.

    Of all sequences of voicings within the window, the one with the lowest sum of
    ``movement_cost`` and ``voicing_cost``; the lowest pitches of equally good ones. Exact, by
    dynamic programming from chord to chord.

    Args:
        chords: In order.
        kind: "rootless" (third, seventh and two tensions) or "shell" (third and seventh).
        window: The range of pitches.
        key: The pitch classes of the key, for ninths that are not written, see ``takes_ninth``.
    """
    played = [chord for chord in chords if chord.root >= 0]
    paths: dict[Voicing, tuple[float, tuple[Voicing, ...]]] = {(): (0.0, ())}
    for chord, ninth in zip(played, _ninths(played, key), strict=True):
        paths = {
            now: min(
                (cost + movement_cost(before, now) + voicing_cost(now, window), (*path, now))
                for before, (cost, path) in paths.items()
            )
            for now in placements(chord, kind, window, ninth)
        }
    voiced = iter(min(paths.values())[1])
    return [next(voiced) if chord.root >= 0 else () for chord in chords]


def _ninths(chords: Sequence[Chord], key: frozenset[int]) -> list[bool]:
    """Whether each chord takes a ninth that is not written."""
    found: list[bool] = []
    following: Chord | None = None
    for here, after in zip(reversed(chords), [None, *reversed(chords)], strict=False):
        following = after if after != here else following
        found.append(takes_ninth(here, following, key))
    return found[::-1]


def takes_ninth(chord: Chord, following: Chord | None, key: frozenset[int]) -> bool:
    """Whether a natural ninth that is not written fits.

    Not if a chord of the key has another ninth (Em7 in C has an F), and not over a dominant that
    leads to a minor chord (G7 to Cm has an A flat).

    Args:
        chord: The chord.
        following: The next different chord; None if there is none.
        key: The pitch classes of the key.
    """
    ninth, dominant = (chord.root + 2) % 12, {4, 10} <= set(chord.intervals)
    if dominant and following is not None and (following.root - chord.root) % 12 == 5:
        return 3 not in following.intervals
    return ninth in key or not key.issuperset(chord.chord_tones)


@lru_cache(maxsize=65536)
def movement_cost(before: Voicing, now: Voicing) -> float:
    """Semitones of movement between two voicings; 0 from silence.

    The mean of two sums: from each new note to the nearest old one, and vice versa.
    """
    if not before:
        return 0.0
    forward = sum(min(abs(pitch - old) for old in before) for pitch in now)
    backward = sum(min(abs(pitch - old) for pitch in now) for old in before)
    return (forward + backward) / 2


@lru_cache(maxsize=4096)
def voicing_cost(pitches: Voicing, window: Window = MIDDLE) -> float:
    """The cost of a voicing: a semitone on top, wide gaps, close intervals in the muddy low
    register, and the distance from the middle of the window."""
    gaps = [other - one for one, other in pairwise(pitches)]
    clashes = sum(2.0 if gap == 1 else max(gap - 7, 0) for gap in gaps)
    muddy = sum(
        3.0
        for one, gap in zip(pitches, gaps, strict=False)
        if one < (_CLEAR_SECONDS if gap <= 2 else _CLEAR_THIRDS if gap <= 4 else 0)
    )
    top = 4.0 if gaps and gaps[-1] == 1 else 0.0
    return clashes + muddy + top + abs(sum(pitches) / len(pitches) - sum(window) / 2) / 2


@lru_cache(maxsize=4096)
def placements(
    chord: Chord, kind: str, window: Window = MIDDLE, ninth: bool = True
) -> tuple[Voicing, ...]:
    """Every voicing of a chord within the window, with each tone once."""
    pitches = range(window.low, window.high + 1)
    octaves = [[p for p in pitches if p % 12 == tone] for tone in voicing_tones(chord, kind, ninth)]
    return tuple(sorted({tuple(sorted(choice)) for choice in product(*octaves)}))


def voicing_tones(chord: Chord, kind: str, ninth: bool = True) -> list[int]:
    """The pitch classes for the keyboard; the bass plays the root.

    Third and seventh (or sixth) first. Rootless: then written tensions, the highest first, then
    the ninth if chord and scale have a natural one, then the fifth, up to four tones. A chord
    without a seventh, and a diminished chord, is played as written, with its tensions.

    Args:
        chord: The chord.
        kind: As for ``voice_chords``.
        ninth: Whether a ninth that is not written may be added.
    """
    root, inside = chord.root, chord.intervals
    guide = [next(n for n in _THIRDS if n in inside)] if set(_THIRDS) & set(inside) else []
    sevenths = [n for n in _SEVENTHS if n in inside and n not in guide]
    shell = [*(guide or [n for n in inside if n in (6, 7, 8)][:1]), *(sevenths[:1] or [0])]
    found = [(root + n) % 12 for n in shell]
    if kind == "shell":
        return found
    if not sevenths or (6 in inside and 9 in inside):
        written = sorted({n % 12 for n in (*inside, *chord.tensions)})
        return [(root + n) % 12 for n in written[-4:]]
    colours = [n % 12 for n in reversed(chord.tensions)]
    natural = (root + 2) % 12 in chord.scale and 2 not in inside
    if ninth and natural and not {1, 2, 3} & set(colours):
        colours.append(2)
    # The root for chords that have nothing else, such as the half-diminished.
    colours += [*(n for n in inside if n in (6, 7, 8)), 0]
    for colour in colours:
        if len(found) < 4 and (root + colour) % 12 not in found:
            found.append((root + colour) % 12)
    return found


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
        chance = uniforms(seed, COMP_STREAM, bar)[8 + 4 * (place % 60) :]
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
        int(float(uniforms(seed, COMP_STREAM, max(bar, 0))[column]) * len(best))
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
