"""Plans the phrases of a chorus: begin and end, rhythm, contour and repeated openings."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TypeVar

from benchmarks.jazz.compose.characters import Character
from benchmarks.jazz.compose.forms import BEAT, Form
from benchmarks.jazz.compose.plans import Group, Phrase
from benchmarks.jazz.compose.rhythms import Cell, cells

_K = TypeVar("_K")

#: Weights of the beats of a bar on which phrases begin; the lead goes to the next beat.
_STARTS = {0: 1.6, 1: 1.0, 2: 0.8, 3: 1.8}
#: The maximum number of consecutive beats of some pages of the rhythm book; 4 for others.
_MAX_BEATS = {"turns": 2, "triplets": 2, "fast": 1}
#: Contours as semitones from the register of the chorus at begin, middle and end.
_CONTOURS = (
    (-5, 7, -4),
    (9, 2, -9),
    (-9, 0, 8),
    (5, -6, 3),
    (0, 8, -7),
    (10, 0, -6),
    (-4, 4, 10),
    (-2, -9, 2),
)


def pick(rng: Random, weights: Mapping[_K, float]) -> _K:
    """A random key, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def _has_one_chord(form: Form, beat: int, beats: int) -> bool:
    """Whether the chord does not change in the span."""
    return all(form.chord_at(beat + i) is form.chord_at(beat) for i in range(beats))


def _cell(
    rng: Random,
    page: str,
    form: Form,
    beat: int,
    max_beats: int,
    previous: Cell | None,
    straight: bool = False,
) -> Cell:
    """A random cell of a page of at most ``max_beats``, over one chord, that fits ``previous``."""
    options = [
        cell
        for cell in cells(page)
        if cell.beats <= max_beats
        and not (straight and cell.swung)
        and (not cell.holds or (previous is not None and previous.open_ended))
        and _has_one_chord(form, beat, min(cell.beats, 2))
    ]
    return rng.choice(options) if options else Cell("12 12")


def _place_cell(beat: int, cell: Cell) -> list[Group]:
    """The groups of a cell from a beat on."""
    tick, groups = beat * BEAT, []
    for events in cell.groups:
        groups.append(Group(tick, events))
        tick += groups[-1].ticks
    return groups


def _body(
    rng: Random, character: Character, form: Form, begin: int, end: int, previous: Cell | None
) -> tuple[list[Group], Cell | None]:
    """Cells from beat ``begin`` to ``end``, in runs of one texture, and the last cell."""
    groups: list[Group] = []
    page, run = "", 0
    while begin < end:
        if run <= 0:
            page, run = pick(rng, character.textures), pick(rng, character.runs)
            run = run + 1 if page == "eighths" else min(run, _MAX_BEATS.get(page, 4))
        previous = _cell(rng, page, form, begin, end - begin, previous, character.straight)
        groups += _place_cell(begin, previous)
        begin += previous.beats
        run -= previous.beats
    return groups, previous


def _phrase(
    rng: Random, character: Character, form: Form, begin: int, end: int, opening: list[Group]
) -> list[Group]:
    """A phrase between two beats; ``opening`` comes from another phrase."""
    last = "long end" if rng.random() < character.long_ends else "end"
    close = _cell(rng, last, form, end - 1, min(end - begin - 1, 4), None, character.straight)
    groups, previous = list(opening), None
    if not groups:
        lead = _cell(rng, "lead", form, begin, 1, None, character.straight)
        groups, previous = _place_cell(begin, lead), lead
    at = (groups[-1].tick + groups[-1].ticks) // BEAT
    body, previous = _body(rng, character, form, at, end - close.beats, previous)
    at = max(at, end - close.beats)
    if at + close.beats > end or (close.holds and (previous is None or not previous.open_ended)):
        close = Cell("12 r12")
    return groups + body + (_place_cell(at, close) if at + close.beats <= end else [])


def _answer(rng: Random, source: Phrase, number: int, begin: int, end: int) -> list[Group]:
    """The opening of ``source`` moved to ``begin``, with a link from each group to its source."""
    shift = begin * BEAT - source.first
    limit = (end - begin - 2) * BEAT
    length = rng.choice((3, 4, 4, 6, 8)) * BEAT
    opening: list[Group] = []
    for index, group in enumerate(source.groups[:-1]):
        stop = group.tick + group.ticks - source.first
        if stop > min(length, limit):
            break
        opening.append(Group(group.tick + shift, group.events, (number, index)))
    while opening and (opening[-1].tick + opening[-1].ticks) % BEAT:
        opening.pop()
    return opening


