"""Why this note: its degree above the chord and its class, for the line below the notation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqgen_jazz.encoding.pitch_tokens import CLASSES, note_classes

if TYPE_CHECKING:
    from seqgen_jazz.harmony.chord import Chord

#: Degrees by semitones above the root.
_PLAIN = ("1", "b9", "9", "b3", "3", "11", "#11", "5", "b13", "13", "b7", "7")
#: What a degree is called where the chord has it as one of its tones.
_IN_CHORD = {2: "2", 5: "4", 6: "b5", 8: "#5", 9: "6"}


def why(pitch: int, chord: Chord) -> tuple[str, ...]:
    """The degree of a note ("b9") and the letter of its class: C chord tone, S scale tone,
    A approach, X other. Where there is no chord there is nothing to say.
    """
    if chord.root < 0:
        return ()
    return degree((pitch - chord.root) % 12, chord), CLASSES[note_classes(chord)[pitch % 12]]


def degree(above: int, chord: Chord) -> str:
    """The name of a note some semitones above the root of a chord."""
    if above in chord.intervals and above in _IN_CHORD:
        diminished = above == 9 and 6 in chord.intervals and 3 in chord.intervals
        return "bb7" if diminished else _IN_CHORD[above]
    if above == 3 and 4 in chord.intervals:
        return "#9"
    return _PLAIN[above]
