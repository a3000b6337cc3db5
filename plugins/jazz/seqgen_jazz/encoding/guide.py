"""JazzGuide: which tokens may come next, so that every line that ends is a playable solo."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, final

from seqgen import RowGuide
from seqgen_jazz.encoding.grammar import (
    CLASSIC,
    DURATIONS,
    FIRST_REFERENCE,
    Grammar,
    Kind,
    durations_that_fit,
)
from seqgen_jazz.encoding.grammar_state import RESTING, START, Line, Phase, Place
from seqgen_jazz.encoding.musical_constraints import EIGHTH, Rules
from seqgen_jazz.encoding.pitch_tokens import WIDEST
from seqgen_jazz.encoding.rhythm_grid import BEAT, RhythmGrid, first_beat
from seqgen_jazz.encoding.token_masks import ENDING, GIVEN, LENGTH, Masks

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from seqgen_jazz.charts.chart import Chart
    from seqgen_jazz.encoding.fixed_spans import Kept
    from seqgen_jazz.encoding.instruments import Instrument

#: The number of the shortest duration that is a breath.
_BREATH = durations_that_fit(EIGHTH) - 1


class Stand(NamedTuple):
    """Where a guided line stands.

    Args:
        place: Its place in the grammar.
        run: Ticks that sounded since the last breath.
        owed: Whether the last note is still to come, as the one before is no chord tone, or
            shorter than an eighth.
    """

    place: Place
    run: int
    owed: bool


@final
class JazzGuide(RowGuide[Stand]):
    """Allows exactly what the encoder writes for solos over one chart in one range.

    Notes lie in the range, pitch tokens are true to the chord that sounds, octave moves are the
    fewest, lengths are written in their one form and fill the chart to its last tick, where
    alone the line may end. There are no dead ends: an octave move is allowed only when an
    allowed note lies beyond it, and a tie only when time is left. Rules take away further
    tokens; where one would leave nothing (a range under an octave), it gives way.

    Args:
        chart: What is played over.
        instrument: Whose range is kept.
        kept: The parts of the line that are given, whatever their range: there it allows the
            one token that goes on with them. The model reads them as it reads all others.
        grammar: The tokens.
        rules: What the free parts are held to besides.
    """

    def __init__(
        self,
        chart: Chart,
        instrument: Instrument,
        kept: Kept | None = None,
        grammar: Grammar = CLASSIC,
        rules: Rules | None = None,
    ) -> None:
        self._line = Line(chart, kept.seams if kept else (), grammar)
        self._chart, self._instrument, self._kept = chart, instrument, kept
        self._grammar, self._rules = grammar, rules or Rules()
        self._low, self._high = instrument.low, instrument.high
        # Where a breath is due there has to be a step long enough, which the finer places have not.
        ornaments = not self._rules.breathe
        grid = RhythmGrid.over(chart, self._rules.tempo, ornaments) if self._rules.grid else None
        self._grid, self._first_beat = grid, first_beat(chart)
        self._wide = instrument.high - instrument.low >= WIDEST
        #: From here on nothing is given but a silence at the end, so a landing can be asked for.
        self._free_from, self._end = kept.before_silence(chart.ticks) if kept else (0, chart.ticks)
        self._masks = Masks(self._line, instrument, self._grid)
        self.max_tokens = self._bound()

    @cached_property
    def without(self) -> Mapping[str, JazzGuide]:
        """The same guide without one of its rules, by the name of the rule."""
        same = (self._chart, self._instrument, self._kept, self._grammar)
        return {name: JazzGuide(*same, less) for name, less in self._rules.without_each().items()}

    def row_start(self) -> Stand:
        return Stand(START, 0, False)

    def row_context(self, state: Stand) -> tuple[int, ...]:
        return self._line.context(state.place.tick, state.place.reference)

    def row_advance(self, state: Stand, token: int) -> Stand:
        if token == self._grammar.end:
            return state
        before, run, owed = state
        place = self._line.step(before, token)
        kind, _, value = self._grammar.meanings[token]
        if kind is Kind.PITCH:
            # A landing without time for a breath before it has the time that it needs.
            run = 0 if self._is_late(before.tick) else run
            owed = self._owes(place)
        elif kind is Kind.DURATION and before.pitch != RESTING:
            run += value
            # What is tied to a shorter note makes no eighth: lengths have one form.
            struck = before.phase == Phase.LENGTH
            owed = owed or (struck and value < EIGHTH and self._is_landing(before.tick))
        elif kind is Kind.DURATION and value >= EIGHTH:
            run = 0
        return Stand(place, run, owed)

    def _owes(self, place: Place) -> bool:
        """Whether after this note another must come, for the line to land."""
        if not (self._wide and self._is_landing(place.tick)):
            return False
        tones = self._line.chord(place.tick).chord_tones
        return bool(tones) and place.pitch % 12 not in tones

    def row_allowed(self, state: Stand) -> NDArray[np.bool_]:
        given = self._kept.token(self._line, state.place) if self._kept else None
        key = self._key(state) if given is None else (GIVEN, given)
        return self._masks.of(key)

    def _key(self, state: Stand) -> tuple[int, ...]:
        """All that the allowed tokens depend on."""
        tick, reference, phase, pitch, room = state.place
        if tick == self._line.ticks:
            return (ENDING,)
        if phase >= Phase.LENGTH:
            place = (tick - self._first_beat) % BEAT if self._grid else 0
            return LENGTH, phase, place, *self._numbers(state, room, pitch == RESTING)
        breathless = self._breathless(state)
        return (
            phase,
            self._line.chord_number(tick),
            reference,
            not breathless and not (self._is_landing(tick) and self._end - tick < EIGHTH),
            pitch != RESTING and self._rests(state, breathless),
            self._ties(state, breathless),
            self._lands(tick),
            self._rules.guide_tones and self._line.is_change(tick),
        )

    def _numbers(self, state: Stand, room: int, resting: bool) -> list[int]:
        """The durations that a note, or a rest, may be given now, whatever the grid.

        Args:
            state: Where the line stands.
            room: The most ticks that the grammar allows.
            resting: Whether it is a rest.
        """
        tick, phase = state.place.tick, state.place.phase
        most = self._most(state, resting)
        first, last = 0, durations_that_fit(min(room, most))
        if resting and self._breathless(state):
            # A breath, or where there is no room for one all that is left before the stop.
            first = _BREATH if most >= EIGHTH else last - 1
        numbers = range(first, last)
        if not self._is_landing(tick) or (phase != Phase.LENGTH and not resting):
            return list(numbers)
        # What follows has to be an eighth or more, or nothing: then a note lasts one itself, and
        # a rest goes on to the end, whose form begins with the longest duration that fits.
        left, whole = self._end - tick, durations_that_fit(self._end - tick) - 1
        return [
            number
            for number in numbers
            if left - DURATIONS[number] >= EIGHTH
            or (number == whole if resting else DURATIONS[number] >= EIGHTH)
        ]

    def _most(self, state: Stand, resting: bool) -> int:
        """The most ticks that a rest, or a note, may go on from here."""
        tick = state.place.tick
        most = self._line.left(tick)
        if state.owed:
            most = min(most, self._end - tick - EIGHTH)
        if self._rules.breathe and not resting:
            most = min(most, self._rules.breathe - state.run)
        return most

    def _breathless(self, state: Stand) -> bool:
        """Whether the next event has to be a rest."""
        # On the grid there is a note to strike only where there is room for one step.
        least = self._grid.least if self._grid else 1
        late = bool(self._rules.breathe) and state.run > self._rules.breathe - least
        return late and not self._hurries(state)

    def _rests(self, state: Stand, breathless: bool) -> bool:
        """Whether a rest may begin; one off the grid only where nothing else can come."""
        numbers = self._numbers(state, self._line.ticks, True)
        needed = breathless or not state.owed
        return bool(numbers) and (needed or self._leads(state.place.tick, numbers, False))

    def _ties(self, state: Stand, breathless: bool) -> bool:
        """Whether a further duration may be joined to the last one."""
        tick, _, _, pitch, room = state.place
        resting = pitch == RESTING
        if breathless:  # what is left before the stop is short of a breath, whatever the grid
            return resting and room > 0
        numbers = self._numbers(state, room, resting)
        needed = resting and self._is_landing(tick) and self._end - tick < EIGHTH
        return bool(numbers) and (needed or self._leads(tick, numbers, True))

    def _leads(self, tick: int, numbers: list[int], tied: bool) -> bool:
        """Whether one of the durations leads to where the next event may begin."""
        if self._grid is None:
            return True
        place = tick - self._first_beat
        return any(self._grid.is_step(place, number, tied) for number in numbers)

    def _hurries(self, state: Stand) -> bool:
        """Whether there is no time for a breath before the landing that is owed."""
        return state.owed and self._is_late(state.place.tick)

    def _is_late(self, tick: int) -> bool:
        """Whether a breath and a last note do not both fit in any more."""
        return self._is_landing(tick) and self._end - tick < 2 * EIGHTH

    def _is_landing(self, tick: int) -> bool:
        """Whether the line has to land, and nothing but a silence is given from here on."""
        return self._rules.land and tick >= self._free_from

    def _lands(self, tick: int) -> bool:
        """Whether a note struck now has to be a chord tone, as none may follow it."""
        return self._is_landing(tick) and self._end - tick <= 2 * EIGHTH

    def _bound(self) -> int:
        """The most tokens a line can take.

        Every tick is won by a duration; before it stands a tie, or a pitch or rest token with
        the octave moves of the widest leap from the range, or from the first reference.
        """
        given = [note.pitch for note in self._kept.notes] if self._kept else []
        lowest = min(self._low, FIRST_REFERENCE, *given)
        highest = max(self._high, FIRST_REFERENCE, *given)
        moves = (highest - lowest - 1) // 12
        return self._line.ticks * (2 + max(moves, 0))


def jazz_guide(encoder: Any, prompt: Any, condition: Any) -> JazzGuide:
    """The guide of one condition, a ``Setting``: its chart, and the range of its instrument.

    A prompt makes a setting for one instrument; a solo that was read from a file has one for
    any, so that its guide accepts it.
    """
    from seqgen_jazz.encoding.instruments import instrument

    range_of = instrument(condition.instrument)
    rules = Rules()
    if prompt is not None:
        rules = prompt.rules(encoder.on_grid, condition.tempo, condition.lands)
    return JazzGuide(condition.chart, range_of, condition.kept, encoder.grammar, rules)
