"""Line: the one state machine of the jazz grammar; encoder, guide and decoder all walk on it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen import DataError
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER
from seqgen_jazz.encoding.grammar import CLASSIC, FIRST_REFERENCE, ROOM, Grammar, Kind
from seqgen_jazz.encoding.pitch_tokens import CLASSES, classes_of
from seqgen_jazz.harmony.chord_quality import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.harmony.chord import Chord

_NONE = 12  # where a pitch class or a root motion is asked for and there is no chord
_CHANGE_BOUNDS = (6, 12, 24, 48, 72, 96, 192)
_END_BOUNDS = (0, 24, 48, 96, 192, 384, 768)
_REGISTER_BOUNDS = (49, 55, 61, 67, 73, 79, 85)
_BOUNDLESS = ROOM[-1]
_UNKNOWN = (None, 0, 0)

#: The columns of a context row with the number of their values.
COLUMNS = {
    "ticks into the quarter": TICKS_PER_QUARTER,
    "quarters into the bar": 8,
    "quarters in the bar": 8,
    "bar modulo 4": 4,
    "ticks to the end": len(_END_BOUNDS) + 1,
    "chord": len(FAMILIES),
    "ticks to the next chord": len(_CHANGE_BOUNDS) + 2,
    "next chord": len(FAMILIES) + 1,
    "root motion to the next chord": 13,
    "reference above the root": 13,
    "register of the reference": len(_REGISTER_BOUNDS) + 1,
}


class Phase(IntEnum):
    """What the grammar waits for."""

    EVENT = 0  # a note, a rest, a tie of the event before, or the end
    UP = 1  # after an octave up: another one, or a note above the reference
    DOWN = 2
    LENGTH = 3  # the first duration of an event
    TIED = 4  # a further duration


class Place(NamedTuple):
    """Where a line stands before its next token.

    Args:
        tick: Now; the onset of the event whose duration is awaited.
        reference: The pitch that the next interval is counted from.
        phase: What comes next.
        pitch: Of the event begun last; ``RESTING`` for a rest, ``SILENT`` before the first.
        room: How long a tied duration may be.
    """

    tick: int
    reference: int
    phase: Phase
    pitch: int
    room: int


RESTING, SILENT = -1, -2
START = Place(0, FIRST_REFERENCE, Phase.EVENT, SILENT, 0)


@final
class Line:
    """The walk over one chart. It holds tables of the chart and no state of any walk.

    Args:
        chart: What is played over.
        seams: Ticks at which every note and rest ends, and after which nothing is tied on.
        grammar: The tokens.
    """

    def __init__(self, chart: Chart, seams: Iterable[int] = (), grammar: Grammar = CLASSIC) -> None:
        self.ticks, self.grammar = chart.ticks, grammar
        self._stops = sorted({tick for tick in seams if 0 < tick < self.ticks} | {self.ticks})
        self._bar_starts = chart.bar_starts
        changes = [chart.changes[0]]
        for change in chart.changes[1:]:
            if change[1] != changes[-1][1]:  # a chord written again is no change
                changes.append(change)
        self._change_ticks = [tick for tick, _ in changes]
        self._chords = [chord for _, chord in changes]
        # Pure caches: what they hold depends on the chart and the key alone.
        self._scenes: dict[int, tuple[int, ...]] = {}
        self._rows: dict[tuple[int, int], tuple[int, ...]] = {}

    def chord_number(self, tick: int) -> int:
        """Which of the chart's changes sounds at the tick."""
        return bisect_right(self._change_ticks, tick) - 1

    def chord(self, tick: int) -> Chord:
        """The chord that sounds at the tick."""
        return self._chords[self.chord_number(tick)]

    def chord_of(self, number: int) -> Chord:
        """One of the chart's changes."""
        return self._chords[number]

    def is_change(self, tick: int) -> bool:
        """Whether a chord begins at the tick."""
        return self._change_ticks[self.chord_number(tick)] == tick

    def step(self, place: Place, token: int) -> Place:
        """The place after a token.

        Raises:
            DataError: If the grammar does not allow the token there.
        """
        meanings = self.grammar.meanings
        kind, number, value = meanings[token] if 0 <= token < len(meanings) else _UNKNOWN
        if kind is Kind.DURATION:
            new = self._last(place, number, value)
        elif place.tick == self.ticks or place.phase >= Phase.LENGTH:
            new = None
        elif kind is Kind.PITCH:
            new = self._note(place, number)
        else:
            new = _turn(place, kind, value)
        if new is None:
            raise DataError(self._refusal(place, token))
        return new

    def _last(self, place: Place, number: int, value: int) -> Place | None:
        """The place after a duration; None where none is awaited or this one is too long."""
        tick, reference, phase, pitch, room = place
        left = self.left(tick)
        if phase < Phase.LENGTH or value > room or value > left:
            return None
        if value == left:
            return Place(tick + value, reference, Phase.EVENT, SILENT, 0)
        return Place(tick + value, reference, Phase.EVENT, pitch, min(room - value, ROOM[number]))

    def left(self, tick: int) -> int:
        """The ticks up to the next seam, or to the end of the chart."""
        stops = self._stops
        return stops[min(bisect_right(stops, tick), len(stops) - 1)] - tick

    def _note(self, place: Place, token: int) -> Place | None:
        """The place after a pitch token; None when it is not true there or undoes a move."""
        tick, reference, phase, _, _ = place
        pitch = self.grammar.pitches.pitch(self.chord(tick), reference, token)
        if pitch is None or not 0 <= pitch <= 127:
            return None
        if phase is not Phase.EVENT and (
            pitch <= reference if phase is Phase.UP else pitch >= reference
        ):
            return None
        return Place(tick, pitch, Phase.LENGTH, pitch, _BOUNDLESS)

    def context(self, tick: int, reference: int) -> tuple[int, ...]:
        """The context row of a choice made at a tick with a reference pitch, see ``COLUMNS``.

        Everything but the register is relative to the chord, so a line in another key differs
        in that column alone.
        """
        row = self._rows.get((tick, reference))
        if row is None:
            scene = self._scenes.get(tick)
            if scene is None:
                scene = self._scenes[tick] = self._scene(tick)
            root = self.chord(tick).root
            above = _NONE if root < 0 else (reference - root) % 12
            row = (*scene, above, bisect_right(_REGISTER_BOUNDS, reference))
            self._rows[tick, reference] = row
        return row

    def _scene(self, tick: int) -> tuple[int, ...]:
        """The columns that depend on the tick alone."""
        bar = max(min(bisect_right(self._bar_starts, tick) - 1, len(self._bar_starts) - 2), 0)
        start, end = (
            self._bar_starts[bar],
            self._bar_starts[min(bar + 1, len(self._bar_starts) - 1)],
        )
        quarters, ticks = divmod(tick - start, TICKS_PER_QUARTER)
        number = self.chord_number(tick)
        return (
            ticks,
            min(quarters, 7),
            min((end - start) // TICKS_PER_QUARTER, 7),
            bar % 4,
            bisect_left(_END_BOUNDS, self.ticks - tick),
            _family(self._chords[number]),
            *self._next_chord(number, tick),
        )

    def _next_chord(self, number: int, tick: int) -> tuple[int, int, int]:
        """Bucket of the time to the next chord, its family, the motion of the root to it."""
        if number + 1 == len(self._chords):
            return len(_CHANGE_BOUNDS) + 1, len(FAMILIES), _NONE
        now, following = self._chords[number], self._chords[number + 1]
        motion = _NONE if now.root < 0 or following.root < 0 else (following.root - now.root) % 12
        bucket = bisect_left(_CHANGE_BOUNDS, self._change_ticks[number + 1] - tick)
        return bucket, _family(following), motion

    def _refusal(self, place: Place, token: int) -> str:
        symbols = self.grammar.symbols
        if not 0 <= token < len(symbols):
            return (
                f"token id {token} is none of the jazz grammar's, which are 0 to {len(symbols) - 1}"
            )
        classes = "".join(CLASSES[n] for n in classes_of(self.chord(min(place.tick, self.ticks))))
        return (
            f"the jazz grammar does not allow {symbols[token]!r} at tick {place.tick} of "
            f"{self.ticks} (waiting for {place.phase.name}, reference {place.reference}, "
            f"classes of C to B: {classes})"
        )


def _turn(place: Place, kind: Kind | None, value: int) -> Place | None:
    """The place after an octave move, a rest or a tie; None where there can be none."""
    tick, reference, phase, pitch, room = place
    if kind is Kind.OCTAVE:
        onward = Phase.UP if value > 0 else Phase.DOWN
        if phase in (Phase.EVENT, onward):
            return Place(tick, reference + value, onward, pitch, 0)
    elif phase is Phase.EVENT:
        if kind is Kind.REST and pitch != RESTING:
            return Place(tick, reference, Phase.LENGTH, RESTING, _BOUNDLESS)
        if kind is Kind.TIE and room > 0:
            return Place(tick, reference, Phase.TIED, pitch, room)
    return None


@lru_cache(maxsize=4096)
def _family(chord: Chord) -> int:
    return FAMILIES.index(chord.family)