def _sequence(rng: Random, chance: float, number: int, groups: list[Group]) -> tuple[Group, ...]:
    """Link groups to an earlier group with the same rhythm, so that figures form sequences."""
    result = list(groups)
    for i in range(1, len(result)):
        for back in (1, 2):
            same = i >= back and result[i - back].events == result[i].events
            if same and result[i].link is None and result[i].size > 1 and rng.random() < chance:
                here = result[i]
                result[i] = Group(here.tick, here.events, (number, i - back))
                break
    return tuple(result)


def _contour(rng: Random, register: float) -> tuple[float, float, float]:
    a, b, c = rng.choice(_CONTOURS)
    return register + a, register + b, register + c


def _schedule(rng: Random, character: Character, form: Form) -> list[tuple[int, int]]:
    """The begin and end beats of the phrases of a chorus."""
    spans: list[tuple[int, int]] = []
    cursor = 0
    while cursor < form.beats - 3:
        waits = character.rests if spans else {0: 3.0, 1: 2.0, 2: 1.5}
        weights = {w: value * _STARTS[(cursor + w) % form.meter] for w, value in waits.items()}
        begin = cursor + pick(rng, weights)
        end = begin + pick(rng, character.lengths)
        if form.beats - end < 6:
            end = form.beats - rng.choice((0, 0, 1, 2))  # continue to the next chorus
        if end - begin < 3 or begin > form.beats - 4:
            break
        spans.append((begin, min(end, form.beats)))
        cursor = end
    return spans


def _riff_phrases(rng: Random, character: Character, form: Form) -> list[list[Group]]:
    """A riff at the beginning of each four bars, followed by a free answer."""
    riff = rng.choice(cells("riff"))
    line = 4 * form.meter
    plans: list[list[Group]] = []
    for number, head in enumerate(range(0, form.beats - line + 1, line)):
        groups = _place_cell(head, riff)
        if number and rng.random() < 0.85:
            groups = [Group(g.tick, g.events, (0, i), True) for i, g in enumerate(groups)]
        tail = rng.choice(("12 r12", "12 12", "18 r6", "r12 12", "24"))
        plans.append(groups + _place_cell(head + riff.beats, Cell(tail)))
        begin = head + riff.beats + rng.choice((2, 3, 3, 4))
        end = min(head + line - rng.choice((0, 1, 2)), form.beats)
        if end - begin >= 3:
            plans.append(_phrase(rng, character, form, begin, end, []))
    return plans


def _free_phrases(rng: Random, character: Character, form: Form) -> list[list[Group]]:
    """Phrases of random lengths; some begin with the opening of the previous one."""
    drafts: list[list[Group]] = []
    for begin, end in _schedule(rng, character, form):
        opening: list[Group] = []
        if drafts and rng.random() < character.answers:
            source = Phrase(tuple(drafts[-1]), (0, 0, 0))
            opening = _answer(rng, source, len(drafts) - 1, begin, end)
        drafts.append(_phrase(rng, character, form, begin, end, opening))
    return drafts


def _has_note_from(groups: list[Group], tick: int) -> bool:
    """Whether a note begins at ``tick`` or later."""
    for group in groups:
        at = group.tick
        for ticks, kind in group.events:
            if kind == "note" and at >= tick:
                return True
            at += ticks
    return False


def plan_chorus(
    rng: Random, character: Character, form: Form, centre: float, rise: float
) -> list[Phrase]:
    """Plan the phrases of one chorus.

    Args:
        centre: MIDI pitch of the centre of the register.
        rise: How far the register rises to the highest point, after about two thirds.
    """
    phrases: list[Phrase] = []
    plan = _riff_phrases if character.riff else _free_phrases
    drafts = plan(rng, character, form)
    while not _has_note_from(drafts[-1], (form.beats - form.meter) * BEAT):
        drafts = plan(rng, character, form)
    for number, groups in enumerate(drafts):
        place = groups[0].tick / (form.beats * BEAT)
        register = centre + rise * (1 - abs(place - 0.65) / 0.65)
        linked = _sequence(rng, character.sequences, number, groups)
        phrases.append(Phrase(linked, _contour(rng, register)))
    return phrases
