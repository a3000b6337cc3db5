"""The names of chords and notes."""

from __future__ import annotations

import pytest
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.output.spelling import Speller, spell

#: Three keys, major thirds apart.
GIANT = (
    "Bmaj7 D7 | Gmaj7 Bb7 | Ebmaj7 | Am7 D7 | Gmaj7 Bb7 | Ebmaj7 F#7 | Bmaj7 | Fm7 Bb7 | "
    "Ebmaj7 | Am7 D7 | Gmaj7 | C#m7 F#7 | Bmaj7 | Fm7 Bb7 | Ebmaj7 | C#m7 F#7"
)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("F", "F#7 | F#7 | Bm7"),
        ("B", "C#m7 | C#m7 | F#7 | F#7 | Bmaj7"),
        ("Ab", "C#m7 | C#m7 | F#7 | F#7/A# | Bmaj7"),
        ("C", "C#7 | C#7 | F#7"),
        ("F", "Bm7 | E7 | F#7"),  # the form repeats
        ("B", GIANT),
        ("F", "Gbmaj7 | B7 | F#m7 | D7 | Gm7"),
        ("Db", "Dmaj7 Em7 | F#m7 Gm7 C7 | F#m7 Bm7 | Em7 A7 | Dmaj7"),
        ("Db", "Dbmaj7 | Gbm6 | Dbmaj7"),
        ("E", "Emaj7 | C#7 | F#m7 | Amaj7 | Abmaj7"),
        ("B", "Bmaj7 | D#7 | G#m7 | A#m7b5"),
        ("A", "Amaj7 | A#dim7 | Bm7"),
        ("G", "Gmaj7 | C#m7b5 | Cm6 | Bm7"),  # Night and Day
        ("D", "Dmaj7 | G#m7b5 | Gm6 | F#m7"),
        ("F", "Fmaj7 | Bm7b5 | Bbm6 | Am7"),
        ("C", "Cmaj7 | Abmaj7 | Abm7 Db7 | Gbmaj7 | Dm7 G7 | C6"),
        ("C", "Cmaj7 | F#maj7 | Bmaj7 | Dm7 G7"),
        ("G", "Gmaj7 | F#maj7 | Gmaj7 | D7"),
        ("Gb", "Gbmaj7 | Cbmaj7 | Abm7 Db7 | Gbmaj7"),
        ("Gb", "Gbmaj7 | Dbm7 Gb7 | Cb6 | Db7"),
        ("Ebm", "Ebm7 | Cbmaj7 | Abm7 | Bb7"),
        ("Db", "Dbmaj7 | Gbmaj7 | Bmaj7 | Ab7"),
    ],
)
def test_chords_have_the_names_that_players_use(key: str, text: str) -> None:
    speller, chart = Speller(parse_chart(f"key: {key}\n{text}")), parse_chart(text)
    found = [speller.symbol(tick) for tick, _ in chart.changes]
    assert found == text.replace("|", "").split()


def test_giant_steps_needs_no_key() -> None:
    chart = parse_chart(GIANT)
    speller = Speller(chart)
    assert [speller.symbol(tick) for tick, _ in chart.changes] == GIANT.replace("|", "").split()


@pytest.mark.parametrize(
    ("chord", "root", "notes"),
    [
        ("Bdim7", "B", "B D F Ab"),
        ("C#dim7", "C#", "C# E G Bb"),
        ("F#dim7", "F#", "F# A C Eb"),
        ("Edim7", "E", "E G Bb Db"),
        ("Cdim7", "C", "C Eb Gb A"),  # no double flat
        ("Am6", "A", "A C E F#"),
        ("B6", "B", "B D# F# G#"),
        ("G13", "G", "G B D F E"),
    ],
)
def test_a_diminished_seventh_is_a_seventh(chord: str, root: str, notes: str) -> None:
    sounding = parse_chord(chord)
    found = [spell(60 + tone, sounding, root=root).name for tone in sounding.pitch_classes]
    assert [name for name in notes.split() if name not in found] == []


def test_c_flat_is_spelled_by_its_letter() -> None:
    speller = Speller(parse_chart("key: Gb\nGbmaj7 | Cbmaj7 | Abm7 Db7 | Gbmaj7"))
    found = [speller.note(pitch, 96) for pitch in (59, 63, 66, 70)]
    assert found == [("C", -1, 4), ("E", -1, 4), ("G", -1, 4), ("B", -1, 4)]
    assert speller.root(96) == ("C", -1, 5)


def test_the_note_above_a_diminished_seventh_has_another_letter() -> None:
    found = [spell(pitch, parse_chord("Bdim7"), root="B") for pitch in (56, 58, 59)]
    assert found == [("A", -1, 3), ("B", -1, 3), ("B", 0, 3)]
