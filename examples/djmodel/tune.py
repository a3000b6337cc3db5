"""A tune as the values of the exercise, and values back to a solo over any chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from seqgen_jazz import Chart, Chord, Note, Performance, Solo
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.solo import ANY
from seqgen_jazz.encoding.solo_tokens import CLASSES, FIRST_REFERENCE, note_classes

import seqgen


class ValueEncoder(seqgen.SymbolEncoder[tuple[str, ...]]):
    """A melody as a tuple of values: the framework's encoder of the same data."""

    def symbols(self, item: tuple[str, ...]) -> Sequence[str]:
        return item

    def item(self, symbols: Sequence[str]) -> tuple[str, ...]:
        return tuple(symbols)


def melody_values(solo: Solo) -> list[str]:
    """The values of a melody in their order.

    A value is a note or a rest with its length in quarter notes, as in the exercise:
    ``C+3 1/2`` is a chord tone three semitones above the previous note, half a beat long. The
    letter is C for a chord tone, S for a scale tone, A for an approach (a semitone from a chord
    tone) and X for any other note. ``R 1`` is a rest of a beat.
    """
    values, previous = [], FIRST_REFERENCE
    for start, end, pitch in solo.events():
        length = Fraction(end - start, TICKS_PER_QUARTER)
        if pitch is None:
            values.append(f"R {length}")
            continue
        letter = CLASSES[note_classes(solo.chart.chord_at(start))[pitch % 12]]
        values.append(f"{letter}{pitch - previous:+d} {length}")
        previous = pitch
    return values


def melody_solo(values: Iterable[str], chart: Chart, title: str, tempo: float) -> Solo:
    """A solo of these values over a chart, up to its end, with piano, bass and drums.

    Over the chords of its own tune a melody is restored exactly. Over others each note is the
    nearest of its class, so that a chord tone is a chord tone again.
    """
    notes: list[Note] = []
    tick, previous = 0, FIRST_REFERENCE
    for value in values:
        name, length = value.split()
        ticks = min(int(Fraction(length) * TICKS_PER_QUARTER), chart.ticks - tick)
        if ticks <= 0:
            break
        if name != "R":
            wanted = previous + int(name[1:])
            previous = _nearest_pitch(chart.chord_at(tick), name[0], wanted)
            notes.append(Note(tick, ticks, previous))
        tick += ticks
    performance = Performance(form=len(chart.bars))
    return Solo(chart, tuple(notes), title, tempo, "tenor-sax", performance)


def _nearest_pitch(chord: Chord, letter: str, wanted: int) -> int:
    """The pitch of a class that is nearest to ``wanted``, the lower of two."""
    classes = note_classes(chord)
    pitches = range(ANY.low, ANY.high + 1)
    fitting = [pitch for pitch in pitches if CLASSES[classes[pitch % 12]] == letter]
    return min(fitting or pitches, key=lambda pitch: (abs(pitch - wanted), pitch))


def longest_copy(values: Sequence[str], tune: Sequence[str]) -> int:
    """The number of values in the longest passage of ``values`` that also occurs in ``tune``."""
    longest, ending = 0, [0] * (len(tune) + 1)  # ending[j]: length of the match that ends at j - 1
    for value in values:
        matches = [
            length + 1 if value == known else 0 for known, length in zip(tune, ending, strict=False)
        ]
        ending = [0, *matches]
        longest = max(longest, *matches)
    return longest
