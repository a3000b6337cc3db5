"""What may be played in a group: figures, the chords they speak of, octaves, targets, sequences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from random import Random

from benchmarks.jazz.compose.characters import Character
from benchmarks.jazz.compose.figures import Figure, approach, families, figures, offsets, scale_for
from benchmarks.jazz.compose.forms import BEAT, Form
from benchmarks.jazz.compose.harmony import Harmony, harmony, scale_pitches
from benchmarks.jazz.compose.plans import Phrase

#: A figure to try: the figure, the chord it speaks of, and whether it leads to a target.
Look = tuple[Figure, Harmony, bool]
#: A way to play a group: the figure, its pitches, and the note that has to follow (or None).
Option = tuple[Figure, tuple[int, ...], int | None]

#: How many figures are looked at for each group, beside those that are wanted.
LOOKS = 48
#: How far below and above the line a target of an approach may lie, in semitones.
_TARGETS = range(-7, 8)


def _chords(rng: Random, form: Form, character: Character, beat: int) -> list[Harmony]:
    """The chords a group may speak of: its own, at times its neighbours or its ii-V partner."""
    chord = form.chord_at(beat)
    if rng.random() >= character.anticipate:
        return [chord]
    after = form.chord_at(beat + 2)
    before = form.chord_at(beat - 1) if beat else chord
    partners = [other for other in (after, before) if other is not chord]
    if chord.quality == "m7":
        partners.append(harmony("C7", chord.position - 1))
    elif chord.quality == "7":
        partners.append(harmony("Cm7", chord.position + 1))
    return [chord, *partners]


def _leads_on(phrase: Phrase, index: int) -> bool:
    """Whether a group runs into a note on the next beat, which an approach may aim at."""
    group = phrase.groups[index]
    length, kind = group.events[-1]
    on_beat = (group.tick + group.ticks) % BEAT == 0
    following = phrase.groups[index + 1 : index + 2]
    aimed = bool(following) and following[0].events[0][1] == "note"
    return aimed and on_beat and kind == "note" and length <= BEAT // 2


def find_looks(
    rng: Random,
    form: Form,
    character: Character,
    phrase: Phrase,
    index: int,
    wanted: Collection[str],
) -> list[Look]:
    """The figures to try for group ``index``: all ``wanted`` ones, a sample of the rest."""
    group = phrase.groups[index]
    beat = group.tick // BEAT
    looks: list[Look] = []
    for chord in _chords(rng, form, character, beat):
        after = form.chord_at(beat + form.meter)
        resolves = chord.dominant and (after.root - chord.root) % 12 == 5
        for family in families(chord, resolves):
            looks += [(figure, chord, False) for figure in figures(family, group.size)]
    if character.blues:
        key = harmony("C7", form.tonic * 7 % 12)
        looks += [(figure, key, False) for figure in figures("blues", group.size)]
    sure = [look for look in looks if look[0].text in wanted]
    looks = sure + rng.sample(looks, min(LOOKS, len(looks)))
    if _leads_on(phrase, index):
        chord = form.chord_at((group.tick + group.ticks) // BEAT)
        looks += [(figure, chord, True) for figure in figures("approach", group.size)]
    return looks


def placed(looks: Iterable[Look], near: int, reach: int, high: int) -> Iterator[Option]:
    """Every look at every octave that begins within ``reach`` of ``near``, or at every target."""
    for figure, chord, leads in looks:
        if leads:
            goals = chord.tones | chord.colours
            for goal in (near + step for step in _TARGETS):
                if goal % 12 in goals:
                    yield figure, approach(figure.text, goal, chord), goal
            continue
        shape = offsets(figure.text, scale_for(figure, chord))
        for base in range(chord.root + 24, high + 12, 12):
            if abs(base + shape[0] - near) <= reach:
                yield figure, tuple(base + step for step in shape), None


def moved(text: str, pitches: tuple[int, ...], chord: Harmony) -> Iterator[Option]:
    """What was played before, moved by one to three steps of the chord's scale: a sequence."""
    ladder = scale_pitches(chord.root, chord.scale)
    if all(pitch in ladder for pitch in pitches):
        at = [ladder.index(pitch) for pitch in pitches]
        for steps in (-3, -2, -1, 1, 2, 3):
            yield Figure(text, "any"), tuple(ladder[i + steps] for i in at), None
