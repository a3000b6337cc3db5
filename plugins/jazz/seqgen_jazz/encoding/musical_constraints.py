"""Rules: what a solo may be held to beside the grammar: breath, guide tones, landing, grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seqgen_jazz.harmony.chord import Chord

#: The shortest rest that is a breath, and the shortest last note of a landing, in ticks.
EIGHTH = TICKS_PER_QUARTER // 2
#: All pitch classes.
EVERY = frozenset(range(12))
_THIRDS, _SEVENTHS = (3, 4), (10, 11)


@final
@dataclass(frozen=True)
class Rules:
    """Rules of one solo; without arguments there is none.

    Args:
        breathe: The most ticks of notes between two rests of an eighth or longer; 0 for no bound.
        guide_tones: Whether a note that is struck where a chord begins is a third or seventh.
        land: Whether the last note is a chord tone, and lasts an eighth or longer.
        grid: Whether notes begin and end where a player can read them, see ``rhythm_grid``.
        tempo: Quarter notes a minute: the faster it is, the coarser is the grid.
    """

    breathe: int = 0
    guide_tones: bool = False
    land: bool = False
    grid: bool = False
    tempo: float = 160.0

    def without_each(self) -> Mapping[str, Rules]:
        """For each rule that is on, all others: the name of the flag -> rules.

        Grid and landing are left out: counting takes the model a second time over every sample,
        too much for what holds unless it is switched off.
        """
        found = {
            "breathe": replace(self, breathe=0),
            "guide-tones": replace(self, guide_tones=False),
        }
        return {name: rules for name, rules in found.items() if rules != self}


def guide_tones(chord: Chord) -> frozenset[int]:
    """The pitch classes of third and seventh, as far as the chord has them.

    Where there is no third the fourth of a sus chord stands for it, where there is no seventh
    the sixth; a diminished seventh is nine semitones. Empty for N.C.
    """
    has = set(chord.intervals)
    third = has & set(_THIRDS) or has & {5, 2}
    seventh = has & set(_SEVENTHS) or has & {9}
    return frozenset((chord.root + step) % 12 for step in third | seventh)


def wanted_classes(chord: Chord, lands: bool, changes: bool) -> frozenset[int]:
    """The pitch classes that the rules allow a note over a chord.

    Args:
        chord: It sounds where the note is struck.
        lands: Whether the note has to be a chord tone.
        changes: Whether it has to be a third or seventh.
    """
    if not chord.chord_tones:
        return EVERY
    landing = frozenset(chord.chord_tones) if lands else EVERY
    leading = guide_tones(chord) if changes else EVERY
    return landing & leading or landing
