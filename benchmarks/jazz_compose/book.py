"""The table of the book: each solo with its form, key, tempo, range and characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from benchmarks.jazz_compose.characters import CHARACTERS
from benchmarks.jazz_compose.figures import all_texts
from benchmarks.jazz_compose.forms import BEAT, Form, build_form
from benchmarks.jazz_compose.lines import Composer, Pitches
from benchmarks.jazz_compose.planner import plan_chorus
from benchmarks.jazz_compose.plans import Group, Phrase

#: How many figures each soloist comes back to more often than to others.
FAVOURITES = 40
#: The seed of the whole book; every solo adds its own number.
SEED = 4711


@dataclass(frozen=True)
class Entry:
    """One solo of the book: several choruses over one form."""

    file: str
    title: str
    form: str
    key: str
    tempo: int
    characters: tuple[str, ...]
    centre: int = 64
    low: int = 48
    high: int = 80
    minor: bool = False
    meter: int = 4


@dataclass(frozen=True)
class Chorus:
    """A composed chorus; notes are (onset, duration, MIDI pitch) in ticks from its start."""

    entry: Entry
    number: int
    form: Form
    notes: tuple[tuple[int, int, int], ...]

    @property
    def title(self) -> str:
        """The name that the chorus carries in its file."""
        return f"{self.entry.title}, chorus {self.number}"


def place_notes(phrase: Phrase, lines: Sequence[Pitches]) -> list[tuple[int, int, int]]:
    """The notes of a phrase in ticks; a hold lengthens the note before it."""
    notes: list[tuple[int, int, int]] = []
    for group, pitches in zip(phrase.groups, lines, strict=True):
        notes += _place_group(group, pitches, notes)
    return notes


def _place_group(
    group: Group, pitches: Pitches, before: list[tuple[int, int, int]]
) -> list[tuple[int, int, int]]:
    tick, left, notes = group.tick, list(pitches), []
    for ticks, kind in group.events:
        if kind == "note":
            notes.append((tick, ticks, left.pop(0)))
        elif kind == "hold":
            onset, length, pitch = before[-1]
            before[-1] = (onset, length + ticks, pitch)
        tick += ticks
    return notes


def compose_solo(entry: Entry, seed: int) -> list[Chorus]:
    """All choruses of an entry, each going on from the last notes of the one before."""
    rng = Random(seed)
    form = build_form(entry.form, entry.key, entry.meter)
    history: Pitches = ()
    favourites = frozenset(rng.sample(all_texts(), FAVOURITES))
    habits: Counter[tuple[str, str, int]] = Counter()
    choruses = []
    for number, name in enumerate(entry.characters, 1):
        character = CHARACTERS[name].at(entry.tempo)
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
    """Every chorus of the book; the same at every call."""
    return [
        chorus
        for entry in entries
        for chorus in compose_solo(entry, SEED + 1000 * BOOK.index(entry))
    ]


BOOK = (
    Entry("blues", "Blues in F", "blues", "F", 168, ("swing", "bebop", "double time"), 65),
    Entry("blues", "Blues in Bb", "blues", "Bb", 132, ("riff", "blues", "bebop"), 63, 47, 79),
    Entry("blues", "Blues in C", "plain blues", "C", 112, ("blues", "riff", "double time"), 65),
    Entry("blues", "Blues in Eb", "bebop blues", "Eb", 200, ("bebop", "swing", "bebop"), 64),
    Entry("blues", "Blues in G", "plain blues", "G", 126, ("riff", "swing", "blues"), 65, 49, 80),
    Entry(
        "minor_blues",
        "Minor blues in C",
        "minor blues",
        "C",
        144,
        ("cool", "bebop", "blues"),
        64,
        minor=True,
    ),
    Entry(
        "minor_blues",
        "Minor blues in F",
        "minor blues",
        "F",
        176,
        ("swing", "bebop", "double time"),
        65,
        minor=True,
    ),
    Entry(
        "minor_blues",
        "Minor blues in G",
        "dark minor blues",
        "G",
        120,
        ("blues", "double time", "swing"),
        64,
        minor=True,
    ),
    Entry("rhythm", "Rhythm changes in Bb", "rhythm", "Bb", 208, ("swing", "bebop"), 65),
    Entry("rhythm", "Rhythm changes in Ab", "rhythm", "Ab", 184, ("cool", "bebop"), 64),
    Entry(
        "cycles",
        "Falling ii-V-I in C",
        "falling ii-V-I",
        "C",
        160,
        ("bebop", "swing", "double time"),
        64,
    ),
    Entry(
        "cycles",
        "Falling ii-V-I in A",
        "falling ii-V-I",
        "A",
        138,
        ("cool", "double time", "bebop"),
        64,
    ),
    Entry(
        "cycles",
        "Cycle of fourths in Eb",
        "cycle of fourths",
        "Eb",
        152,
        ("swing", "bebop", "double time"),
        65,
    ),
    Entry("standards", "Round the fifths in A minor", "fifths", "C", 150, ("swing", "bebop"), 64),
    Entry("standards", "Round the fifths in E minor", "fifths", "G", 178, ("cool", "bebop"), 65),
    Entry(
        "standards", "Slow standard in Db", "ballad changes", "Db", 84, ("cool", "double time"), 65
    ),
    Entry(
        "modal",
        "Modal song in G dorian",
        "dorian AABA",
        "G",
        164,
        ("modal", "modal"),
        64,
        minor=True,
    ),
    Entry(
        "modal",
        "Two modes on D",
        "two modes",
        "D",
        140,
        ("modal", "modal", "modal"),
        65,
        minor=True,
    ),
    Entry("bossa", "Bossa in D", "bossa", "D", 136, ("bossa", "bossa"), 65),
    Entry(
        "bossa",
        "Minor bossa in E",
        "minor bossa",
        "E",
        128,
        ("bossa", "bossa", "bossa"),
        65,
        minor=True,
    ),
    Entry("waltzes", "Jazz waltz in G", "waltz", "G", 156, ("cool",), 65, meter=3),
    Entry(
        "waltzes",
        "Minor waltz blues in D",
        "waltz blues",
        "D",
        138,
        ("swing", "blues"),
        64,
        minor=True,
        meter=3,
    ),
)
