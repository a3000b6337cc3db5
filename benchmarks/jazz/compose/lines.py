"""Beam search over figures, octaves and approach notes along a planned phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from benchmarks.jazz.compose.candidates import (
    Candidate,
    Placement,
    find_candidates,
    place_candidates,
    transpose_in_scale,
)
from benchmarks.jazz.compose.characters import Character
from benchmarks.jazz.compose.costs import (
    Place,
    join_cost,
    pitch_cost,
    repeat_cost,
    resolution_cost,
    tone_cost,
)
from benchmarks.jazz.compose.figures import Figure
from benchmarks.jazz.compose.forms import BEAT, Form
from benchmarks.jazz.compose.harmony import Harmony
from benchmarks.jazz.compose.plans import Group, Phrase

#: Beam width.
BEAM = 8

Pitches = tuple[int, ...]
#: A played group: the text of its figure, its pitches, and the interval before it.
PlayedGroup = tuple[str, Pitches, int]


@dataclass(frozen=True)
class State:
    """A partial line: its cost, last pitches, played groups, and the pitch that must follow."""

    cost: float
    history: Pitches = ()
    chosen: tuple[PlayedGroup, ...] = ()
    required: int | None = None


@dataclass
class Composer:
    """Composes the phrases of a solo one after the other.

    Args:
        form: The changes.
        character: How the chorus is played.
        low: Lowest MIDI pitch of the instrument.
        high: Highest MIDI pitch.
        rng: The random number generator.
        favourites: Texts of the figures that this soloist prefers.
        memory: The groups played so far, by (phrase, group).
        habits: Counts of (figure, next figure, interval between them), so far in the solo.
    """

    form: Form
    character: Character
    low: int
    high: int
    rng: Random
    favourites: frozenset[str] = frozenset()
    memory: dict[tuple[int, int], PlayedGroup] = field(default_factory=dict)
    habits: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def compose(self, phrase: Phrase, number: int, history: Pitches) -> list[Pitches]:
        """The pitches of each group of a phrase; ``history``: the previous pitches."""
        states = [State(0.0, history[-6:])]
        for index in range(len(phrase.groups)):
            states = self._extend(phrase, number, index, states)
        best = min(states, key=lambda state: state.cost)
        for index, entry in enumerate(best.chosen):
            self.memory[number, index] = entry
            if index:
                self.habits[best.chosen[index - 1][0], entry[0], entry[2]] += 1
        return [pitches for _, pitches, _ in best.chosen]

    def _extend(self, phrase: Phrase, number: int, index: int, states: list[State]) -> list[State]:
        group = phrase.groups[index]
        if group.size == 0:
            return [State(s.cost, s.history, (*s.chosen, ("", (), 0)), s.required) for s in states]
        place = self._place(phrase, index)
        sources = [self._source(group, number, state) for state in states]
        preferred = {source[0] for source in sources if source} | self.favourites
        candidates = find_candidates(self.rng, self.form, self.character, phrase, index, preferred)
        extended: list[State] = []
        for state, source in zip(states, sources, strict=True):
            for placement in self._placements(candidates, state, place, group, source):
                figure, pitches, required = placement
                cost = state.cost + self._cost(state, place, figure, pitches, group, source)
                if required is not None:
                    cost += 0.4 * tone_cost(required, self._next_chord(phrase, index))
                leap = pitches[0] - state.history[-1] if state.history else 0
                chosen = (*state.chosen, (figure.text, pitches, leap))
                extended.append(State(cost, (*state.history, *pitches)[-6:], chosen, required))
        extended.sort(key=lambda state: state.cost)
        best: dict[tuple[Pitches, int | None], State] = {}
        for state in extended:
            best.setdefault((state.history[-2:], state.required), state)
            if len(best) == BEAM:
                break
        if not best:
            raise ValueError(f"no line fits group {index} of phrase {number}")
        return list(best.values())

    def _source(self, group: Group, number: int, state: State) -> PlayedGroup | None:
        """The linked group, in an earlier phrase or in this one."""
        if group.link is None:
            return None
        phrase, index = group.link
        return state.chosen[index] if phrase == number else self.memory.get(group.link)

    def _next_chord(self, phrase: Phrase, index: int) -> Harmony:
        group = phrase.groups[index]
        return self.form.chord_at((group.tick + group.ticks) // BEAT)

    def _place(self, phrase: Phrase, index: int) -> Place:
        group = phrase.groups[index]
        tick, lengths, at = None, [], group.tick
        for ticks, kind in group.events:
            if kind == "note":
                tick = at if tick is None else tick
                lengths.append(ticks)
            at += ticks
        assert tick is not None  # only called for groups with notes
        if index + 1 < len(phrase.groups) and phrase.groups[index + 1].events[0][1] == "hold":
            lengths[-1] += phrase.groups[index + 1].events[0][0]
        beat = tick // BEAT
        chord = self.form.chord_at(beat)
        on_beat = tick % BEAT == 0
        return Place(
            chord=chord,
            accent=1.0 if on_beat else 0.45,
            change=beat > 0 and chord is not self.form.chord_at(beat - 1),
            target=phrase.target(tick),
            after_rest=index == 0 or group.events[0][1] == "rest",
            closing=index == len(phrase.groups) - 1,
            long=tuple(ticks >= 20 for ticks in lengths),
            running=max(lengths) <= BEAT // 2 and len(lengths) == len(group.events),
        )

    def _placements(
        self,
        candidates: list[Candidate],
        state: State,
        place: Place,
        group: Group,
        source: PlayedGroup | None,
    ) -> Iterator[Placement]:
        """Every placement in range that begins with the required pitch of the state."""
        near = round(place.target) if place.after_rest or not state.history else state.history[-1]
        placements = place_candidates(candidates, near, 12 if place.after_rest else 9, self.high)
        if source is not None and source[1] and not group.literal:
            placements = chain(placements, transpose_in_scale(source[0], source[1], place.chord))
        for figure, pitches, required in placements:
            all_pitches = pitches if required is None else (*pitches, required)
            inside = self.low <= min(all_pitches) and max(all_pitches) <= self.high
            if inside and state.required in (None, pitches[0]):
                yield figure, pitches, required

    def _cost(
        self,
        state: State,
        place: Place,
        figure: Figure,
        pitches: Pitches,
        group: Group,
        source: PlayedGroup | None,
    ) -> float:
        cost = self.rng.gauss(0.0, self.character.noise)
        cost += join_cost(state.history, pitches, place.after_rest and state.required is None)
        if state.history:
            cost += resolution_cost(state.history[-1], pitches[0], place)
        cost += repeat_cost(state.history, pitches, place.running)
        cost += pitch_cost(pitches, place, figure.family in ("approach", "blues"))
        if figure.family == "blues":
            cost -= self.character.blues
        elif figure.family == "approach":
            cost += 0.1 if len(pitches) == 1 else -0.55
        elif figure.family != "any":
            cost -= 0.4
        if figure.text in self.favourites:
            cost -= 1.0
        leap = pitches[0] - state.history[-1] if state.history else 0
        if state.chosen and (state.chosen[-1][0], figure.text, leap) in self.habits:
            cost -= 0.8
        previous = [entry[1] for entry in state.chosen[-2:]]
        if previous and previous[-1] == pitches and not group.literal:
            return cost + 1.0 + 3.0 * (previous[0] == pitches)
        if source is not None and source[0] == figure.text:
            return cost - _repetition_bonus(source, pitches, leap, group.literal)
        return cost + 0.9 * sum(entry[0] == figure.text for entry in state.chosen[-5:])


def _repetition_bonus(source: PlayedGroup, pitches: Pitches, leap: int, literal: bool) -> float:
    """The bonus of a figure that repeats the figure of its linked group."""
    _, source_pitches, source_leap = source
    pairs = list(zip(source_pitches, pitches, strict=False))
    if literal:
        return 1.0 + 3.0 * sum(a == b for a, b in pairs) / len(pitches)
    transposed = len({b - a for a, b in pairs}) == 1
    return 2.6 + 0.8 * transposed + 0.8 * (leap == source_leap)
