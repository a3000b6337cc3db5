"""Solo: the item of this domain, a line of single notes over a chord chart."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen import DataError

if TYPE_CHECKING:
    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.performance import Playing


@final
class Note(NamedTuple):
    """One note: onset and duration in ticks, from the start of the chart; concert MIDI pitch.

    A tuple, for a corpus has very many.
    """

    onset: int
    duration: int
    pitch: int

    @property
    def end(self) -> int:
        """The tick at which the note stops sounding."""
        return self.onset + self.duration


@final
@dataclass(frozen=True, slots=True)
class Solo:
    """A monophonic line over a chart.

    Args:
        chart: The bars with their meters and chords.
        notes: Ascending by onset, none overlapping the next, all within ``chart.ticks``.
        title: Only a label; two solos with other titles and the same notes are equal.
        tempo: Quarter notes a minute, only a label as well.
        instrument: A name in ``INSTRUMENTS``, whose program its MIDI file gets; only a label
            too. "any" when the solo is for no one in particular.
        playing: How it is performed and written, a label as well; None for the line alone,
            exactly as it stands on its grid.
    """

    chart: Chart
    notes: tuple[Note, ...]
    title: str = field(default="", compare=False)
    tempo: float = field(default=160.0, compare=False)
    instrument: str = field(default="any", compare=False)
    playing: Playing | None = field(default=None, compare=False)

    def transpose(self, semitones: int) -> Solo:
        """The same solo ``semitones`` higher, chords and notes alike.

        Raises:
            DataError: A note would leave the MIDI range 0 to 127.
        """
        moved = tuple(
            Note(onset, duration, pitch + semitones) for onset, duration, pitch in self.notes
        )
        for note in moved:
            if not 0 <= note.pitch <= 127:
                raise DataError(
                    f"transposing by {semitones} semitones gives pitch {note.pitch}; "
                    "pitches go from 0 to 127"
                )
        return replace(self, chart=self.chart.transpose(semitones), notes=moved)


def check_solo(solo: Solo) -> None:
    """Hold a solo against its promises: ascending, no overlap, inside the chart, 0 to 127.

    Raises:
        DataError: One is broken; the message names the note, from 1.
    """
    end, last = 0, solo.chart.ticks
    for number, note in enumerate(solo.notes, start=1):
        onset, duration, pitch = note
        if onset < end or duration <= 0 or not 0 <= pitch <= 127 or onset + duration > last:
            raise DataError(_broken(solo, number, note, end))
        end = onset + duration


def _broken(solo: Solo, number: int, note: Note, end: int) -> str:
    """Which promise a note breaks that may not start before ``end``."""
    what = f"note {number} of {solo.title!r}" if solo.title else f"note {number}"
    if note.duration <= 0:
        return f"{what} lasts {note.duration} ticks; a note lasts at least 1"
    if not 0 <= note.pitch <= 127:
        return f"{what} has pitch {note.pitch}; pitches go from 0 to 127"
    if note.onset < end:
        return f"{what} starts at tick {note.onset}, before {end} where it may start"
    return f"{what} ends at tick {note.end}; the chart ends at {solo.chart.ticks}"
