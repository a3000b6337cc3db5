"""What real jazz solos look like: the figures that ``seqgen_jazz.metrics`` computes, measured.

Measured on the 437 transcribed solos in 4/4 of the Weimar Jazz Database with at least 20 notes,
one value a solo; chords are the transcribers' changes. Distributions are pooled over all notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

#: The band of a figure is the real mean plus or minus this many standard deviations.
WIDTH: Final = 0.7


@final
@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of real solos.

    Args:
        name: As a table shows it.
        key: Its name in ``metrics.describe`` ("phrase ends": share of chord tones, pooled).
        mean: The mean over real solos.
        sd: The standard deviation over real solos; None where it isn't known.
        tolerance: Stands for ``WIDTH`` standard deviations where ``sd`` is None.
    """

    name: str
    key: str
    mean: float
    sd: float | None = None
    tolerance: float = 0.0

    @property
    def reach(self) -> float:
        """How far from ``mean`` the mean of a set of solos may lie."""
        return self.tolerance if self.sd is None else WIDTH * self.sd

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies within the band."""
        return abs(value - self.mean) <= self.reach


FIGURES: Final = (
    Figure("pitch-class entropy, 1 bar (bits)", "H1", 1.94, 0.35),
    Figure("pitch-class entropy, 4 bars", "H4", 2.90, 0.27),
    Figure("pitch-class entropy, whole solo", "entropy", 3.34, 0.18),
    Figure("chord tones, beats 1 and 3", "chord tones, beats 1+3", 0.533, 0.113),
    Figure("chord tones, beats 2 and 4", "chord tones, beats 2+4", 0.522, 0.107),
    Figure("chord tones, off beats", "chord tones, off beats", 0.492, 0.080),
    Figure("chord tones, phrase ends (pooled)", "phrase ends", 0.606, None, 0.06),
    Figure("mean absolute interval (semitones)", "mean interval", 2.69, 0.38),
    Figure("repeated notes", "repeats", 0.055, None, 0.02),
    Figure("steps (1-2 semitones)", "steps", 0.540, None, 0.066),
    Figure("thirds (3-4)", "thirds", 0.261, None, 0.04),
    Figure("intervals of 5-7", "5-7", 0.103, None, 0.03),
    Figure("intervals of 8-12", "8-12", 0.035, None, 0.015),
    Figure("intervals over 12", "> 12", 0.006, None, 0.006),
    Figure("direction changes", "direction changes", 0.411, 0.060),
    Figure("silence, all gaps", "silence", 0.348, 0.071),
    Figure("silence, gaps of 1/2 beat or more", "silence in gaps >= 1/2 beat", 0.217, 0.078),
    Figure("empty bars", "empty bars", 0.036, 0.048),
    Figure("phrase length, median (notes)", "phrase length, notes", 21.6, 27),
    Figure("phrase length, median (beats)", "phrase length, beats", 10.8, 10),
    Figure("phrases per 32 bars", "phrases per 32 bars", 10.1, 3.5),
    Figure("notes per bar", "notes per bar", 6.7, 2.9),
    Figure("range (semitones)", "range", 28.8, 6.4),
    Figure("lowest note (MIDI)", "lowest", 51, None, 4),
    Figure("highest note (MIDI)", "highest", 80, None, 4),
    Figure("onsets on the beat", "onsets on the beat", 0.33, 0.10),
    Figure("groove similarity", "groove similarity", 0.82, 0.07),
    Figure("self-repetition (interval 4-grams)", "self-repetition", 0.24, 0.12),
)
#: Pooled shares of inter-onset intervals, by ticks; the rest of the real ones is not listed.
IOI: Final = {
    12: 0.308, 6: 0.174, 8: 0.109, 4: 0.059, 24: 0.059, 18: 0.039, 16: 0.037, 3: 0.024, 36: 0.016,
}  # fmt: skip
#: Pooled shares of pitch intervals, by semitones.
STEPS: Final = {
    -2: 0.148, -1: 0.138, 1: 0.132, 2: 0.127, -3: 0.088, 3: 0.083, -4: 0.051, 0: 0.050, 4: 0.039,
    -5: 0.032, 5: 0.032, 7: 0.013, -7: 0.011, 6: 0.008, -6: 0.008,
}  # fmt: skip
#: The most total variation distance allowed from the two pooled distributions.
FAR_IOI: Final = 0.20
FAR_STEPS: Final = 0.10
