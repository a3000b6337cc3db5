"""A voice of an ABC tune: its music code as measures of notes and chords."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Final, final

from seqgen import DataError
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.readers import abc_fields as tokens
from seqgen_jazz.readers.errors import ReadError, located
from seqgen_jazz.readers.meters_and_measures import Measure
from seqgen_jazz.readers.raw_tune import Count

_TUPLET_TIME: Final = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}


@final
class AbcVoice:
    """Reads lines of music code; ``measures`` is complete after ``finish``."""

    def __init__(self) -> None:
        self.measures: list[Measure] = []
        self.counts: Counter[Count] = Counter()
        self.tempo: float | None = None
        self.note_count = 0
        self.parts = ""
        self._meter = (4, 4)
        self._unit: Fraction | None = None
        self._key: dict[str, int] = {}
        #: "pitch": an accidental applies in every octave; "octave": in its own; "not": to its note.
        self._propagation = "pitch"
        self._accidentals: dict[str, int] = {}
        self._measure = Measure(self._meter)
        self._ending: frozenset[int] = frozenset()
        self._tied: dict[str, int] = {}
        self._tie_open = False
        self._tuplet: tuple[Fraction, int] = (Fraction(1), 0)
        self._broken = Fraction(1)
        self._pending_chords: list[Chord] = []

    def fork(self) -> AbcVoice:
        """A new voice with the fields of this one."""
        other = AbcVoice()
        other.tempo, other._unit, other._key = self.tempo, self._unit, dict(self._key)
        other._meter, other._propagation = self._meter, self._propagation
        other._measure = Measure(self._meter)
        return other

    def set_field(self, name: str, value: str) -> None:
        """Apply a field: meter, unit, key, tempo, accidental rule, part; others are labels."""
        if name == "V":
            raise ReadError("a voice cannot change inside a line; begin a line with V:")
        if name == "M":
            self._meter = tokens.parse_meter(value) or self._meter
            self._measure.meter = self._meter
        elif name == "L":
            self._unit = tokens.parse_unit(value)
        elif name == "K":
            self._key = tokens.parse_key(value)
        elif name == "Q":
            self.tempo = tokens.parse_tempo(value) or self.tempo
        elif name == "P":
            self.parts += value.strip()[:1]
        elif name == "I" and "propagate-accidentals" in value:
            self._propagation = value.split()[-1]

    def read_music(self, line: str) -> None:
        """Read a line of music code.

        Raises:
            ReadError: An element or a chord symbol cannot be read; the message has its column.
        """
        at = 0
        try:
            while at < len(line):
                found = tokens.TOKEN.match(line, at)
                if found is None or found.end() == at:
                    raise ReadError(f"cannot read {line[at : at + 8]!r}")
                self._read_element(found)
                at = found.end()
        except DataError as error:
            raise located(error, f"column {at + 1}") from error

    def finish(self) -> None:
        """End the last measure, which need not have a bar line."""
        self._bar_line("|", None)

    def _read_element(self, found: re.Match[str]) -> None:
        for name, reader in _READERS:
            if found[name] is not None:
                reader(self, found)
                return

    def _quote(self, found: re.Match[str]) -> None:
        text = found["quote"]
        if tokens.is_jump(text):
            self.counts[Count.JUMPS] = 1
        elif text[:1] not in ("^", "_", "<", ">", "@") and text.strip():
            self._pending_chords.append(tokens.parse_abc_chord(text))

    def _decoration(self, found: re.Match[str]) -> None:
        if found["sign"] or tokens.is_jump(found["decoration"]):
            self.counts[Count.JUMPS] = 1

    def _grace_notes(self, found: re.Match[str]) -> None:
        self.counts[Count.GRACE_NOTES] += len(tokens.NOTE.findall(found["grace"]))

    def _start_tuplet(self, found: re.Match[str]) -> None:
        count = int(found["tuplet"])
        upper, lower = self._meter
        compound = lower == 8 and upper % 3 == 0
        time = int(found["q"] or _TUPLET_TIME.get(count, 3 if compound else 2))
        if count == 0 or time == 0:
            raise ReadError(f"cannot read the tuplet {found[0]!r}")
        self._tuplet = (Fraction(time, count), int(found["r"] or count))

    def _set_broken(self, found: re.Match[str]) -> None:
        """ "a>b": the first note becomes longer by what the second one loses."""
        part = Fraction(1, 2 ** len(found["broken"]))
        longer = found["broken"][0] == ">"
        notes = self._measure.notes
        if not notes:
            raise ReadError("a broken rhythm sign has no note before it in its bar")
        onset, old = notes[-1][:2]
        new = old * (2 - part if longer else part)
        for index, note in enumerate(notes):
            if note[0] == onset:
                notes[index] = (onset, new, *note[2:])
        self._measure.length += new - old
        self._broken = part if longer else 2 - part

    def _length(self, text: str) -> Fraction:
        upper, lower = self._meter
        unit = self._unit or (Fraction(1, 4) if upper * 4 < 3 * lower else Fraction(1, 2))
        length = unit * tokens.parse_length(text) * self._broken
        self._broken = Fraction(1)
        scale, left = self._tuplet
        if left:
            length *= scale
            self._tuplet = (scale, left - 1)
        return length

    def _advance(self, length: Fraction) -> None:
        """Move on by ``length``; pending chord symbols share it evenly."""
        for index, chord in enumerate(self._pending_chords):
            share = length * index / len(self._pending_chords)
            self._measure.chords.append((self._measure.length + share, chord))
        self._pending_chords = []
        self._measure.length += length
        if not self._tie_open:
            self._tied = {}
        self._tie_open = False

    def _stack(self, notes: str, outer: str) -> None:
        """A note, or several at once ``[ceg]``; the first one's length is the stack's."""
        found = tokens.NOTE.findall(notes)
        if not found or tokens.NOTE.sub("", notes).strip(" -()"):
            raise ReadError(f"cannot read the notes {notes!r}")
        length = self._length(outer) * tokens.parse_length(found[0][3])
        sounding: dict[str, int] = {}
        for sign, letter, octave, _ in found:
            name = letter + octave
            tied = self._tie_open and name in self._tied
            number = self._tied[name] if tied and not sign else self._pitch(sign, letter, octave)
            if not 0 <= number <= 127:
                raise ReadError(f"the note {name!r} is outside the MIDI range")
            sounding[name] = number
            same = tied and self._tied[name] == number
            self._measure.notes.append((self._measure.length, length, number, same))
        self.note_count += 1
        self._tie_open = False
        self._advance(length)
        self._tied = sounding

    def _pitch(self, sign: str, letter: str, octave: str) -> int:
        own, any_octave = letter + octave, "any " + letter.upper()
        if sign:
            shift = tokens.SHIFTS[sign]
            self._accidentals[own] = shift
            if self._propagation == "pitch":
                self._accidentals[any_octave] = shift
            if self._propagation == "not":
                self._accidentals = {}
        elif own in self._accidentals:
            shift = self._accidentals[own]
        elif any_octave in self._accidentals:
            shift = self._accidentals[any_octave]
            self.counts[Count.ACCIDENTALS] += 1
        else:
            shift = self._key.get(letter.upper(), 0)
        return tokens.midi_pitch(letter, octave, shift)

    def _open_tie(self, _: re.Match[str]) -> None:
        self._tie_open = True

    def _rest_bars(self, found: re.Match[str]) -> None:
        for number in range(min(64, int(found["barcount"] or 1))):
            if number:
                self._bar_line("|", None)
            self._advance(self._measure.full)

    def _bar_line(self, sign: str, ending: str | None) -> None:
        """A bar line: end the measure, and set repeats and endings on its two sides."""
        if self._measure.length or self._measure.notes:
            self._measure.ending = self._ending
            self.measures.append(self._measure)
            self._measure = Measure(self._meter)
            self._accidentals = {}
        ends = sign.startswith(":")
        begins = sign.endswith(":") and (sign.strip(":") != "" or len(sign) > 1)
        if ends and self.measures:
            self.measures[-1].ends_repeat = True
        if begins:
            self._measure.begins_repeat = True
        if ends or begins or "||" in sign or "]" in sign:
            self._ending = frozenset()
        if ending:
            self._ending = tokens.parse_endings(ending)


#: The group of ``TOKEN`` that matches an element -> the method that reads it.
_READERS: Final[tuple[tuple[str, Callable[[AbcVoice, re.Match[str]], None]], ...]] = (
    ("note", lambda voice, m: voice._stack(m["note"].removesuffix(m["length"]), m["length"])),
    ("bar", lambda voice, m: voice._bar_line(m["bar"], m["barending"])),
    ("quote", AbcVoice._quote),
    ("restlength", lambda voice, m: voice._advance(voice._length(m["restlength"]))),
    ("tie", AbcVoice._open_tie),
    ("tuplet", AbcVoice._start_tuplet),
    ("broken", AbcVoice._set_broken),
    ("stacklength", lambda voice, m: voice._stack(m["stack"], m["stacklength"])),
    ("grace", AbcVoice._grace_notes),
    ("value", lambda voice, m: voice.set_field(m["field"], m["value"])),
    ("ending", lambda voice, m: voice._bar_line("", m["ending"])),
    ("barcount", AbcVoice._rest_bars),
    ("decoration", AbcVoice._decoration),
    ("sign", AbcVoice._decoration),
)
