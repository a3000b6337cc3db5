"""Chord and Quality: a chord symbol as pitch classes, chord tones, tensions and scale."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, final

#: The name of each pitch class in ``Chord.text``, as most jazz charts spell it.
PITCH_NAMES: Final = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
#: The families of chords, in a fixed order: the encoder uses their indices.
FAMILIES: Final = (
    *("none", "major", "maj7", "dominant", "altered", "minor", "minor7"),
    *("half-diminished", "diminished", "augmented", "sus"),
)
#: Tension name -> semitones above the root. "3" occurs only with a sus chord (``add3``).
TENSIONS: Final = {
    **{"b9": 13, "9": 14, "#9": 15, "3": 16},
    **{"11": 17, "#11": 18, "b13": 20, "13": 21},
}
_TENSION_NAMES: Final = {semitones: name for name, semitones in TENSIONS.items()}
_ALT: Final = (13, 15, 18, 20)

_IONIAN: Final = (0, 2, 4, 5, 7, 9, 11)
_LYDIAN: Final = (0, 2, 4, 6, 7, 9, 11)
_LYDIAN_AUGMENTED: Final = (0, 2, 4, 6, 8, 9, 11)
_MIXOLYDIAN: Final = (0, 2, 4, 5, 7, 9, 10)
_MIXOLYDIAN_FLAT6: Final = (0, 2, 4, 5, 7, 8, 10)
_LYDIAN_DOMINANT: Final = (0, 2, 4, 6, 7, 9, 10)
_PHRYGIAN_DOMINANT: Final = (0, 1, 4, 5, 7, 8, 10)
_ALTERED: Final = (0, 1, 3, 4, 6, 8, 10)
_HALF_WHOLE: Final = (0, 1, 3, 4, 6, 7, 9, 10)
_WHOLE_HALF: Final = (0, 2, 3, 5, 6, 8, 9, 11)
_WHOLE_TONE: Final = (0, 2, 4, 6, 8, 10)
_DORIAN: Final = (0, 2, 3, 5, 7, 9, 10)
_AEOLIAN: Final = (0, 2, 3, 5, 7, 8, 10)
_PHRYGIAN: Final = (0, 1, 3, 5, 7, 8, 10)
_MELODIC_MINOR: Final = (0, 2, 3, 5, 7, 9, 11)
_LOCRIAN: Final = (0, 1, 3, 5, 6, 8, 10)
_LOCRIAN_NATURAL9: Final = (0, 2, 3, 5, 6, 8, 10)


@final
@dataclass(frozen=True)
class Quality:
    """The structure of a chord above its root, in semitones. Create it with ``make``.

    Args:
        third: 4 major, 3 minor, 5 sus4, 2 sus2; None without a third.
        fifth: 7 perfect, 6 flat, 8 sharp; None without a fifth (as in "7alt").
        seventh: 10 minor, 11 major, 9 a sixth (or the seventh of dim7); None for a triad.
        tensions: Further written tensions, values of ``TENSIONS``, ascending.
        alt: True for "7alt", whose tensions are b9 #9 #11 b13.
    """

    third: int | None
    fifth: int | None
    seventh: int | None
    tensions: tuple[int, ...] = ()
    alt: bool = False

    @classmethod
    def make(
        cls, third: int | None, fifth: int | None, seventh: int | None, tensions: Iterable[int] = ()
    ) -> Quality:
        """The normal form of a structure: tensions that double a chord tone are removed."""
        tones = {third, fifth, seventh}
        further = tuple(sorted(tone for tone in set(tensions) if tone % 12 not in tones))
        alt = (third, fifth, seventh, further) == (4, None, 10, _ALT)
        return cls(third, fifth, seventh, further, alt)

    @classmethod
    def altered(cls) -> Quality:
        """The quality written "7alt"."""
        return cls(4, None, 10, _ALT, alt=True)

    @cached_property
    def intervals(self) -> tuple[int, ...]:
        """Chord tones above the root: root, third or sus, fifth, sixth or seventh."""
        tones = (self.third, self.fifth, self.seventh)
        return (0, *sorted(tone for tone in tones if tone is not None))

    @cached_property
    def text(self) -> str:
        """The canonical suffix; ``parse_quality`` parses it to an equal quality."""
        if self.alt:
            return "7alt"
        head, covered, names_fifth = self._head()
        sus = {5: "sus4", 2: "sus2"}.get(self.third or 0, "")
        fifth = "" if names_fifth else {6: "b5", 8: "#5", None: "no5"}.get(self.fifth, "")
        no_third = "no3" if self.third is None and head != "5" else ""
        text = "".join([head, sus, fifth, *self._tension_words(covered), no_third])
        # "Cb5" would be a chord on C flat: an accidental right after the root needs brackets.
        return f"({fifth}){text[2:]}" if text.startswith(("b", "#")) else text

    def _head(self) -> tuple[str, frozenset[int], bool]:
        """The text up to the number, the tensions it implies, and whether it implies the fifth."""
        minor = "m" if self.third == 3 else ""
        if self.third == 3 and self.fifth == 6 and self.seventh in (None, 9):
            return ("dim" if self.seventh is None else "dim7"), frozenset(), True
        if self.seventh is None:
            if self.third == 4 and self.fifth == 8:
                return "aug", frozenset(), True
            power = self.third is None and self.fifth == 7
            return ("5" if power else minor), frozenset(), False
        if self.seventh == 9:
            ninth = frozenset({14}) & set(self.tensions)
            return minor + ("69" if ninth else "6"), ninth, False
        number, covered = self._number()
        return minor + ("maj" if self.seventh == 11 else "") + number, covered, False

    def _number(self) -> tuple[str, frozenset[int]]:
        """The highest number of a chord with a seventh, and the tensions it implies."""
        tensions = set(self.tensions)
        if 21 in tensions and tensions & {13, 14, 15}:
            return "13", frozenset({14, 21})
        if {14, 17} <= tensions:
            return "11", frozenset({14, 17})
        return ("9", frozenset({14})) if 14 in tensions else ("7", frozenset())

    def _tension_words(self, covered: frozenset[int]) -> list[str]:
        """The tensions that the number does not imply, each as an alteration or an "add"."""
        implied = {_TENSION_NAMES[tone] for tone in covered & set(self.tensions)}
        names = [_TENSION_NAMES[tone] for tone in self.tensions if tone not in covered]
        # An alteration replaces the natural degree that a number implies; "add" keeps both.
        return [
            name if name[0] in "b#" and name[1:] not in implied and self.seventh else f"add{name}"
            for name in names
        ]

    @cached_property
    def family(self) -> str:
        """One of ``FAMILIES`` (never "none", the family of N.C.)."""
        if self.third in (2, 5):
            return "sus"
        if self.third == 3:
            if self.fifth == 6:
                return "half-diminished" if self.seventh == 10 else "diminished"
            return "minor7" if self.seventh == 10 else "minor"
        if self.seventh == 10:
            altered = self.fifth in (6, 8) or {13, 15, 20} & set(self.tensions)
            return "altered" if altered else "dominant"
        if self.fifth == 8:
            return "augmented"
        return "maj7" if self.seventh == 11 else "major"

    @cached_property
    def scale(self) -> tuple[int, ...]:
        """The chord scale above the root: the usual scale of the family and every written tone."""
        written = {tone % 12 for tone in (*self.intervals, *self.tensions)}
        return tuple(sorted(written | set(self._usual_scale())))

    def _usual_scale(self) -> tuple[int, ...]:
        tensions = set(self.tensions)
        minor = _AEOLIAN if 20 in tensions or self.fifth == 8 else _DORIAN
        match self.family:
            case "dominant":
                return _LYDIAN_DOMINANT if 18 in tensions else _MIXOLYDIAN
            case "altered":
                return self._altered_scale()
            case "minor7":
                return _PHRYGIAN if 13 in tensions else minor
            case "minor":
                return _MELODIC_MINOR if self.seventh == 11 else minor
            case "half-diminished":
                return _LOCRIAN_NATURAL9 if 14 in tensions else _LOCRIAN
            case "diminished":
                return _WHOLE_HALF
            case "augmented":
                return _WHOLE_TONE if self.seventh is None else _LYDIAN_AUGMENTED
            case "sus":
                unaltered = _IONIAN if self.seventh == 11 else _MIXOLYDIAN
                return _PHRYGIAN if 13 in tensions else unaltered
            case _:
                # Ionian and not lydian: most major chords of standards are the tonic, which has
                # a perfect fourth; charts write a #11 explicitly.
                return _LYDIAN if 18 in tensions or self.fifth == 6 else _IONIAN

    def _altered_scale(self) -> tuple[int, ...]:
        tensions = set(self.tensions)
        ninth, sixth = bool(tensions & {13, 15}), 20 in tensions
        if self.alt or (ninth and self.fifth == 8) or (15 in tensions and sixth):
            return _ALTERED
        if ninth:
            return _PHRYGIAN_DOMINANT if sixth else _HALF_WHOLE
        return _MIXOLYDIAN_FLAT6 if sixth and self.fifth == 7 else _WHOLE_TONE


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
        """One of ``FAMILIES``; "none" for N.C."""
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
