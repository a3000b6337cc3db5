"""Spelling: MIDI pitches and chord roots as letter, accidental and octave, by chord and key."""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple, final

from seqgen_jazz.charts.chart import Chart, estimate_key
from seqgen_jazz.harmony.chord import PITCH_NAMES, Chord

_LETTERS: Final = "CDEFGAB"
_NATURAL: Final = (0, 2, 4, 5, 7, 9, 11)
_SHARPS: Final = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS: Final = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
#: Sharps (flats below 0) of a major key by the pitch class of its tonic. Jazz uses G flat and
#: E flat minor, hardly ever F sharp and D sharp minor.
_FIFTHS: Final = (0, -5, 2, -3, 4, -1, -6, 1, -4, 3, -2, 5)
#: Letters above the root by semitones: a minor third is a third, not a raised second; 6, 8, 9
#: and 11 depend on the chord.
_STEPS: Final = (0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 6)
#: The pitch classes of F# and Gb, and of B and Cb.
_SIX: Final = 6
_ELEVEN: Final = 11
_SCALES: Final = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10))


class Spelled(NamedTuple):
    """A note name: ``step`` C to B, ``alter`` -1 flat, 0 or 1 sharp, ``octave`` (C4 is 60)."""

    step: str
    alter: int
    octave: int

    @property
    def name(self) -> str:
        """Letter and accidental, as ``Gb``."""
        return self.step + ("b", "", "#")[self.alter + 1]


