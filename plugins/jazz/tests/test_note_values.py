"""The division of a bar into note values, beams, and the names of notes."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.output.musicxml.note_values import NoteValue, split_bar
from seqgen_jazz.output.musicxml.notes_and_chord_symbols import beams
from seqgen_jazz.output.spelling import spell

from .solos import METERS

NAMES = {"whole": 96, "half": 48, "quarter": 24, "eighth": 12, "16th": 6, "32nd": 3, "64th": 1.5}


@given(st.data(), st.sampled_from(METERS))
def test_every_bar_can_be_divided_into_note_values(
    data: st.DataObject, meter: tuple[int, int]
) -> None:
    ticks = meter[0] * 96 // meter[1]
    inner = data.draw(st.sets(st.integers(1, ticks - 1), max_size=8))
    ends = [*sorted(inner), ticks]
    rests = data.draw(st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)))
    lead = data.draw(st.sampled_from([0, 3, 12, 24, 60]))  # of a longer meter's bar
    whole = ((ticks + lead) // 3, 32) if lead else meter
    split = split_bar(ends, rests, whole, lead)
    if rests == [True] and not lead:
        assert split == [[NoteValue(0, ticks, None, False)]]
        return
    assert [values[-1].end for values in split] == ends
    line = [value for values in split for value in values]
    assert line[0].start == 0
    assert all(one.end == other.start for one, other in pairwise(line))
    groups: dict[tuple[int, int], int] = {}
    for value in line:
        assert value.name is not None
        length = Fraction(NAMES[value.name]) * (Fraction(3, 2) if value.dotted else 1)
        assert value.ticks == length * (Fraction(2, 3) if value.triplet else 1)
        if value.triplet:
            groups[value.triplet] = groups.get(value.triplet, 0) + value.ticks
    assert all(end - start == ticks for (start, end), ticks in groups.items()), "complete triplets"


def value_lengths(ends: list[int], meter: tuple[int, int] = (4, 4)) -> list[list[int]]:
    return [
        [value.ticks for value in values] for values in split_bar(ends, [False] * len(ends), meter)
    ]


def test_note_values_show_the_beats() -> None:
    assert value_lengths([12, 36, 48, 96]) == [[12], [24], [12], [48]]
    assert value_lengths([36, 60, 96]) == [[36], [12, 12], [36]], "the middle of the bar is visible"
    assert value_lengths([18, 30, 96]) == [[18], [6, 6], [18, 48]], "the second beat is visible"
    assert value_lengths([8, 16, 24, 96]) == [[8], [8], [8], [72]]
    assert value_lengths([36, 72], (6, 8)) == [[36], [36]]
    rest = split_bar([24, 72, 96], [False, True, False], (4, 4))
    assert [value.ticks for value in rest[1]] == [24, 24], "rests do not hide beats"


@given(st.data(), st.sampled_from(METERS))
def test_beams_begin_and_end_on_every_level(data: st.DataObject, meter: tuple[int, int]) -> None:
    ticks = meter[0] * 96 // meter[1]
    ends = [*sorted(data.draw(st.sets(st.integers(1, ticks - 1), max_size=12))), ticks]
    silent = data.draw(st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)))
    split = split_bar(ends, silent, meter)
    line = [(value, rest) for values, rest in zip(split, silent, strict=True) for value in values]
    values, rests = [value for value, _ in line], [rest for _, rest in line]
    flags = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}
    joined: set[int] = set()  # the levels on which the next note must continue
    for value, rest, found in zip(values, rests, beams(values, rests, 24), strict=True):
        assert len(found) in (0, 0 if rest else flags.get(value.name or "", 0))
        assert not found or "hook" not in found[0]
        continued = {level for level, beam in enumerate(found) if beam in ("continue", "end")}
        assert continued == joined
        joined = {level for level, beam in enumerate(found) if beam in ("begin", "continue")}
    assert not joined


def test_spelling_follows_the_chord() -> None:
    def name(pitch: int, chord: str) -> str:
        step, alter, octave = spell(pitch, parse_chord(chord))
        return step + {-1: "b", 0: "", 1: "#"}[alter] + str(octave)

    assert name(70, "F7") == "Bb4" and name(66, "D7") == "F#4" and name(63, "C7") == "Eb4"
    assert name(66, "C7") == "F#4" and name(66, "Cm7b5") == "Gb4"
    assert name(68, "Caug") == "G#4" and name(68, "C7") == "Ab4"
    assert name(71, "Ab7") == "B4", "no C flat"
    assert name(60, "C") == "C4" and name(59, "Db7") == "B3"
    for pitch in range(128):
        for chord in ("F#maj7", "Db13", "B7alt", "N.C."):
            step, alter, octave = spell(pitch, parse_chord(chord))
            natural = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))[step]
            assert natural + alter + 12 * (octave + 1) == pitch and abs(alter) <= 1
