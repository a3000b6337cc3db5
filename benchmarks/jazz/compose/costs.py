"""Costs of a line: intervals between figures, chord tones, contour, repetition."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from benchmarks.jazz.compose.harmony import Harmony

#: Cost of the interval into a figure, by its size in semitones; wider ones cost ``_FAR``.
_JOIN = (1.0, 0.3, 0.05, 0.0, 0.0, 0.1, 1.2, 0.4, 0.7, 0.8, 1.8, 2.2, 0.9, 2.6, 2.6, 2.2, 2.6)
_FAR = 5.0


@dataclass(frozen=True)
class Place:
    """The context of a group.

    Args:
        chord: The chord at the first note.
        accent: 1 on the beat, less off the beat.
        change: Whether a new chord begins on the beat of the first note.
        target: The pitch that the line should be near.
        after_rest: Whether the group begins the phrase or with a rest.
        closing: Whether the last note ends the phrase.
        long: For each note, whether it is long.
        running: Whether the group has only short notes and no rest.
    """

    chord: Harmony
    accent: float
    change: bool
    target: float
    after_rest: bool
    closing: bool
    long: tuple[bool, ...]
    running: bool


def _turns(steps: list[int]) -> int:
    return sum(a * b < 0 for a, b in pairwise(steps))


def join_cost(history: tuple[int, ...], pitches: tuple[int, ...], after_rest: bool) -> float:
    """The cost of continuing ``history`` with ``pitches``: leaps, turns, repeated notes."""
    if not history:
        return 0.0
    leap = pitches[0] - history[-1]
    cost = _JOIN[abs(leap)] if abs(leap) < len(_JOIN) else _FAR
    if after_rest:
        return 0.35 * cost
    previous = history[-1] - history[-2] if len(history) > 1 else 0
    if abs(previous) >= 5 and leap * previous > 0:
        cost += 0.5 + 0.2 * abs(leap)  # a leap should be followed by the opposite direction
    if leap == 0 and previous == 0 and len(history) > 1:
        cost += 2.0
    if len(history) > 1 and pitches[0] == history[-2]:
        cost += 0.5
    line = [*history[-3:], *pitches[:3]]
    steps = [b - a for a, b in pairwise(line)]
    cost += 0.08 * max(0, _turns(steps) - 1)
    if all(abs(step) <= 2 for step in steps[2:]):
        cost -= 0.3  # prefer steps
    return cost + 0.12 * sum(p in history[-5:] for p in pitches)


def resolution_cost(last: int, first: int, place: Place) -> float:
    """A bonus for a step to the third or seventh of a new chord (guide-tone line)."""
    stepwise = abs(first - last) in (1, 2)
    return -0.25 if place.change and stepwise and first % 12 in place.chord.guides else 0.0


def repeat_cost(history: tuple[int, ...], pitches: tuple[int, ...], running: bool) -> float:
    """The cost of repeated notes in a running line; a bonus for them in a syncopated figure."""
    repeated = sum(a == b for a, b in pairwise((*history[-1:], *pitches)))
    return repeated * (1.1 if running else -0.1)


def tone_cost(pitch: int, chord: Harmony) -> float:
    """0 for a chord tone or a colour (ninth, thirteenth), else 0.7."""
    return 0.0 if pitch % 12 in chord.tones or pitch % 12 in chord.colours else 0.7


def pitch_cost(pitches: tuple[int, ...], place: Place, free: bool) -> float:
    """The cost of pitches by chord and contour; ``free`` figures need not begin on chord tones."""
    cost = 0.0
    first = pitches[0]
    if not free:
        cost += 0.1 * place.accent * tone_cost(first, place.chord)
        if place.change and first % 12 in place.chord.guides:
            cost -= 0.06 * place.accent
    for pitch, is_long in zip(pitches, place.long, strict=True):
        if is_long and not free:
            cost += 0.7 * tone_cost(pitch, place.chord)
    if place.closing:
        cost += 0.12 * tone_cost(pitches[-1], place.chord)
    middle = sum(pitches) / len(pitches)
    return cost + 0.55 * ((middle - place.target) / 5.0) ** 2