@final
class Speller:
    """The names of the notes and chords of a chart, in its own or its estimated key."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._key = estimate_key(chart)
        self._c_flat = key_signature(*self._key) <= -6

    @cached_property
    def _roots(self) -> dict[int, str]:
        """The name of the root of each change, by tick; the last one leads to the first."""
        first_tick, first_chord = self._chart.changes[0]
        once = self._name_roots(None, "")
        return self._name_roots(first_chord, once[first_tick])

    def _name_roots(self, following: Chord | None, target: str) -> dict[int, str]:
        """The names of all roots, given the chord after the last one and the name of its root."""
        found: dict[int, str] = {}
        for tick, chord in reversed(self._chart.changes):
            # A continued chord keeps its name, also with another seventh or bass.
            held = following is not None and _is_same(chord, following)
            target = target if held else self._name_root(chord, following, target)
            found[tick], following = target, chord
        return found

    def _name_root(self, chord: Chord, following: Chord | None, target: str) -> str:
        root, inside = chord.root, set(chord.intervals)
        fifths = key_signature(*self._key)
        if root == _SIX and 3 in inside and (10 in inside or not self._is_in_key(root)):
            return "F#"  # the third of Gb minor is B double flat
        plain = 4 in inside and 10 not in inside  # a major chord without a flat seventh
        if root == _ELEVEN and plain and self._c_flat and self._is_in_key(root):
            return "Cb"
        move = 0 if following is None or following.root < 0 else (following.root - root) % 12
        # A two or a five: C#m7b5 to F#7 to Bm7.
        leading = _name_below(root, target) if move == 5 and 10 in inside else ""
        dominant = {4, 10} <= inside
        diatonic = self._is_in_key((root + (4 if 4 in inside else 3)) % 12)
        if self._is_in_key(root):
            if leading and (fifths > 0 if dominant else not diatonic):
                return leading
            if fifths < 0:
                return _FLATS[root]
            if dominant or 4 not in inside or diatonic:
                return _SHARPS[root]
        if move == 11 and (fifths < 0 or not {3, 6, 10} <= inside):
            return _FLATS[root]  # it leads down: Eb7 to D7; C#m7b5 to Cm6 is the raised four
        if leading:
            return leading
        if {3, 6} <= inside:  # it leads up: G#dim7 to Am7
            return _SHARPS[root]
        flat = fifths < 0 or (fifths == 0 and root == _SIX and plain and move != 5)
        return _FLATS[root] if flat else PITCH_NAMES[root]

    def _is_in_key(self, pitch_class: int) -> bool:
        tonic, minor = self._key
        return (pitch_class - tonic) % 12 in _SCALES[minor]

    def root(self, tick: int) -> Spelled:
        """The root of the chord at a tick, which must have one."""
        return _with_octave(60 + self._chart.chord_at(tick).root, self._root_name(tick))

    def bass(self, tick: int) -> Spelled:
        """The slash bass of the chord at a tick, which must have one."""
        chord = self._chart.chord_at(tick)
        name = self._root_name(tick)
        return spell(60 + (chord.bass or 0), chord, root=name, c_flat=self._c_flat)

    def symbol(self, tick: int) -> str:
        """The symbol of the chord at a tick, as ``Gbmaj7`` or ``N.C.``."""
        chord = self._chart.chord_at(tick)
        if chord.root < 0:
            return chord.text
        slash = "" if chord.bass is None else f"/{self.bass(tick).name}"
        return f"{self._root_name(tick)}{chord.quality}{slash}"

    def note(self, pitch: int, tick: int, following: int | None = None) -> Spelled:
        """The name of a note at a tick; ``following`` is the pitch of the next note."""
        chord = self._chart.chord_at(tick)
        return spell(pitch, chord, following, self._root_name(tick), self._c_flat)

    def _root_name(self, tick: int) -> str:
        return self._roots[self._chart.change_at(tick)[0]]


def _is_same(chord: Chord, other: Chord) -> bool:
    """Whether two chords have the same root and third."""
    return chord.root == other.root and (3 in chord.intervals) == (3 in other.intervals)


def _name_below(root: int, target: str) -> str:
    """The name of a root with its letter a fourth below that of the target; or nothing."""
    for name in (_FLATS[root], _SHARPS[root]):
        if (_LETTERS.index(target[0]) - _LETTERS.index(name[0])) % 7 == 3:
            return name
    return ""


def key_signature(tonic: int, minor: bool) -> int:
    """The sharps of a key, below 0 the flats."""
    return _FIFTHS[(tonic + 3 * minor) % 12]


def spell(
    pitch: int,
    chord: Chord,
    following: int | None = None,
    root: str = "",
    c_flat: bool = False,
) -> Spelled:
    """The name of a pitch over a chord, without double accidentals and E#.

    Notes of the chord and its scale are named by their degree, others by their direction: sharp
    if the line rises, flat if it falls.

    Args:
        pitch: MIDI pitch.
        chord: The chord.
        following: The pitch of the next note; None if there is none.
        root: The name of the chord's root; the usual one if empty.
        c_flat: Whether C flat is used, as in keys whose signature contains it.
    """
    lead = _leading_name(pitch, following)
    usual = PITCH_NAMES[pitch % 12]
    if chord.root < 0:
        return _with_octave(pitch, lead or usual)
    if lead and pitch % 12 not in {*chord.pitch_classes, *chord.scale}:
        return _with_octave(pitch, lead)
    name = root or PITCH_NAMES[chord.root]
    letter = (_LETTERS.index(name[0]) + _steps((pitch - chord.root) % 12, chord)) % 7
    alter = (pitch - _NATURAL[letter] + 6) % 12 - 6
    common = pitch % 12 not in _NATURAL or (c_flat and (letter, alter) == (0, -1))
    if alter == 0 or (abs(alter) == 1 and common):
        return Spelled(_LETTERS[letter], alter, (pitch - alter) // 12 - 1)
    return _with_octave(pitch, usual)


def _leading_name(pitch: int, following: int | None) -> str:
    """The name of a note that leads to the next one by a semitone; empty for others."""
    move = 0 if following is None else following - pitch
    return _SHARPS[pitch % 12] if move == 1 else _FLATS[pitch % 12] if move == -1 else ""


def _steps(above: int, chord: Chord) -> int:
    """The number of letters from the root to a note ``above`` semitones above it."""
    if above == 6:
        # A flat fifth if the chord has one, else a raised fourth.
        return 4 if 6 in chord.intervals else 3
    if above == 8:
        return 4 if 8 in chord.intervals else 5
    if above in (9, 11) and {3, 6, 9} <= set(chord.intervals):
        # A diminished seventh, not a sixth: A flat over B; above it a flat octave: B flat.
        return 6 if above == 9 else 7
    return _STEPS[above]


def _with_octave(pitch: int, name: str) -> Spelled:
    alter = {"b": -1, "#": 1}.get(name[1:], 0)
    return Spelled(name[0], alter, (pitch - alter) // 12 - 1)
