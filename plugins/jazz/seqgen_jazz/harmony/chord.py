"""Chord: a chord symbol as pitch classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from seqgen_jazz.harmony.chord_quality import Quality

#: The name of each pitch class in ``Chord.text``, as most jazz charts spell it.
PITCH_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Chord:
    """A chord symbol. ``parse_chord`` reads one from text.

    Args:
        root: Pitch class of the root, 0 (C) to 11 (B); -1 for N.C.
        structure: Third, fifth, seventh and tensions in semitones; None for N.C.
        bass: Pitch class of a slash bass; None when the root is the bass.
    """

    root: int
    structure: Quality | None
    bass: int | None = None

    @property
    def quality(self) -> str:
        """The canonical suffix: "", "m", "7", "maj7", "m7b5", "dim7", ... ("NC" for N.C.)."""
        return "NC" if self.structure is None else self.structure.text

    @property
    def text(self) -> str:
        """The canonical spelling; ``parse_chord`` parses it to an equal chord."""
        if self.root < 0:
            return "N.C."
        slash = "" if self.bass is None else f"/{PITCH_NAMES[self.bass]}"
        return f"{PITCH_NAMES[self.root]}{self.quality}{slash}"

    def __hash__(self) -> int:  # faster than that of the structure; caches look chords up often
        return hash((self.root, self.bass, self.structure and self.structure.text))

    def __str__(self) -> str:
        return self.text

    @property
    def intervals(self) -> tuple[int, ...]:
        """Semitones of the chord tones above the root, ascending from 0; () for N.C."""
        return () if self.structure is None else self.structure.intervals

    @property
    def tensions(self) -> tuple[int, ...]:
        """Written tensions in semitones above the root (13 = b9 to 21 = 13); () for N.C."""
        return () if self.structure is None else self.structure.tensions

    @cached_property
    def chord_tones(self) -> tuple[int, ...]:
        """Pitch classes of root, third or sus, fifth, sixth or seventh, as written; () for N.C."""
        return tuple((self.root + interval) % 12 for interval in self.intervals)

    @property
    def pitch_classes(self) -> tuple[int, ...]:
        """Root, chord tones and tensions, from the root up; without the slash bass."""
        return self.chord_tones + tuple((self.root + tension) % 12 for tension in self.tensions)

    @property
    def family(self) -> str:
        """One of ``chord_quality.FAMILIES``; "none" for N.C."""
        return "none" if self.structure is None else self.structure.family

    @property
    def scale(self) -> tuple[int, ...]:
        """The chord scale as pitch classes from the root upwards; () for N.C."""
        steps = () if self.structure is None else self.structure.scale
        return tuple((self.root + step) % 12 for step in steps)

    def transpose(self, semitones: int) -> Chord:
        """The same chord ``semitones`` higher; N.C. stays N.C."""
        if self.root < 0:
            return self
        bass = None if self.bass is None else (self.bass + semitones) % 12
        return replace(self, root=(self.root + semitones) % 12, bass=bass)


NO_CHORD = Chord(-1, None)


def make_chord(root: int, quality: Quality, bass: int | None = None) -> Chord:
    """The chord of a structure; a bass equal to the root is dropped."""
    slash = None if bass is None or bass % 12 == root % 12 else bass % 12
    return Chord(root % 12, quality, slash)
