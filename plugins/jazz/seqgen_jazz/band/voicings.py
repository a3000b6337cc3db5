"""Voicings: what the keyboard plays of each chord, so that the hands move as little as they can."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen_jazz.chord import Chord

#: The middle of the keyboard where chords are played, D3 to A4.
LOW, HIGH = 50, 69
_MIDDLE = (LOW + HIGH) / 2
#: Thirds, or what stands for them, by the semitones above the root.
_THIRDS, _SEVENTHS = (3, 4, 5, 2), (10, 11, 9)
Voicing = tuple[int, ...]


def voice(chords: Sequence[Chord], kind: str) -> list[Voicing]:
    """The MIDI pitches of each chord, ascending; () for N.C.

    Of all ways to play the chords between D3 and A4, the one with the least sum of movement
    (see ``movement``) and of ``strain``; the first by pitch where several are as good. Found
    exactly, by dynamic programming from chord to chord.

    Args:
        chords: One after the other.
        kind: "rootless" (third, seventh and two colours) or "shell" (third and seventh).
    """
    found: list[Voicing] = []
    played: list[Chord] = [chord for chord in chords if chord.root >= 0]
    paths: dict[Voicing, tuple[float, tuple[Voicing, ...]]] = {(): (0.0, ())}
    for chord in played:
        paths = {
            now: min(
                (cost + movement(before, now) + strain(now), (*path, now))
                for before, (cost, path) in paths.items()
            )
            for now in placements(chord, kind)
        }
    best = min(paths.values())[1]
    voiced = iter(best)
    for chord in chords:
        found.append(next(voiced) if chord.root >= 0 else ())
    return found


@lru_cache(maxsize=65536)
def movement(before: Voicing, now: Voicing) -> float:
    """Semitones that the hands move from one voicing to the next; 0 from silence.

    The mean of two sums: from each new note to the nearest old one, and the other way round.
    """
    if not before:
        return 0.0
    near = sum(min(abs(pitch - old) for old in before) for pitch in now)
    left = sum(min(abs(pitch - old) for pitch in now) for old in before)
    return (near + left) / 2


@lru_cache(maxsize=4096)
def strain(pitches: Voicing) -> float:
    """The price of a voicing by itself: a semitone on top, wide gaps, and hands that drift."""
    gaps = [other - one for one, other in pairwise(pitches)]
    rubs = sum(2.0 if gap == 1 else max(gap - 7, 0) for gap in gaps)
    top = 4.0 if gaps and gaps[-1] == 1 else 0.0
    return rubs + top + abs(sum(pitches) / len(pitches) - _MIDDLE) / 2


@lru_cache(maxsize=4096)
def placements(chord: Chord, kind: str) -> tuple[Voicing, ...]:
    """Every way to play the tones of a chord within the range, each tone once."""
    places = [[p for p in range(LOW, HIGH + 1) if p % 12 == tone] for tone in tones(chord, kind)]
    return tuple(sorted({tuple(sorted(choice)) for choice in product(*places)}))


def tones(chord: Chord, kind: str) -> list[int]:
    """The pitch classes that the keyboard plays; the bass has the root.

    Third and seventh (or sixth) first. Rootless: then written tensions, the highest first,
    then the ninth where chord and scale have a natural one, then the fifth, up to four tones.
    A chord without a seventh is played as it is written, and a diminished one too.
    """
    root, inside = chord.root, chord.intervals
    guide = [next(n for n in _THIRDS if n in inside)] if set(_THIRDS) & set(inside) else []
    sevenths = [n for n in _SEVENTHS if n in inside and n not in guide]
    shell = [*(guide or [n for n in inside if n in (6, 7, 8)][:1]), *(sevenths[:1] or [0])]
    found = [(root + n) % 12 for n in shell]
    if kind == "shell":
        return found
    if not sevenths or (6 in inside and 9 in inside):
        return sorted({(root + n) % 12 for n in inside})[:4]
    colours = [n % 12 for n in reversed(chord.tensions)]
    if not {1, 2, 3} & set(colours) and (root + 2) % 12 in chord.scale and 2 not in inside:
        colours.append(2)
    colours += [n for n in inside if n in (6, 7, 8)]
    colours.append(0)  # for chords that have nothing else, such as the half-diminished
    for colour in colours:
        if len(found) < 4 and (root + colour) % 12 not in found:
            found.append((root + colour) % 12)
    return found
