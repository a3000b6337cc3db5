"""The candidates for a group: figures with chords, octaves, targets and sequences."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from random import Random

from benchmarks.jazz.compose.characters import Character
from benchmarks.jazz.compose.figures import Figure, approach, families, figures, offsets, scale_for
from benchmarks.jazz.compose.forms import BEAT, Form
from benchmarks.jazz.compose.harmony import Harmony, harmony, scale_pitches
from benchmarks.jazz.compose.plans import Phrase

#: A candidate: the figure, its chord, and whether it approaches a target.
Candidate = tuple[Figure, Harmony, bool]
#: A placed figure: the figure, its pitches, and the pitch that must follow (or None).
Placement = tuple[Figure, tuple[int, ...], int | None]

#: The number of candidates that are sampled for each group.
SAMPLED = 48
#: The distances of approach targets from the line in semitones.
_TARGETS = range(-7, 8)


def _chords(rng: Random, form: Form, character: Character, beat: int) -> list[Harmony]:
    """The possible chords of a group: its own, sometimes its neighbours or its ii-V partner."""
    chord = form.chord_at(beat)
    if rng.random() >= character.anticipate:
        return [chord]
    later = form.chord_at(beat + 2)
    earlier = form.chord_at(beat - 1) if beat else chord
    partners = [other for other in (later, earlier) if other is not chord]
    if chord.quality == "m7":
        partners.append(harmony("C7", chord.position - 1))
    elif chord.quality == "7":
        partners.append(harmony("Cm7", chord.position + 1))
    return [chord, *partners]


def _can_approach(phrase: Phrase, index: int) -> bool:
    """Whether a group leads to a note on the next beat, the target of an approach."""
    group = phrase.groups[index]
    length, kind = group.events[-1]
    on_beat = (group.tick + group.ticks) % BEAT == 0
    following = phrase.groups[index + 1 : index + 2]
    has_target = bool(following) and following[0].events[0][1] == "note"
    return has_target and on_beat and kind == "note" and length <= BEAT // 2


def find_candidates(
    rng: Random,
    form: Form,
    character: Character,
    phrase: Phrase,
    index: int,
    preferred: Collection[str],
) -> list[Candidate]:
    """The candidates for group ``index``: all ``preferred`` figures and a sample of all others."""
    group = phrase.groups[index]
    beat = group.tick // BEAT
    candidates: list[Candidate] = []
    for chord in _chords(rng, form, character, beat):
        next_bar = form.chord_at(beat + form.meter)
        resolves = chord.dominant and (next_bar.root - chord.root) % 12 == 5
        for family in families(chord, resolves):
            candidates += [(figure, chord, False) for figure in figures(family, group.size)]
    if character.blues:
        key = harmony("C7", form.tonic * 7 % 12)
        candidates += [(figure, key, False) for figure in figures("blues", group.size)]
    sampled = rng.sample(candidates, min(SAMPLED, len(candidates)))
    candidates = [one for one in candidates if one[0].text in preferred] + sampled
    if _can_approach(phrase, index):
        chord = form.chord_at((group.tick + group.ticks) // BEAT)
        candidates += [(figure, chord, True) for figure in figures("approach", group.size)]
    return candidates


def place_candidates(
    candidates: Iterable[Candidate], near: int, reach: int, high: int
) -> Iterator[Placement]:
    """Every candidate in every octave that begins within ``reach`` of ``near``, or at a target."""
    for figure, chord, is_approach in candidates:
        if is_approach:
            classes = chord.tones | chord.colours
            for target in (near + step for step in _TARGETS):
                if target % 12 in classes:
                    yield figure, approach(figure.text, target, chord), target
            continue
        shape = offsets(figure.text, scale_for(figure, chord))
        for base in range(chord.root + 24, high + 12, 12):
            if abs(base + shape[0] - near) <= reach:
                yield figure, tuple(base + step for step in shape), None


def transpose_in_scale(text: str, pitches: tuple[int, ...], chord: Harmony) -> Iterator[Placement]:
    """An earlier group moved by one to three steps of the chord's scale: a sequence."""
    ladder = scale_pitches(chord.root, chord.scale)
    if all(pitch in ladder for pitch in pitches):
        at = [ladder.index(pitch) for pitch in pitches]
        for steps in (-3, -2, -1, 1, 2, 3):
            yield Figure(text, "any"), tuple(ladder[i + steps] for i in at), None
