"""Measures: the bars of a written tune, and how they are played out, repeats and all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.charts.repeats import play_order
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.readers.raw_tune import RawNote, RawSolo, meter_of_ticks


@final
@dataclass(slots=True)
class Measure:
    """What stands between two bar lines, times in quarters from its start.

    ``notes`` are ``(onset, length, pitch, tied to the note before)``; ``full`` is the length
    that the meter asks for, ``length`` the one that is written.
    """

    meter: tuple[int, int]
    length: Fraction = Fraction(0)
    notes: list[tuple[Fraction, Fraction, int, bool]] = field(default_factory=list)
    chords: list[tuple[Fraction, Chord]] = field(default_factory=list)
    begins_repeat: bool = False
    ends_repeat: bool = False
    times: int = 2
    ending: frozenset[int] = frozenset()

    @property
    def full(self) -> Fraction:
        """The length of a whole bar in quarters."""
        return Fraction(self.meter[0] * 4, self.meter[1])


def play(
    measures: Sequence[Measure],
    chord_measures: Sequence[Measure],
    title: str,
    tempo: float | None,
    counts: Counter[str],
) -> RawSolo:
    """The tune as it sounds: repeats played out, ties joined, chords laid beside the notes.

    ``chord_measures`` are the measures of the voice that carries the chord symbols; when
    they do not stand bar by bar beside ``measures``, its own symbols are used.
    """
    order = play_order(measures)
    if len(order) > len(measures):
        counts["bars added by repeats"] += len(order) - len(measures)
    carriers = chord_measures if len(chord_measures) == len(measures) else measures
    notes: list[RawNote] = []
    sounding: dict[int, int] = {}
    chords: list[tuple[float, Chord]] = []
    at = Fraction(0)
    for place in order:
        measure = measures[place]
        chords += [(float(at + onset), chord) for onset, chord in carriers[place].chords]
        for onset, length, pitch, tied in measure.notes:
            start, end = float(at + onset), float(at + onset + length)
            before = sounding.get(pitch)
            if tied and before is not None and abs(notes[before].end - start) < 1e-3:
                notes[before] = RawNote(notes[before].onset, end, pitch)
            else:
                sounding[pitch] = len(notes)
                notes.append(RawNote(start, end, pitch))
        at += measure.length
    meters = _meters([measures[place] for place in order], counts)
    return RawSolo(tuple(notes), tuple(chords), tuple(meters), title, tempo, counts)


def _meters(measures: Sequence[Measure], counts: Counter[str]) -> list[tuple[int, int]]:
    """One meter a bar; two short bars that a repeat sign parted become the whole one."""
    meters: list[tuple[int, int]] = []
    place = 0
    while place < len(measures):
        measure = measures[place]
        length, full = measure.length, measure.full
        last = place == len(measures) - 1
        if last or (place and length < full == length + measures[place + 1].length):
            # The rest of a last bar is silent.
            place += not last
            length = max(length, full)
        whole, rest = divmod(length, full)
        meters += [measure.meter] * int(whole)
        if rest:
            ticks = rest * TICKS_PER_QUARTER
            if ticks.denominator != 1:
                raise DataError(f"a bar is {float(length):.4g} quarters long instead of {full}")
            meters.append(meter_of_ticks(int(ticks), measure.meter[1]))
            counts["bars longer or shorter than their meter"] += place > 0
        place += 1
    return meters
