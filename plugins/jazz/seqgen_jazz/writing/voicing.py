"""Voicings: a chord as three or four notes, each moving as little as it can from the last."""

from __future__ import annotations

from itertools import pairwise, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen_jazz.chord import Chord

#: The middle of the keyboard where chords are played, D3 to A4.
LOW, HIGH = 50, 69
#: The lowest note that the bass of a slash chord may get.
_BASS_LOW = 40


def voicing(chord: Chord, before: tuple[int, ...]) -> tuple[int, ...]:
    """The MIDI pitches of a chord, ascending; () for N.C.

    Args:
        chord: What to play: root, third, seventh, and its highest tension or else its fifth.
        before: The voicing of the chord before; () when there is none.
    """
    if chord.root < 0:
        return ()
    bass: tuple[int, ...] = ()
    tones = _tones(chord)
    if chord.bass is not None:
        bass = (_BASS_LOW + (chord.bass - _BASS_LOW) % 12,)
        tones = [tone for tone in tones if tone != chord.bass][:3]
    places = [[p for p in range(LOW, HIGH + 1) if p % 12 == tone] for tone in tones]
    found = {tuple(sorted(choice)) for choice in product(*places)}
    return bass + min(found, key=lambda pitches: (_cost(pitches, before), pitches))


def _tones(chord: Chord) -> list[int]:
    """At most four pitch classes."""
    tones = list(chord.chord_tones)
    if chord.tensions:
        fifth = (chord.root + 7) % 12
        if len(tones) == 4:
            tones.remove(fifth if fifth in tones else tones[2])
        tension = (chord.root + chord.tensions[-1]) % 12
        tones += [tension] * (tension not in tones)
    return tones


def _cost(pitches: tuple[int, ...], before: tuple[int, ...]) -> float:
    """Semitones moved, and a price for notes that rub or stand far apart."""
    if before:
        near = sum(min(abs(pitch - old) for old in before) for pitch in pitches)
        left = sum(min(abs(pitch - old) for pitch in pitches) for old in before)
        moved = (near + left) / 2
    else:
        moved = sum(abs(pitch - (LOW + HIGH) / 2) for pitch in pitches) / 2
    gaps = [other - one for one, other in pairwise(pitches)]
    rubs = sum(6 if gap == 1 else max(gap - 7, 0) for gap in gaps)
    # Hands drift to one end of the keyboard when only the nearest note counts.
    return moved + rubs + abs(sum(pitches) / len(pitches) - (LOW + HIGH) / 2) / 2
