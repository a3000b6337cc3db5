"""One voice of an ABC tune: the music code turned into measures of notes and chords."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Final, final

from seqgen import DataError
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.readers import abc_tokens as code
from seqgen_jazz.readers.measures import Measure
from seqgen_jazz.readers.raw_tune import JUMPS

_TUPLET_TIME: Final = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}


@final
class AbcVoice:
    """Reads lines of music code; the measures stand in ``measures`` after ``finish``."""

    def __init__(self) -> None:
        self.measures: list[Measure] = []
        self.counts: Counter[str] = Counter()
        self.tempo: float | None = None
        self.note_count = 0
        self.parts = ""
        self._meter = (4, 4)
        self._unit: Fraction | None = None
        self._key: dict[str, int] = {}
        self._spread = "pitch"
        self._accidentals: dict[str, int] = {}
        self._measure = Measure(self._meter)
        self._ending: frozenset[int] = frozenset()
        self._tie: dict[str, int] = {}
        self._tie_open = False
        self._tuplet: tuple[Fraction, int] = (Fraction(1), 0)
        self._broken = Fraction(1)
        self._waiting: list[Chord] = []

    def fork(self) -> AbcVoice:
        """A new voice with the fields that the tune's head gave this one."""
        other = AbcVoice()
        other.tempo, other._unit, other._key = self.tempo, self._unit, dict(self._key)
        other._meter, other._spread = self._meter, self._spread
        other._measure = Measure(self._meter)
        return other

    def set_field(self, name: str, value: str) -> None:
        """Obey a field: meter, unit, key, tempo, accidental rule, part; others are labels."""
        if name == "V":
            raise DataError("a change of voice inside a line is not read; begin a line with V:")
        if name == "M":
            self._meter = code.read_meter(value) or self._meter
            self._measure.meter = self._meter
        elif name == "L":
            self._unit = code.read_unit(value)
        elif name == "K":
            self._key = code.read_key(value)
        elif name == "Q":
            self.tempo = code.read_tempo(value) or self.tempo
        elif name == "P":
            self.parts += value.strip()[:1]
        elif name == "I" and "propagate-accidentals" in value:
            self._spread = value.split()[-1]

    def read_music(self, line: str) -> None:
        """Read one line of music code.

        Raises:
            DataError: An element or a chord symbol cannot be read; the message has its column.
        """
        at = 0
        while at < len(line):
            found = code.TOKEN.match(line, at)
            if found is None or found.end() == at:
                raise DataError(f"column {at + 1}: {line[at : at + 8]!r} cannot be read")
            try:
                self._element(found)
            except DataError as error:
                raise DataError(f"column {at + 1}: {error}") from error
            at = found.end()

    def finish(self) -> None:
        """Close the last measure, which need not have a bar line."""
        self._bar("|", None)

    def _element(self, found: re.Match[str]) -> None:
        for name, reader in _READERS:
            if found[name] is not None:
                reader(self, found)
                return

    def _quote(self, found: re.Match[str]) -> None:
        text = found["quote"]
        if code.is_jump(text):
            self.counts[JUMPS] = 1
            return
        if text[:1] in ("^", "_", "<", ">", "@") or not text.strip():
            return
        self._waiting.append(code.read_abc_chord(text))

    def _decoration(self, found: re.Match[str]) -> None:
        if found["sign"] or code.is_jump(found["decoration"]):
            self.counts[JUMPS] = 1

    def _grace(self, found: re.Match[str]) -> None:
        self.counts["grace notes left out"] += len(code.NOTE.findall(found["grace"]))

    def _start_tuplet(self, found: re.Match[str]) -> None:
        count = int(found["tuplet"])
        upper, lower = self._meter
        compound = lower == 8 and upper % 3 == 0
        time = int(found["q"] or _TUPLET_TIME.get(count, 3 if compound else 2))
        if count == 0 or time == 0:
            raise DataError(f"the tuplet {found[0]!r} cannot be read")
        self._tuplet = (Fraction(time, count), int(found["r"] or count))

    def _set_broken(self, found: re.Match[str]) -> None:
        """ "a>b": the note before becomes longer by what the next one loses."""
        part = Fraction(1, 2 ** len(found["broken"]))
        longer = found["broken"][0] == ">"
        if not self._measure.notes:
            raise DataError("a broken rhythm sign stands before any note of its bar")
        last = self._measure.notes[-1]
        old = last[1]
        new = old * (2 - part if longer else part)
        for place, note in enumerate(self._measure.notes):
            if note[0] == last[0]:
                self._measure.notes[place] = (note[0], new, note[2], note[3])
        self._measure.length += new - old
        self._broken = part if longer else 2 - part

    def _length(self, text: str) -> Fraction:
        upper, lower = self._meter
        unit = self._unit or (Fraction(1, 4) if upper * 4 < 3 * lower else Fraction(1, 2))
        length = unit * code.read_length(text) * self._broken
        self._broken = Fraction(1)
        scale, left = self._tuplet
        if left:
            length *= scale
            self._tuplet = (scale, left - 1)
        return length

    def _advance(self, length: Fraction) -> None:
        """Move on by ``length``; chord symbols that wait share it evenly."""
        for place, chord in enumerate(self._waiting):
            share = length * place / len(self._waiting)
            self._measure.chords.append((self._measure.length + share, chord))
        self._waiting = []
        self._measure.length += length
        if not self._tie_open:
            self._tie = {}
        self._tie_open = False

    def _stack(self, notes: str, outer: str) -> None:
        """A note, or several at once ``[ceg]``; the first one's length is the stack's."""
        found = code.NOTE.findall(notes)
        if not found or code.NOTE.sub("", notes).strip(" -()"):
            raise DataError(f"the notes {notes!r} cannot be read")
        length = self._length(outer) * code.read_length(found[0][3])
        sounding: dict[str, int] = {}
        for sign, letter, octave, _ in found:
            name = letter + octave
            tied = self._tie_open and name in self._tie
            number = self._tie[name] if tied and not sign else self._pitch(sign, letter, octave)
            if not 0 <= number <= 127:
                raise DataError(f"the note {name!r} is outside the MIDI range")
            sounding[name] = number
            same = tied and self._tie[name] == number
            self._measure.notes.append((self._measure.length, length, number, same))
        self.note_count += 1
        self._tie_open = False
        self._advance(length)
        self._tie = sounding

    def _pitch(self, sign: str, letter: str, octave: str) -> int:
        own = letter + octave
        upper = letter.upper()
        if sign:
            shift = code.accidental_shift(sign)
            self._accidentals[own] = shift
            if self._spread == "pitch":
                self._accidentals["any " + upper] = shift
            if self._spread == "not":
                self._accidentals = {}
        elif own in self._accidentals:
            shift = self._accidentals[own]
        elif "any " + upper in self._accidentals:
            shift = self._accidentals["any " + upper]
            self.counts["accidentals carried to another octave"] += 1
        else:
            shift = self._key.get(upper, 0)
        return code.pitch(letter, octave, shift)

    def _open_tie(self, found: re.Match[str]) -> None:
        self._tie_open = True

    def _rest_bars(self, found: re.Match[str]) -> None:
        for place in range(min(64, int(found["barcount"] or 1))):
            if place:
                self._bar("|", None)
            self._advance(self._measure.full)

    def _bar(self, sign: str, ending: str | None) -> None:
        """A bar line: close the measure, and note repeats and endings on its two sides."""
        if self._measure.length or self._measure.notes:
            self._measure.ending = self._ending
            self.measures.append(self._measure)
            self._measure = Measure(self._meter)
            self._accidentals = {}
        colons_before = len(sign) - len(sign.lstrip(":"))
        ends = colons_before > 0
        begins = sign.endswith(":") and (sign.strip(":") != "" or len(sign) > 1)
        if ends and self.measures:
            self.measures[-1].ends_repeat = True
        if begins:
            self._measure.begins_repeat = True
        if ends or begins or "||" in sign or "]" in sign:
            self._ending = frozenset()
        if ending:
            self._ending = code.read_endings(ending)


#: The group of ``abc_music.TOKEN`` that an element fills -> what reads it.
_READERS: Final[tuple[tuple[str, Callable[[AbcVoice, re.Match[str]], None]], ...]] = (
    ("note", lambda voice, m: voice._stack(m["note"].removesuffix(m["length"]), m["length"])),
    ("bar", lambda voice, m: voice._bar(m["bar"], m["barending"])),
    ("quote", AbcVoice._quote),
    ("restlength", lambda voice, m: voice._advance(voice._length(m["restlength"]))),
    ("tie", AbcVoice._open_tie),
    ("tuplet", AbcVoice._start_tuplet),
    ("broken", AbcVoice._set_broken),
    ("stacklength", lambda voice, m: voice._stack(m["stack"], m["stacklength"])),
    ("grace", AbcVoice._grace),
    ("value", lambda voice, m: voice.set_field(m["field"], m["value"])),
    ("ending", lambda voice, m: voice._bar("", m["ending"])),
    ("barcount", AbcVoice._rest_bars),
    ("decoration", AbcVoice._decoration),
    ("sign", AbcVoice._decoration),
)
