"""Musical constraints: breaths, guide tones, the landing and the rhythm grid of a solo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.harmony.chord import Chord

#: The shortest rest that is a breath, and the shortest last note of a landing, in ticks.
EIGHTH = TICKS_PER_QUARTER // 2
ALL_PITCH_CLASSES = frozenset(range(12))


@final
@dataclass(frozen=True)
class MusicalConstraints:
    """Constraints on one solo beyond the grammar; by default none.

    Args:
        breathe: The most ticks of notes between two rests of an eighth or longer; 0 for no bound.
        guide_tones: Whether a note struck where a chord begins must be a third or seventh.
        land: Whether the last note must be a chord tone of an eighth or longer.
        grid: Whether notes must begin and end on the ``RhythmGrid``.
        tempo: Quarter notes per minute; the faster, the coarser the grid.
    """

    breathe: int = 0
    guide_tones: bool = False
    land: bool = False
    grid: bool = False
    tempo: float = 160.0

    def without_each(self) -> Mapping[str, MusicalConstraints]:
        """For each active constraint, the others: name of the flag -> constraints.

        Grid and landing are not included. Counting interventions runs the model a second time
        over every sample, which is too slow for constraints that are on by default.
        """
        found = {
            "breathe": replace(self, breathe=0),
            "guide-tones": replace(self, guide_tones=False),
        }
        return {name: others for name, others in found.items() if others != self}


def guide_tones(chord: Chord) -> frozenset[int]:
    """The pitch classes of third and seventh, if the chord has them; empty for N.C.

    A sus chord has its fourth or second instead of a third, a chord without a seventh its sixth;
    a diminished seventh is nine semitones.
    """
    intervals = set(chord.intervals)
    third = intervals & {3, 4} or intervals & {5, 2}
    seventh = intervals & {10, 11} or intervals & {9}
    return frozenset((chord.root + step) % 12 for step in third | seventh)


def allowed_pitch_classes(chord: Chord, lands: bool, changes: bool) -> frozenset[int]:
    """The pitch classes that the constraints allow for a note.

    Args:
        chord: The chord that sounds where the note is struck.
        lands: Whether the note must be a chord tone.
        changes: Whether it must be a third or seventh.
    """
    if not chord.chord_tones:
        return ALL_PITCH_CLASSES
    landing = frozenset(chord.chord_tones) if lands else ALL_PITCH_CLASSES
    leading = guide_tones(chord) if changes else ALL_PITCH_CLASSES
    return landing & leading or landing
