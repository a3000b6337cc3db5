"""Solo: the item of this domain, a line of single notes over a chart, and its instruments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple, final

from seqgen import DataError, SeqgenError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.harmony.chord import PITCH_NAMES


@final
class Note(NamedTuple):
    """One note: onset from the start of the chart and duration in ticks; concert MIDI pitch.

    A tuple, because a corpus has very many.
    """

    onset: int
    duration: int
    pitch: int

    @property
    def end(self) -> int:
        """The tick at which the note ends."""
        return self.onset + self.duration


@final
@dataclass(frozen=True, slots=True)
class Performance:
    """How a solo is performed and which files are written.

    Args:
        style: The name of a shipped style, or the TOML text of another.
        swing: "auto" for a ratio by tempo, "0" for even eighths, or long:short as a number.
        band: Whether piano, bass and drums accompany.
        seed: Seed of the band's random choices and of small deviations in time and loudness.
        form: Bars of one chorus, without a pickup.
        wav: Whether sound is written.
        picture: Whether a piano roll is drawn.
        lyrics: Whether the degree and class of each note are written below the notation.
        bass_part: Whether the notation includes the bass.
        notices: Messages for the user on how the solo was made, one per line.
    """

    style: str = "swing"
    swing: str = "auto"
    band: bool = True
    seed: int = 0
    form: int = 0
    wav: bool = False
    picture: bool = False
    lyrics: bool = False
    bass_part: bool = False
    notices: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Solo:
    """A monophonic line over a chart. Solos with the same chart and notes are equal.

    Args:
        chart: The bars with their meters and chords.
        notes: Ascending by onset, without overlap, within ``chart.ticks``.
        title: Title of the solo.
        tempo: Quarter notes per minute.
        instrument: A name in ``INSTRUMENTS``, whose MIDI program the file gets; "any" for no
            particular one.
        performance: How it is performed; None for the line alone, exactly on its grid.
    """

    chart: Chart
    notes: tuple[Note, ...]
    title: str = field(default="", compare=False)
    tempo: float = field(default=160.0, compare=False)
    instrument: str = field(default="any", compare=False)
    performance: Performance | None = field(default=None, compare=False)

    def transpose(self, semitones: int) -> Solo:
        """The same solo ``semitones`` higher, chords and notes.

        Raises:
            DataError: A note would leave the MIDI range 0 to 127.
        """
        notes = tuple(note._replace(pitch=note.pitch + semitones) for note in self.notes)
        for note in notes:
            if not 0 <= note.pitch <= 127:
                raise DataError(
                    f"transposing by {semitones} gives pitch {note.pitch}, not 0 to 127"
                )
        return replace(self, chart=self.chart.transpose(semitones), notes=notes)

    def events(self) -> Iterator[tuple[int, int, int | None]]:
        """Start, end and pitch of every note, and of every rest, whose pitch is None."""
        return line_events(self.notes, 0, self.chart.ticks)


def check_solo(solo: Solo, lowest: int = 0, highest: int = 127) -> None:
    """Check that the notes are in order and inside the chart and a range of pitches.

    Raises:
        DataError: A note violates this; the message gives its number, from 1.
    """
    title = f" of {solo.title!r}" if solo.title else ""
    check_notes(solo.notes, solo.chart.ticks, lowest, highest, title)


def check_notes(
    notes: Iterable[Note], ticks: float, lowest: int = 0, highest: int = 127, title: str = ""
) -> None:
    """Check that notes ascend without overlap, end within ``ticks`` and are in a range of pitches.

    Raises:
        DataError: A note violates this; the message gives its number, from 1, and ``title``.
    """
    end = 0
    for number, (onset, duration, pitch) in enumerate(notes, start=1):
        if onset < end:
            problem = f"starts at tick {onset}, before {end}, the end of the note before it"
        elif duration <= 0:
            problem = f"lasts {duration} ticks; a note lasts at least 1"
        elif not lowest <= pitch <= highest:
            problem = f"has pitch {pitch}; pitches must be from {lowest} to {highest}"
        elif onset + duration > ticks:
            problem = f"ends at tick {onset + duration}; the chart ends at {ticks}"
        else:
            end = onset + duration
            continue
        raise DataError(f"note {number}{title} {problem}")


def line_events(
    notes: Iterable[Note], start: int, end: int
) -> Iterator[tuple[int, int, int | None]]:
    """Start, end and pitch of notes, and of the rests between ``start`` and ``end``, whose pitch is
    None."""
    tick = start
    for onset, duration, pitch in notes:
        if onset > tick:
            yield tick, onset, None
        tick = onset + duration
        yield onset, tick, pitch
    if tick < end:
        yield tick, end, None


def note_name(pitch: int) -> str:
    """The name of a MIDI pitch with its octave; 60 is C4."""
    return f"{PITCH_NAMES[pitch % 12]}{pitch // 12 - 1}"


def solo_text(solo: Solo) -> str:
    """The notes and rests of a solo, bar by bar: ``F4:1/2 r:1/2 A4:3 | ~A4:1 ...``.

    Lengths are in quarter notes; ``~`` precedes a note that continues from the bar before.
    """
    bars: list[list[str]] = [[] for _ in solo.chart.bars]
    for start, end, pitch in solo.events():
        name, tie = "r" if pitch is None else note_name(pitch), ""
        while start < end:
            bar = solo.chart.bar_at(start)
            cut = min(end, solo.chart.bar_starts[bar + 1])
            bars[bar].append(f"{tie}{name}:{Fraction(cut - start, TICKS_PER_QUARTER)}")
            start, tie = cut, "" if pitch is None else "~"
    return " | ".join(" ".join(bar) for bar in bars)


@final
@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument of the soloist.

    Args:
        name: Its name on the command line.
        low: The lowest note, concert MIDI pitch.
        high: The highest note, concert MIDI pitch, included.
        program: The General MIDI program, from 0.
    """

    name: str
    low: int
    high: int
    program: int


#: From the low E of the double bass, six octaves up: the range of the encoder, because a corpus has
#: solos of every instrument. It sounds as a tenor saxophone.
ANY = Instrument("any", 28, 100, 66)

_TABLE = (
    ANY,
    Instrument("alto-sax", 49, 80, 65),
    Instrument("tenor-sax", 44, 76, 66),
    Instrument("baritone-sax", 37, 68, 67),
    Instrument("trumpet", 52, 82, 56),
    Instrument("muted-trumpet", 52, 82, 59),
    Instrument("trombone", 40, 75, 57),
    Instrument("clarinet", 50, 91, 71),
    Instrument("flute", 60, 96, 73),
    Instrument("guitar", 40, 86, 26),
    Instrument("vibes", 53, 89, 11),
    Instrument("piano", 48, 96, 0),
    Instrument("bass", 28, 55, 32),
)

#: Name -> instrument.
INSTRUMENTS = {instrument.name: instrument for instrument in _TABLE}


def find_instrument(name: str) -> Instrument:
    """The instrument with a name.

    Raises:
        SeqgenError: Names the known ones.
    """
    try:
        return INSTRUMENTS[name]
    except KeyError:
        known = ", ".join(INSTRUMENTS)
        raise SeqgenError(f"unknown instrument {name!r}; known are {known}") from None
