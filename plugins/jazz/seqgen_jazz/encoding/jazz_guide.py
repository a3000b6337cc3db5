"""JazzGuide: the tokens allowed at each step, so that every line that ends is a playable solo."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, final

from seqgen import RowGuide
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Chart
from seqgen_jazz.encoding.grammar_state import (
    BEAT,
    RESTING,
    START,
    ChartGrammar,
    GrammarState,
    Phase,
    RhythmGrid,
)
from seqgen_jazz.encoding.solo import Instrument
from seqgen_jazz.encoding.solo_condition import NOTHING_FIXED, FixedSpans
from seqgen_jazz.encoding.solo_tokens import (
    CLASSIC,
    DURATIONS,
    FIRST_REFERENCE,
    WIDEST,
    Grammar,
    Kind,
    longest_duration,
)
from seqgen_jazz.harmony.chord import Chord

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


#: The shortest rest that is a breath, and the shortest last note of a landing, in ticks.
EIGHTH = TICKS_PER_QUARTER // 2
ALL_PITCH_CLASSES = frozenset(range(12))


@final
@dataclass(frozen=True)
class MusicalConstraints:
    """Constraints on one solo beyond the grammar; by default none.

    Args:
        breathe: The most ticks of notes between two rests of an eighth or longer; 0 for no bound.
        guide_tones: Whether a note struck where a chord begins must be a third or seventh.
        land: Whether the last note must be a chord tone of an eighth or longer.
        grid: Whether notes must begin and end on the ``RhythmGrid``.
        tempo: Quarter notes per minute; the faster, the coarser the grid.
    """

    breathe: int = 0
    guide_tones: bool = False
    land: bool = False
    grid: bool = False
    tempo: float = 160.0

    def without_each(self) -> Mapping[str, MusicalConstraints]:
        """For each active constraint, the others: name of the flag -> constraints.

        Grid and landing are not included. Counting interventions runs the model a second time
        over every sample, which is too slow for constraints that are on by default.
        """
        found = {
            "breathe": replace(self, breathe=0),
            "guide-tones": replace(self, guide_tones=False),
        }
        return {name: others for name, others in found.items() if others != self}


def guide_tones(chord: Chord) -> frozenset[int]:
    """The pitch classes of third and seventh, if the chord has them; empty for N.C.

    A sus chord has its fourth or second instead of a third, a chord without a seventh its sixth;
    a diminished seventh is nine semitones.
    """
    intervals = set(chord.intervals)
    third = intervals & {3, 4} or intervals & {5, 2}
    seventh = intervals & {10, 11} or intervals & {9}
    return frozenset((chord.root + step) % 12 for step in third | seventh)


def allowed_pitch_classes(chord: Chord, lands: bool, changes: bool) -> frozenset[int]:
    """The pitch classes that the constraints allow for a note.

    Args:
        chord: The chord that sounds where the note is struck.
        lands: Whether the note must be a chord tone.
        changes: Whether it must be a third or seventh.
    """
    if not chord.chord_tones:
        return ALL_PITCH_CLASSES
    landing = frozenset(chord.chord_tones) if lands else ALL_PITCH_CLASSES
    leading = guide_tones(chord) if changes else ALL_PITCH_CLASSES
    return landing & leading or landing


#: The index of the shortest duration that is a breath.
_BREATH: Final = longest_duration(EIGHTH)
#: First values of the keys of masks, apart from phases: the end; a fixed token; a duration with its
#: phase, its place in the beat and the indices of the durations that fit.
_END, _FIXED, _LENGTH = -1, -2, -3


class GuideState(NamedTuple):
    """The state of a guided line.

    Args:
        grammar: Its state in the grammar.
        run: Ticks of notes since the last breath.
        owes_landing: Whether another note must follow, because the last one is no chord tone or
            shorter than an eighth.
    """

    grammar: GrammarState
    run: int
    owes_landing: bool


@final
class JazzGuide(RowGuide[GuideState]):
    """Allows exactly what the encoder produces for solos over one chart in one range.

    Notes are in the range, pitch tokens match the chord that sounds, octave moves are minimal,
    lengths have their unique encoding and fill the chart to its last tick, the only place where
    the line may end. There are no dead ends: an octave move is allowed only towards an allowed
    note, and a tie only if time is left. Constraints exclude further tokens; one that would
    exclude all (a range under an octave) is dropped there.

    Args:
        chart: The chart that is played over.
        instrument: The instrument whose range is kept.
        fixed: The fixed parts of the line, in any range: there, only the token that continues them
            is allowed.
        grammar: The tokens.
        constraints: Constraints on the free parts.
    """

    def __init__(
        self,
        chart: Chart,
        instrument: Instrument,
        fixed: FixedSpans = NOTHING_FIXED,
        grammar: Grammar = CLASSIC,
        constraints: MusicalConstraints | None = None,
    ) -> None:
        self._line = ChartGrammar(chart, fixed.edges, grammar)
        self._chart, self._instrument, self._fixed = chart, instrument, fixed
        self._grammar, self._constraints = grammar, constraints or MusicalConstraints()
        rules = self._constraints
        # A due breath needs a long enough step, which the finer grids do not have.
        grid = RhythmGrid.for_chart(chart, rules.tempo, not rules.breathe) if rules.grid else None
        self._grid, self._first_full_bar = grid, chart.first_full_bar
        self._wide = instrument.high - instrument.low >= WIDEST
        #: The span in which nothing is fixed any more, so that the line can land.
        self._free_start, self._end = fixed.free_end(chart.ticks)
        self._masks = TokenMasks(self._line, instrument, self._grid)
        self.max_tokens = self._bound()

    @cached_property
    def without(self) -> Mapping[str, JazzGuide]:
        """The same guide without one of its constraints, by the name of the constraint."""
        same = (self._chart, self._instrument, self._fixed, self._grammar)
        others = self._constraints.without_each()
        return {name: JazzGuide(*same, constraints) for name, constraints in others.items()}

    def row_start(self) -> GuideState:
        return GuideState(START, 0, False)

    def row_context(self, state: GuideState) -> tuple[int, ...]:
        return self._line.context(state.grammar.tick, state.grammar.reference)

    def row_advance(self, state: GuideState, token: int) -> GuideState:
        if token == self._grammar.end:
            return state
        before, run, owes_landing = state
        after = self._line.step(before, token)
        kind, _, value = self._grammar.meanings[token]
        if kind is Kind.PITCH:
            # A landing without time for a breath before it gets the time that it needs.
            run = 0 if self._is_late(before.tick) else run
            owes_landing = self._needs_another_note(after)
        elif kind is Kind.DURATION and before.pitch != RESTING:
            run += value
            # Lengths have one encoding, so a tie to a shorter note never makes it an eighth.
            short = before.phase == Phase.LENGTH and value < EIGHTH
            owes_landing = owes_landing or (short and self._must_land(before.tick))
        elif kind is Kind.DURATION and value >= EIGHTH:
            run = 0
        return GuideState(after, run, owes_landing)

    def _needs_another_note(self, state: GrammarState) -> bool:
        """Whether another note must follow this one for the line to land."""
        if not (self._wide and self._must_land(state.tick)):
            return False
        tones = self._line.chord(state.tick).chord_tones
        return bool(tones) and state.pitch % 12 not in tones

    def row_allowed(self, state: GuideState) -> NDArray[np.bool_]:
        token = self._fixed.next_token(self._line, state.grammar)
        key = self._mask_key(state) if token is None else (_FIXED, token)
        return self._masks.mask(key)

    def _mask_key(self, state: GuideState) -> tuple[int, ...]:
        """Everything that the allowed tokens depend on."""
        tick, reference, phase, pitch, room = state.grammar
        if tick == self._line.ticks:
            return (_END,)
        if phase >= Phase.LENGTH:
            place = (tick - self._first_full_bar) % BEAT if self._grid else 0
            return _LENGTH, phase, place, *self._durations(state, room, pitch == RESTING)
        must_rest = self._must_rest(state)
        return (
            phase,
            self._line.change_number(tick),
            reference,
            not must_rest and not (self._must_land(tick) and self._end - tick < EIGHTH),
            pitch != RESTING and self._can_rest(state, must_rest),
            self._can_tie(state, must_rest),
            self._must_land(tick) and self._end - tick <= 2 * EIGHTH,
            self._constraints.guide_tones and self._line.is_change(tick),
        )

    def _durations(self, state: GuideState, room: int, resting: bool) -> list[int]:
        """The indices of the durations that a note, or a rest, may have, regardless of the grid.

        Args:
            state: The state of the line.
            room: The most ticks that the grammar allows.
            resting: Whether it is a rest.
        """
        tick, phase = state.grammar.tick, state.grammar.phase
        most = self._max_ticks(state, resting)
        first, last = 0, longest_duration(min(room, most))
        if resting and self._must_rest(state):
            # A breath, or without room for one, all that is left before the edge.
            first = _BREATH if most >= EIGHTH else last
        numbers = range(first, last + 1)
        if not self._must_land(tick) or (phase != Phase.LENGTH and not resting):
            return list(numbers)
        # An eighth or more must follow, or nothing. In the latter case a note lasts an eighth
        # itself, and a rest continues to the end, encoded from the longest duration that fits.
        left, longest = self._end - tick, longest_duration(self._end - tick)
        return [
            number
            for number in numbers
            if left - DURATIONS[number] >= EIGHTH
            or (number == longest if resting else DURATIONS[number] >= EIGHTH)
        ]

    def _max_ticks(self, state: GuideState, resting: bool) -> int:
        """The most ticks that a rest, or a note, may last from here."""
        tick = state.grammar.tick
        most = self._line.ticks_left(tick)
        if state.owes_landing:
            most = min(most, self._end - tick - EIGHTH)
        if self._constraints.breathe and not resting:
            most = min(most, self._constraints.breathe - state.run)
        return most

    def _must_rest(self, state: GuideState) -> bool:
        """Whether the next event must be a rest."""
        # On the grid, a note can be struck only if there is room for one step.
        least = self._grid.shortest_step if self._grid else 1
        breathe = self._constraints.breathe
        due = bool(breathe) and state.run > breathe - least
        # A landing that is owed goes first if there is no time for both.
        return due and not (state.owes_landing and self._is_late(state.grammar.tick))

    def _can_rest(self, state: GuideState, must_rest: bool) -> bool:
        """Whether a rest may begin; one off the grid only if nothing else can follow."""
        numbers = self._durations(state, self._line.ticks, True)
        needed = must_rest or not state.owes_landing
        return bool(numbers) and (needed or self._has_step(state.grammar.tick, numbers, False))

    def _can_tie(self, state: GuideState, must_rest: bool) -> bool:
        """Whether a further duration may be tied to the last one."""
        tick, _, _, pitch, room = state.grammar
        resting = pitch == RESTING
        if must_rest:  # the ticks before the edge are too few for a breath, on any grid
            return resting and room > 0
        numbers = self._durations(state, room, resting)
        needed = resting and self._must_land(tick) and self._end - tick < EIGHTH
        return bool(numbers) and (needed or self._has_step(tick, numbers, True))

    def _has_step(self, tick: int, numbers: list[int], tied: bool) -> bool:
        """Whether one of the durations leads to where the next event may begin."""
        grid, place = self._grid, tick - self._first_full_bar
        return grid is None or any(grid.is_step(place, number, tied) for number in numbers)

    def _is_late(self, tick: int) -> bool:
        """Whether there is no time left for both a breath and a last note."""
        return self._must_land(tick) and self._end - tick < 2 * EIGHTH

    def _must_land(self, tick: int) -> bool:
        """Whether the line must land and nothing but a silence is fixed from here on."""
        return self._constraints.land and tick >= self._free_start

    def _bound(self) -> int:
        """The most tokens of a line.

        Every tick takes at most one duration, preceded by a tie, or by a pitch or rest token with
        the octave moves of the widest leap in the range or from the first reference.
        """
        instrument = self._instrument
        fixed = [note.pitch for note in self._fixed.notes]
        pitches = [instrument.low, instrument.high, FIRST_REFERENCE, *fixed]
        moves = (max(pitches) - min(pitches) - 1) // 12
        return self._line.ticks * (2 + max(moves, 0))


@final
class TokenMasks:
    """The masks of allowed tokens for one line, cached by key.

    Args:
        line: The grammar over the chart.
        instrument: The instrument whose range is kept.
        grid: The grid of notes; None for any place.
    """

    def __init__(self, line: ChartGrammar, instrument: Instrument, grid: RhythmGrid | None) -> None:
        self._line, self._grammar, self._grid = line, line.grammar, grid
        self._pitches = range(instrument.low, instrument.high + 1)
        self._wide = instrument.high - instrument.low >= WIDEST
        self._cache: dict[tuple[int, ...], NDArray[np.bool_]] = {}

    def mask(self, key: tuple[int, ...]) -> NDArray[np.bool_]:
        """The allowed tokens ``(V,)``, read-only.

        Args:
            key: ``_END``, ``_FIXED`` or ``_LENGTH`` with its values; or, where an event may begin,
                its phase, the index of its chord change, the reference, whether a note, a rest and
                a tie are allowed, and whether the note must be a chord tone and a guide tone.
        """
        mask = self._cache.get(key)
        if mask is None:
            import numpy as np

            mask = np.zeros(self._grammar.end + 1, dtype=bool)
            mask[self._tokens(key)] = True
            mask.flags.writeable = False
            self._cache[key] = mask
        return mask

    def _tokens(self, key: tuple[int, ...]) -> list[int]:
        grammar = self._grammar
        if key[0] == _END:
            return [grammar.end]
        if key[0] == _FIXED:
            return [key[1]]
        if key[0] == _LENGTH:
            _, phase, place, *numbers = key
            if self._grid:
                numbers = self._grid.select_steps(place, numbers, phase == Phase.TIED)
            return [grammar.first_duration + number for number in numbers]
        phase, change, reference, strikes, rests, ties, lands, changes = key
        tokens: list[int] = []
        if strikes:
            classes = ALL_PITCH_CLASSES
            if self._wide:
                chord = self._line.changed_chord(change)
                classes = allowed_pitch_classes(chord, bool(lands), bool(changes))
            tokens = self._pitch_tokens(change, reference, Phase(phase), classes)
            tokens = tokens or self._pitch_tokens(
                change, reference, Phase(phase), ALL_PITCH_CLASSES
            )
        if phase == Phase.EVENT:
            tokens += [grammar.rest] * rests + [grammar.tie] * ties
        return tokens

    def _pitch_tokens(
        self, change: int, reference: int, phase: Phase, classes: frozenset[int]
    ) -> list[int]:
        """Pitch tokens of the notes that one interval reaches, and octave moves towards others."""
        grammar, chord = self._grammar, self._line.changed_chord(change)
        pitches = [pitch for pitch in self._pitches if pitch % 12 in classes]
        first = 1 if phase is Phase.UP else -WIDEST
        last = -1 if phase is Phase.DOWN else WIDEST
        tokens = [
            grammar.pitches.token(chord, reference, pitch)
            for pitch in pitches
            if first <= pitch - reference <= last
        ]
        if phase != Phase.DOWN and pitches and pitches[-1] > reference + WIDEST:
            tokens.append(grammar.octave_up)
        if phase != Phase.UP and pitches and pitches[0] < reference - WIDEST:
            tokens.append(grammar.octave_down)
        return tokens
