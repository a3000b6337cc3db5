"""The characters of choruses: phrase lengths, rests and rhythms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Character:
    """How a chorus is played; all mappings contain weights.

    Args:
        lengths: Phrase lengths in beats.
        rests: Whole beats of rest between phrases.
        textures: Pages of the rhythm book for the body of a phrase.
        runs: The number of beats with one texture.
        answers: The probability that a phrase begins with the opening of the previous phrase.
        sequences: The probability that a figure is repeated on the next chord.
        blues: The preference for blues figures; 0: no blues figures.
        riff: Whether the chorus consists of a repeated riff and answers.
        straight: Whether the eighths are even, so that no swung pairs are written.
        long_ends: The probability that a phrase ends on a long note.
        anticipate: The probability that a group uses another chord: the next or previous one, or
            the ii-V partner.
        noise: The standard deviation of the random part of every cost.
    """

    lengths: Mapping[int, float]
    rests: Mapping[int, float]
    textures: Mapping[str, float]
    runs: Mapping[int, float]
    answers: float = 0.5
    sequences: float = 0.3
    blues: float = 0.0
    riff: bool = False
    straight: bool = False
    long_ends: float = 0.15
    anticipate: float = 0.5
    noise: float = 0.45

    def at_tempo(self, tempo: int) -> Character:
        """The character at a tempo in quarters per minute, with fewer sixteenths at fast tempos."""
        quick = min(1.6, max(0.25, (260 - tempo) / 110))
        scaled = {page: quick if page in ("sixteenths", "fast") else 1.0 for page in self.textures}
        return replace(self, textures={p: w * scaled[p] for p, w in self.textures.items()})


_RESTS = {1: 3.8, 2: 4.0, 3: 2.4, 4: 0.8, 5: 0.4, 6: 0.4, 7: 0.2}

CHARACTERS = {
    "bebop": Character(
        lengths={5: 0.8, 7: 2, 9: 3, 11: 2, 13: 2, 16: 1.7, 20: 1},
        rests=_RESTS,
        textures={
            "eighths": 3.2,
            "turns": 2.6,
            "triplets": 1.6,
            "sixteenths": 1.2,
            "loose": 3,
            "fast": 1.1,
        },
        runs={1: 1, 2: 3, 4: 3, 6: 1},
    ),
    "double time": Character(
        lengths={5: 0.8, 7: 2.5, 9: 3, 11: 2.5, 13: 2},
        rests={1: 3.2, 2: 4, 3: 2, 4: 1, 5: 0.5, 6: 0.4},
        textures={
            "eighths": 1.6,
            "turns": 1.2,
            "triplets": 1.6,
            "sixteenths": 5,
            "loose": 2,
            "fast": 2.0,
        },
        runs={2: 2, 3: 2, 4: 3},
        anticipate=0.5,
    ),
    "swing": Character(
        lengths={4: 1, 6: 2.5, 8: 3, 10: 2, 13: 1.5},
        rests=_RESTS,
        textures={"eighths": 3, "turns": 1.5, "triplets": 2.2, "loose": 4.5, "sixteenths": 0.9},
        runs={1: 1, 2: 3, 4: 2},
        answers=0.5,
        blues=0.3,
        long_ends=0.25,
    ),
    "riff": Character(
        lengths={4: 2, 5: 2, 6: 2, 8: 1},
        rests={1: 2, 2: 3, 3: 2},
        textures={"eighths": 2, "turns": 1.5, "triplets": 2, "loose": 3.5, "sixteenths": 1.0},
        runs={1: 1, 2: 3},
        blues=0.9,
        riff=True,
        long_ends=0.2,
    ),
    "blues": Character(
        lengths={4: 1.5, 6: 3, 8: 2.5, 10: 2},
        rests={1: 2.3, 2: 4, 3: 2, 4: 1, 5: 0.4, 6: 0.4},
        textures={
            "eighths": 2.4,
            "turns": 2.2,
            "triplets": 3,
            "loose": 3,
            "sixteenths": 1,
            "fast": 1.4,
        },
        runs={1: 1, 2: 3, 3: 1},
        answers=0.55,
        blues=0.9,
        long_ends=0.3,
    ),
    "modal": Character(
        lengths={4: 1.2, 6: 2, 8: 3, 11: 2.5, 14: 1.5},
        rests={1: 2.3, 2: 3, 3: 2, 4: 1, 5: 0.5, 6: 0.5},
        textures={
            "eighths": 2.6,
            "turns": 1.2,
            "triplets": 1.6,
            "sixteenths": 1,
            "loose": 4,
            "held": 1.2,
        },
        runs={2: 3, 4: 2},
        answers=0.55,
        sequences=0.35,
        long_ends=0.35,
    ),
    "bossa": Character(
        lengths={5: 0.7, 7: 2.5, 9: 3, 12: 2.5, 15: 1.5},
        rests={1: 2.3, 2: 4, 3: 2.5, 4: 1, 5: 0.6, 6: 0.4},
        textures={"bossa": 5, "eighths": 3.2, "sixteenths": 1.8, "triplets": 0.7, "held": 0.5},
        runs={2: 3, 4: 3},
        answers=0.5,
        straight=True,
        sequences=0.3,
        long_ends=0.35,
    ),
    "cool": Character(
        lengths={5: 0.7, 7: 2, 9: 3, 12: 3, 15: 2.5, 19: 0.7},
        rests={1: 2.3, 2: 4, 3: 2, 4: 1, 5: 0.5, 6: 0.5, 7: 0.3},
        textures={
            "eighths": 3.2,
            "turns": 1.2,
            "loose": 4,
            "triplets": 1.1,
            "held": 0.5,
            "sixteenths": 1.0,
        },
        runs={2: 3, 4: 3, 6: 1},
        answers=0.45,
        long_ends=0.25,
    ),
}
