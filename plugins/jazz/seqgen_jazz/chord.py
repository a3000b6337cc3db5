"""Chord: a chord symbol as pitch classes, and the reader of its text in every common dialect."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord symbol.

    Args:
        root: Pitch class of the root, 0 (C) to 11 (B); -1 for N.C.
        quality: Canonical suffix: "", "m", "7", "maj7", "m7", "m7b5", "dim7", ... ("NC" for N.C.).
        intervals: Semitones of the chord tones above the root, ascending, beginning with 0.
        bass: Pitch class of a slash bass; None when the root is the bass.
    """

    root: int
    quality: str
    intervals: tuple[int, ...]
    bass: int | None = None


NO_CHORD = Chord(-1, "NC", ())
