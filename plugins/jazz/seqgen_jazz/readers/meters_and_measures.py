"""Meters, and the measures of a written tune with their repeats."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, final

from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar
from seqgen_jazz.charts.repeats import play_order
from seqgen_jazz.harmony.chord import Chord
from seqgen_jazz.readers.errors import ReadError, SkipReason, error_context
from seqgen_jazz.readers.raw_tune import Count, RawNote, RawTune

_UNITS: Final = (4, 8, 16, 32)


@final
@dataclass(slots=True)
class Measure:
    """The contents of a measure; times are in quarter notes from its start.

    ``notes`` are ``(onset, length, pitch, tied to the previous note)``. ``full`` is the length
    according to the meter, ``length`` the written length.
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
        """The length of a complete bar in quarter notes."""
        return Fraction(self.meter[0] * 4, self.meter[1])


def play_out(
    measures: Sequence[Measure], chord_measures: Sequence[Measure], counts: Counter[Count]
) -> RawTune:
    """The tune with repeats played out and ties joined.

    ``chord_measures`` are the measures of the voice with the chord symbols. If they do not
    correspond to ``measures`` one to one, the symbols in ``measures`` are used.
    """
    with error_context(reason=SkipReason.REPEATS):
        order = play_order(measures)
    if len(order) > len(measures):
        counts[Count.REPEATED_BARS] += len(order) - len(measures)
    harmony = chord_measures if len(chord_measures) == len(measures) else measures
    notes: list[RawNote] = []
    last_with_pitch: dict[int, int] = {}
    chords: list[tuple[float, Chord]] = []
    at = Fraction(0)
    for index in order:
        chords += [(float(at + onset), chord) for onset, chord in harmony[index].chords]
        for onset, length, pitch, tied in measures[index].notes:
            start, end = float(at + onset), float(at + onset + length)
            previous = last_with_pitch.get(pitch)
            if tied and previous is not None and abs(notes[previous].end - start) < 1e-3:
                notes[previous] = RawNote(notes[previous].onset, end, pitch)
            else:
                last_with_pitch[pitch] = len(notes)
                notes.append(RawNote(start, end, pitch))
        at += measures[index].length
    meters = _meters([measures[index] for index in order], counts)
    return RawTune(tuple(notes), tuple(chords), tuple(meters), counts=counts)


def _meters(measures: Sequence[Measure], counts: Counter[Count]) -> list[tuple[int, int]]:
    """One meter per bar. Two incomplete measures that make up a bar are counted as one."""
    meters: list[tuple[int, int]] = []
    index = 0
    while index < len(measures):
        measure = measures[index]
        length, full = measure.length, measure.full
        last = index == len(measures) - 1
        if last or (index and length < full == length + measures[index + 1].length):
            # The rest of an incomplete last bar is silent.
            index += not last
            length = max(length, full)
        whole, rest = divmod(length, full)
        meters += [measure.meter] * int(whole)
        if rest:
            meters.append(meter_of_ticks(rest * TICKS_PER_QUARTER, measure.meter[1]))
            counts[Count.ODD_BARS] += index > 0
        index += 1
    return meters


def meter_of_ticks(ticks: int | Fraction, unit: int = 4) -> tuple[int, int]:
    """The meter of an incomplete bar: a pickup, or a bar that a change of meter cuts.

    Args:
        ticks: Length of the bar.
        unit: The preferred beat unit.

    Raises:
        ReadError: The length is not a multiple of a 32nd note.
    """
    whole = 4 * TICKS_PER_QUARTER
    for finer in (unit, *_UNITS):
        if ticks > 0 and ticks * finer % whole == 0:
            return ticks * finer // whole, finer
    quarters = float(ticks / TICKS_PER_QUARTER)
    message = f"a bar of {quarters:.3f} quarter notes is not a multiple of a 32nd note"
    raise ReadError(message, SkipReason.METER)


def check_meter(beats: int, unit: int) -> tuple[int, int]:
    """The meter, if its bars fit the grid.

    Raises:
        ReadError: It has no beats, too many beats, or a unit that the grid does not contain.
    """
    if not 1 <= beats <= 64 or unit not in (1, 2, *_UNITS):
        message = f"the meter {beats}/{unit} is not supported: beats are 1 to 64, units 1 to 32"
        raise ReadError(message, SkipReason.METER)
    return beats, unit


def bar_ticks(meter: tuple[int, int]) -> int:
    """The length of a bar of this meter in ticks."""
    return Bar((), meter).ticks
