"""The search for a line: a beam over figures, octaves and approach notes along a planned phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from benchmarks.jazz.compose.candidates import Look, Option, find_looks, moved, placed
from benchmarks.jazz.compose.characters import Character
from benchmarks.jazz.compose.costs import (
    Place,
    aim_cost,
    join_cost,
    repeat_cost,
    resolution_cost,
    tone_cost,
)
from benchmarks.jazz.compose.figures import Figure
from benchmarks.jazz.compose.forms import BEAT, Form
from benchmarks.jazz.compose.harmony import Harmony
from benchmarks.jazz.compose.plans import Group, Phrase

#: How many partial lines are kept.
BEAM = 8

Pitches = tuple[int, ...]
#: What a group played: the figure's text, its pitches, and the interval that led into it.
Recall = tuple[str, Pitches, int]


@dataclass(frozen=True)
class State:
    """A partial line: its cost, its pitches, what was played in each group, and a note it owes."""

    cost: float
    history: Pitches = ()
    chosen: tuple[Recall, ...] = ()
    owed: int | None = None


@dataclass
class Composer:
    """Composes the phrases of a solo one after the other.

    Args:
        form: The changes.
        character: How the chorus is played.
        low: Lowest MIDI pitch of the instrument.
        high: Highest MIDI pitch.
        rng: The only source of chance.
        favourites: Texts of the figures that this soloist likes to come back to.
        memory: What was played in each group so far, by (phrase, group).
        habits: Which figure followed which, and by what interval, so far in the solo.
    """

    form: Form
    character: Character
    low: int
    high: int
    rng: Random
    favourites: frozenset[str] = frozenset()
    memory: dict[tuple[int, int], Recall] = field(default_factory=dict)
    habits: Counter[tuple[str, str, int]] = field(default_factory=Counter)

    def compose(self, phrase: Phrase, number: int, history: Pitches) -> list[Pitches]:
        """The pitches of each group of a phrase; ``history``: the notes before it."""
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
            return [State(s.cost, s.history, (*s.chosen, ("", (), 0)), s.owed) for s in states]
        place = self._place(phrase, index)
        recalls = [self._recall(group, number, state) for state in states]
        wanted = {recall[0] for recall in recalls if recall} | self.favourites
        looks = find_looks(self.rng, self.form, self.character, phrase, index, wanted)
        found: list[State] = []
        for state, recall in zip(states, recalls, strict=True):
            for option in self._options(looks, state, place, group, recall):
                figure, shape, owed = option
                cost = state.cost + self._cost(state, place, figure, shape, group, recall)
                if owed is not None:
                    cost += 0.4 * tone_cost(owed, self._after(phrase, index))
                leap = shape[0] - state.history[-1] if state.history else 0
                entry = (*state.chosen, (figure.text, shape, leap))
                found.append(State(cost, (*state.history, *shape)[-6:], entry, owed))
        found.sort(key=lambda state: state.cost)
        kept: dict[tuple[Pitches, int | None], State] = {}
        for state in found:
            kept.setdefault((state.history[-2:], state.owed), state)
            if len(kept) == BEAM:
                break
        if not kept:
            raise ValueError(f"no line fits group {index} of phrase {number}")
        return list(kept.values())

    def _recall(self, group: Group, number: int, state: State) -> Recall | None:
        """What the linked group played, from an earlier phrase or from this one."""
        if group.link is None:
            return None
        phrase, index = group.link
        return state.chosen[index] if phrase == number else self.memory.get(group.link)

    def _after(self, phrase: Phrase, index: int) -> Harmony:
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
            fresh=index == 0 or group.events[0][1] == "rest",
            closing=index == len(phrase.groups) - 1,
            long=tuple(ticks >= 20 for ticks in lengths),
            running=max(lengths) <= BEAT // 2 and len(lengths) == len(group.events),
        )

    def _options(
        self, looks: list[Look], state: State, place: Place, group: Group, recall: Recall | None
    ) -> Iterator[Option]:
        """Every way to play the group that pays what the line owes and stays in range."""
        near = round(place.target) if place.fresh or not state.history else state.history[-1]
        options = placed(looks, near, 12 if place.fresh else 9, self.high)
        if recall is not None and recall[1] and not group.literal:
            options = chain(options, moved(recall[0], recall[1], place.chord))
        for figure, pitches, owed in options:
            sounding = pitches if owed is None else (*pitches, owed)
            inside = self.low <= min(sounding) and max(sounding) <= self.high
            if inside and state.owed in (None, pitches[0]):
                yield figure, pitches, owed

    def _cost(
        self,
        state: State,
        place: Place,
        figure: Figure,
        pitches: Pitches,
        group: Group,
        recall: Recall | None,
    ) -> float:
        cost = self.rng.gauss(0.0, self.character.chance)
        cost += join_cost(state.history, pitches, place.fresh and state.owed is None)
        if state.history:
            cost += resolution_cost(state.history[-1], pitches[0], place)
        cost += repeat_cost(state.history, pitches, place.running)
        cost += aim_cost(pitches, place, figure.family in ("approach", "blues"))
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
        said = [entry[1] for entry in state.chosen[-2:]]
        if said and said[-1] == pitches and not group.literal:
            return cost + 1.0 + 3.0 * (said[0] == pitches)
        if recall is not None and recall[0] == figure.text:
            return cost - _recall_bonus(recall, pitches, leap, group.literal)
        return cost + 0.9 * sum(entry[0] == figure.text for entry in state.chosen[-5:])


def _recall_bonus(recall: Recall, pitches: Pitches, leap: int, literal: bool) -> float:
    """How welcome a figure is that takes up the one it is linked to."""
    _, source, source_leap = recall
    if literal:
        return 1.0 + 3.0 * sum(a == b for a, b in zip(source, pitches, strict=False)) / len(pitches)
    moved = len({b - a for a, b in zip(source, pitches, strict=False)}) == 1
    return 2.6 + 0.8 * moved + 0.8 * (leap == source_leap)
