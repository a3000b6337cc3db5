"""The book: composes every solo of its table, one chorus after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.jazz.compose.characters import CHARACTERS
from benchmarks.jazz.compose.entries import BOOK, Entry
from benchmarks.jazz.compose.figures import all_texts
from benchmarks.jazz.compose.forms import BEAT, Form, build_form
from benchmarks.jazz.compose.lines import Composer, Pitches
from benchmarks.jazz.compose.planner import plan_chorus
from benchmarks.jazz.compose.plans import Group, Phrase

#: The number of figures that each soloist prefers.
FAVOURITES = 40
#: The seed of the book; every solo adds its position.
SEED = 4711


@dataclass(frozen=True)
class Chorus:
    """A composed chorus; notes are (onset, duration, MIDI pitch) in ticks from its start."""

    entry: Entry
    number: int
    form: Form
    notes: tuple[tuple[int, int, int], ...]

    @property
    def title(self) -> str:
        """The title of the chorus in its file."""
        return f"{self.entry.title}, chorus {self.number}"


def place_notes(phrase: Phrase, lines: Sequence[Pitches]) -> list[tuple[int, int, int]]:
    """The notes of a phrase in ticks; a hold extends the previous note."""
    notes: list[tuple[int, int, int]] = []
    for group, pitches in zip(phrase.groups, lines, strict=True):
        notes += _place_group(group, pitches, notes)
    return notes


def _place_group(
    group: Group, pitches: Pitches, previous: list[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    tick, remaining, notes = group.tick, list(pitches), []
    for ticks, kind in group.events:
        if kind == "note":
            notes.append((tick, ticks, remaining.pop(0)))
        elif kind == "hold":
            onset, length, pitch = previous[-1]
            previous[-1] = (onset, length + ticks, pitch)
        tick += ticks
    return notes


def compose_solo(entry: Entry, seed: int) -> list[Chorus]:
    """All choruses of an entry; each continues from the last notes of the previous one."""
    rng = Random(seed)
    form = build_form(entry.form, entry.key, entry.meter)
    history: Pitches = ()
    favourites = frozenset(rng.sample(all_texts(), FAVOURITES))
    habits: Counter[tuple[str, str, int]] = Counter()
    choruses = []
    for number, name in enumerate(entry.characters, 1):
        character = CHARACTERS[name].at_tempo(entry.tempo)
        lift = 2.0 * (number - 1)
        notes: list[tuple[int, int, int]] = []
        phrases = plan_chorus(rng, character, form, entry.centre - 2 + lift, 4.0)
        composer = Composer(form, character, entry.low, entry.high, rng, favourites, habits=habits)
        for index, phrase in enumerate(phrases):
            lines = composer.compose(phrase, index, history)
            history = tuple(p for line in lines for p in line)[-6:]
            notes += place_notes(phrase, lines)
        limit = form.beats * BEAT
        assert all(onset + length <= limit for onset, length, _ in notes)
        choruses.append(Chorus(entry, number, form, tuple(notes)))
    return choruses


def compose_book(entries: Sequence[Entry]) -> list[Chorus]:
    """Every chorus of some entries; every call returns the same."""
    return [
        chorus
        for entry in entries
        for chorus in compose_solo(entry, SEED + 1000 * BOOK.index(entry))
    ]
