"""The search for a line: a beam over figures, octaves and approach notes along a planned phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from random import Random

from benchmarks.jazz_compose.characters import Character
from benchmarks.jazz_compose.costs import Place, aim_cost, join_cost, tone_cost
from benchmarks.jazz_compose.figures import (
    Figure,
    approach,
    families,
    figures,
    offsets,
    scale_for,
)
from benchmarks.jazz_compose.forms import BEAT, Form
from benchmarks.jazz_compose.harmony import Harmony, harmony, scale_pitches
from benchmarks.jazz_compose.plans import Group, Phrase

#: Kept states, and figures looked at for each group.
BEAM, LOOKS = 8, 48

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
        looks = self._looks(phrase, index, {recall[0] for recall in recalls if recall})
        found: list[State] = []
        for state, recall in zip(states, recalls, strict=True):
            options = chain(
                self._options(looks, state, place), self._moved(recall, group, state, place)
            )
            for figure, shape, owed in options:
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
        )

    def _chords(self, phrase: Phrase, index: int) -> list[Harmony]:
        """The chords a group may speak of: its own, at times the next one or its ii-V partner."""
        beat = phrase.groups[index].tick // BEAT
        chord = self.form.chord_at(beat)
        if self.rng.random() >= self.character.anticipate:
            return [chord]
        after = self.form.chord_at(beat + 2)
        partners = [after] if after is not chord else []
        if chord.quality == "m7":
            partners.append(harmony("D7", chord.position - 1))
        elif chord.quality == "7":
            partners.append(harmony("Am7", chord.position - 2))
        return [chord, *partners]

    def _looks(
        self, phrase: Phrase, index: int, wanted: set[str]
    ) -> list[tuple[Figure, Harmony, bool]]:
        """The figures to try for a group, as (figure, chord it speaks of, must resolve)."""
        group = phrase.groups[index]
        size = group.size
        looks: list[tuple[Figure, Harmony, bool]] = []
        for chord in self._chords(phrase, index):
            after = self.form.chord_at(group.tick // BEAT + self.form.meter)
            resolves = chord.dominant and (after.root - chord.root) % 12 == 5
            for family in families(chord, resolves):
                looks += [(f, chord, False) for f in figures(family, size)]
        if self.character.blues:
            key = harmony("C7", self.form.tonic * 7 % 12)
            looks += [(f, key, False) for f in figures("blues", size)]
        sure = [look for look in looks if look[0].text in wanted | self.favourites]
        looks = sure + self.rng.sample(looks, min(LOOKS, len(looks)))
        following = phrase.groups[index + 1 : index + 2]
        ends_on_grid = (group.tick + group.ticks) % BEAT == 0
        length, kind = group.events[-1]
        leads_on = kind == "note" and length <= BEAT // 2
        if following and following[0].events[0][1] == "note" and ends_on_grid and leads_on:
            chord = self._after(phrase, index)
            looks += [(f, chord, True) for f in figures("approach", size)]
        return looks

    def _options(
        self, looks: list[tuple[Figure, Harmony, bool]], state: State, place: Place
    ) -> Iterator[tuple[Figure, Pitches, int | None]]:
        """Every figure of ``looks`` at every octave or target in reach that pays what is owed."""
        near = round(place.target) if place.fresh or not state.history else state.history[-1]
        reach = 9 if not place.fresh else 12
        for figure, chord, leads in looks:
            if leads:
                goals = chord.tones | chord.colours
                for goal in range(near - 7, near + 8):
                    if goal % 12 in goals:
                        yield from self._fit(
                            figure, approach(figure.text, goal, chord), state, goal
                        )
                continue
            shape = offsets(figure.text, scale_for(figure, chord))
            for base in range(chord.root + 24, self.high + 12, 12):
                if abs(base + shape[0] - near) <= reach:
                    yield from self._fit(figure, tuple(base + s for s in shape), state, None)

    def _moved(
        self, recall: Recall | None, group: Group, state: State, place: Place
    ) -> Iterator[tuple[Figure, Pitches, int | None]]:
        """What is taken up, moved by one to three steps of the scale: a sequence."""
        if recall is None or group.literal or not recall[1]:
            return
        ladder = scale_pitches(place.chord.root, place.chord.scale)
        if all(pitch in ladder for pitch in recall[1]):
            at = [ladder.index(pitch) for pitch in recall[1]]
            for steps in (-3, -2, -1, 1, 2, 3):
                shape = tuple(ladder[i + steps] for i in at)
                yield from self._fit(Figure(recall[0], "any"), shape, state, None)

    def _fit(
        self, figure: Figure, pitches: Pitches, state: State, goal: int | None
    ) -> Iterator[tuple[Figure, Pitches, int | None]]:
        inside = self.low <= min(pitches) and max(pitches) <= self.high
        if goal is not None:
            inside = inside and self.low <= goal <= self.high
        if inside and state.owed in (None, pitches[0]):
            yield figure, pitches, goal

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
        cost += aim_cost(pitches, place, figure.family in ("approach", "blues"))
        if figure.family == "blues":
            cost -= self.character.blues
        elif figure.family == "approach":
            cost += 0.2 if len(pitches) == 1 else -0.25
        elif figure.family != "any":
            cost -= 0.3
        if figure.text in self.favourites:
            cost -= 0.9
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
