"""The phrase planner: where phrases begin and end, their rhythm, contour and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TypeVar

from benchmarks.jazz.compose.characters import Character
from benchmarks.jazz.compose.forms import BEAT, Form
from benchmarks.jazz.compose.plans import Group, Phrase
from benchmarks.jazz.compose.rhythms import Cell, cells

_K = TypeVar("_K")

#: Where in a bar phrases like to begin (beat from 0): the lead then goes into the next beat.
_STARTS = {0: 1.6, 1: 1.0, 2: 0.8, 3: 1.8}
#: For how many beats the busier pages of the rhythm book may go on.
_LONGEST = {"turns": 2, "triplets": 2, "fast": 1}
#: Contours as offsets in semitones from the chorus' register at begin, middle and end.
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
    """One key, by weight."""
    return rng.choices(list(weights), list(weights.values()))[0]


def _settled(form: Form, beat: int, beats: int) -> bool:
    """Whether one chord lasts through the span."""
    return all(form.chord_at(beat + i) is form.chord_at(beat) for i in range(beats))


def _cell(
    rng: Random,
    page: str,
    form: Form,
    beat: int,
    room: int,
    before: Cell | None,
    straight: bool = False,
) -> Cell:
    """A cell of a page that fits into ``room`` beats, over one chord and after the cell before."""
    options = [
        cell
        for cell in cells(page)
        if cell.beats <= room
        and not (straight and cell.swung)
        and (not cell.holds or (before is not None and before.open_ended))
        and _settled(form, beat, min(cell.beats, 2))
    ]
    return rng.choice(options) if options else Cell("12 12")


def _lay(beat: int, cell: Cell) -> list[Group]:
    """The groups of a cell that begins on a beat."""
    tick, groups = beat * BEAT, []
    for events in cell.groups:
        groups.append(Group(tick, events))
        tick += groups[-1].ticks
    return groups


def _body(
    rng: Random, character: Character, form: Form, begin: int, end: int, before: Cell | None
) -> tuple[list[Group], Cell | None]:
    """Cells from ``begin`` to ``end`` (beats), in runs of one texture each."""
    groups: list[Group] = []
    page, keep = "", 0
    while begin < end:
        if keep <= 0:
            page, keep = pick(rng, character.textures), pick(rng, character.runs)
            keep = keep + 1 if page == "eighths" else min(keep, _LONGEST.get(page, 4))
        before = _cell(rng, page, form, begin, end - begin, before, character.straight)
        groups += _lay(begin, before)
        begin += before.beats
        keep -= before.beats
    return groups, before


def _phrase(
    rng: Random, character: Character, form: Form, begin: int, end: int, opening: list[Group]
) -> list[Group]:
    """A phrase between two beats; ``opening`` is a beginning taken from another phrase."""
    last = "long end" if rng.random() < character.long_ends else "end"
    close = _cell(rng, last, form, end - 1, min(end - begin - 1, 4), None, character.straight)
    groups, before = list(opening), None
    if not groups:
        lead = _cell(rng, "lead", form, begin, 1, None, character.straight)
        groups, before = _lay(begin, lead), lead
    at = (groups[-1].tick + groups[-1].ticks) // BEAT
    body, before = _body(rng, character, form, at, end - close.beats, before)
    at = max(at, end - close.beats)
    if at + close.beats > end or (close.holds and (before is None or not before.open_ended)):
        close = Cell("12 r12")
    return groups + body + (_lay(at, close) if at + close.beats <= end else [])


def _answer(rng: Random, source: Phrase, number: int, begin: int, end: int) -> list[Group]:
    """The opening of ``source`` moved to ``begin``, linked figure by figure."""
    shift = begin * BEAT - source.first
    least = (end - begin - 2) * BEAT
    take = rng.choice((3, 4, 4, 6, 8)) * BEAT
    opening: list[Group] = []
    for index, group in enumerate(source.groups[:-1]):
        stop = group.tick + group.ticks - source.first
        if stop > min(take, least):
            break
        opening.append(Group(group.tick + shift, group.events, (number, index)))
    while opening and (opening[-1].tick + opening[-1].ticks) % BEAT:
        opening.pop()
    return opening


def _sequence(rng: Random, chance: float, number: int, groups: list[Group]) -> tuple[Group, ...]:
    """Link groups to the group of the same rhythm before them, so that figures move in sequence."""
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
    """Begin and end beats of the phrases of a chorus."""
    spans: list[tuple[int, int]] = []
    cursor = 0
    while cursor < form.beats - 3:
        waits = character.rests if spans else {0: 3.0, 1: 2.0, 2: 1.5}
        weights = {w: value * _STARTS[(cursor + w) % form.meter] for w, value in waits.items()}
        begin = cursor + pick(rng, weights)
        end = begin + pick(rng, character.lengths)
        if form.beats - end < 6:
            end = form.beats - rng.choice((0, 0, 1, 2))  # speak through to the next chorus
        if end - begin < 3 or begin > form.beats - 4:
            break
        spans.append((begin, min(end, form.beats)))
        cursor = end
    return spans


def _riff_phrases(rng: Random, character: Character, form: Form) -> list[list[Group]]:
    """A riff said at the head of each line of four bars, with a free answer after it."""
    riff = rng.choice(cells("riff"))
    line = 4 * form.meter
    plans: list[list[Group]] = []
    for number, head in enumerate(range(0, form.beats - line + 1, line)):
        said = _lay(head, riff)
        if number and rng.random() < 0.85:
            said = [Group(g.tick, g.events, (0, i), True) for i, g in enumerate(said)]
        tail = rng.choice(("12 r12", "12 12", "18 r6", "r12 12", "24"))
        plans.append(said + _lay(head + riff.beats, Cell(tail)))
        begin = head + riff.beats + rng.choice((2, 3, 3, 4))
        end = min(head + line - rng.choice((0, 1, 2)), form.beats)
        if end - begin >= 3:
            plans.append(_phrase(rng, character, form, begin, end, []))
    return plans


def _free_phrases(rng: Random, character: Character, form: Form) -> list[list[Group]]:
    """Phrases of free length, some of them answers to the one before."""
    drafts: list[list[Group]] = []
    for begin, end in _schedule(rng, character, form):
        opening: list[Group] = []
        if drafts and rng.random() < character.answers:
            source = Phrase(tuple(drafts[-1]), (0, 0, 0))
            opening = _answer(rng, source, len(drafts) - 1, begin, end)
        drafts.append(_phrase(rng, character, form, begin, end, opening))
    return drafts


def _reaches(groups: list[Group], tick: int) -> bool:
    """Whether a note begins at ``tick`` or later: a chorus speaks in its last bar too."""
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
        centre: MIDI pitch around which the chorus lies.
        rise: How far the register climbs to the chorus' high point, about two thirds through.
    """
    phrases: list[Phrase] = []
    draw = _riff_phrases if character.riff else _free_phrases
    drafts = draw(rng, character, form)
    while not _reaches(drafts[-1], (form.beats - form.meter) * BEAT):
        drafts = draw(rng, character, form)
    for number, groups in enumerate(drafts):
        place = groups[0].tick / (form.beats * BEAT)
        register = centre + rise * (1 - abs(place - 0.65) / 0.65)
        linked = _sequence(rng, character.sequences, number, groups)
        phrases.append(Phrase(linked, _contour(rng, register)))
    return phrases
