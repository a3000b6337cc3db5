"""Voicings: what the keyboard plays of each chord, so that the hands move as little as they can."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple, final

if TYPE_CHECKING:
    from seqgen_jazz.encoding.instruments import Instrument
    from seqgen_jazz.harmony.chord import Chord

#: Thirds, or what stands for them, by the semitones above the root.
_THIRDS, _SEVENTHS = (3, 4, 5, 2), (10, 11, 9)
#: The lowest and the highest top of a window, D4 and A4, and the semitones that it spans.
_TOPS, _SPAN = (62, 69), (16, 19)
#: Seconds sound muddy where their lower note is below this (D3), thirds below C3.
_CLEAR_SECONDS, _CLEAR_THIRDS = 50, 48
Voicing = tuple[int, ...]


@final
class Window(NamedTuple):
    """The lowest and the highest MIDI pitch of the keyboard where chords are played."""

    low: int
    high: int


#: D3 to A4, the middle of the keyboard.
MIDDLE = Window(_TOPS[1] - _SPAN[1], _TOPS[1])


def window_for(player: Instrument) -> Window:
    """Where chords are played beside a soloist: up to half an octave below the middle of the
    range, so that the line lies mostly on top; a bass player's lies below them.

    It goes by the instrument alone: rewriting a bar of the solo leaves the chords as they were.
    """
    if player.high < MIDDLE.low + 12:
        return MIDDLE
    top = max(_TOPS[0], min(_TOPS[1], (player.low + player.high) // 2 - 6))
    return MIDDLE if top == MIDDLE.high else Window(top - _SPAN[0], top)


def voice(
    chords: Sequence[Chord],
    kind: str,
    window: Window = MIDDLE,
    key: frozenset[int] = frozenset(range(12)),
) -> list[Voicing]:
    """The MIDI pitches of each chord, ascending; () for N.C.

    Of all ways to play the chords within the window, the one with the least sum of movement
    (see ``movement``) and of ``strain``; the first by pitch where several are as good. Found
    exactly, by dynamic programming from chord to chord.

    Args:
        chords: One after the other.
        kind: "rootless" (third, seventh and two colours) or "shell" (third and seventh).
        window: Where they are played.
        key: The pitch classes of the key, for ninths that are not written, see ``takes_ninth``.
    """
    found: list[Voicing] = []
    played: list[Chord] = [chord for chord in chords if chord.root >= 0]
    paths: dict[Voicing, tuple[float, tuple[Voicing, ...]]] = {(): (0.0, ())}
    for chord, ninth in zip(played, _ninths(played, key), strict=True):
        paths = {
            now: min(
                (cost + movement(before, now) + strain(now, window), (*path, now))
                for before, (cost, path) in paths.items()
            )
            for now in placements(chord, kind, window, ninth)
        }
    best = min(paths.values())[1]
    voiced = iter(best)
    for chord in chords:
        found.append(next(voiced) if chord.root >= 0 else ())
    return found


def _ninths(chords: Sequence[Chord], key: frozenset[int]) -> list[bool]:
    """Whether each chord takes a ninth that is not written."""
    found: list[bool] = []
    following: Chord | None = None
    for here, after in zip(reversed(chords), [None, *reversed(chords)], strict=False):
        following = after if after != here else following
        found.append(takes_ninth(here, following, key))
    return found[::-1]


def takes_ninth(chord: Chord, following: Chord | None, key: frozenset[int]) -> bool:
    """Whether a natural ninth that is not written sounds right.

    Not where a chord of the key has another one (Em7 in C has an F), and not over a dominant
    that leads to a minor chord (G7 to Cm has an A flat).

    Args:
        chord: What sounds.
        following: The next chord that is another one; None where there is none.
        key: The pitch classes of the key.
    """
    ninth, dominant = (chord.root + 2) % 12, {4, 10} <= set(chord.intervals)
    if dominant and following is not None and (following.root - chord.root) % 12 == 5:
        return 3 not in following.intervals
    return ninth in key or not key.issuperset(chord.chord_tones)


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
def strain(pitches: Voicing, window: Window = MIDDLE) -> float:
    """The price of a voicing by itself: a semitone on top, wide gaps, close ones down where they
    are muddy, and hands that drift from the middle of the window."""
    gaps = [other - one for one, other in pairwise(pitches)]
    rubs = sum(2.0 if gap == 1 else max(gap - 7, 0) for gap in gaps)
    muddy = sum(
        3.0
        for one, gap in zip(pitches, gaps, strict=False)
        if one < (_CLEAR_SECONDS if gap <= 2 else _CLEAR_THIRDS if gap <= 4 else 0)
    )
    top = 4.0 if gaps and gaps[-1] == 1 else 0.0
    return rubs + muddy + top + abs(sum(pitches) / len(pitches) - sum(window) / 2) / 2


@lru_cache(maxsize=4096)
def placements(
    chord: Chord, kind: str, window: Window = MIDDLE, ninth: bool = True
) -> tuple[Voicing, ...]:
    """Every way to play the tones of a chord within the window, each tone once."""
    pitches = range(window.low, window.high + 1)
    places = [[p for p in pitches if p % 12 == tone] for tone in tones(chord, kind, ninth)]
    return tuple(sorted({tuple(sorted(choice)) for choice in product(*places)}))


def tones(chord: Chord, kind: str, ninth: bool = True) -> list[int]:
    """The pitch classes that the keyboard plays; the bass has the root.

    Third and seventh (or sixth) first. Rootless: then written tensions, the highest first,
    then the ninth where chord and scale have a natural one, then the fifth, up to four tones.
    A chord without a seventh is played as it is written, with what is added to it, and a
    diminished one too.

    Args:
        chord: What is played.
        kind: As for ``voice``.
        ninth: Whether there may be a ninth that is not written.
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
    colours += [n for n in inside if n in (6, 7, 8)]
    colours.append(0)  # for chords that have nothing else, such as the half-diminished
    for colour in colours:
        if len(found) < 4 and (root + colour) % 12 not in found:
            found.append((root + colour) % 12)
    return found
