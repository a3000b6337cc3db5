"""Degrees and classes below the notes of a score, and the bass part."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from seqgen_jazz.band.band_style import STYLES
from seqgen_jazz.band.bass import bass_line
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.output.musicxml.notes_and_chord_symbols import note_lyrics
from seqgen_jazz.output.musicxml.score import musicxml

from .bands import performed, style


def score(solo: Solo) -> Any:
    """The score as music21 reads it."""
    from music21 import converter

    return converter.parseData(musicxml(solo), format="musicxml")


@pytest.mark.parametrize(
    ("chord", "pitch", "words"),
    [
        ("C7", 60, ("1", "C")),
        ("C7", 61, ("b9", "A")),
        ("C7", 62, ("9", "S")),
        ("C7", 63, ("#9", "A")),
        ("Cm7", 63, ("b3", "C")),
        ("Cm7b5", 66, ("b5", "C")),
        ("Cmaj7", 66, ("#11", "A")),
        ("Csus4", 65, ("4", "C")),
        ("C6", 69, ("6", "C")),
        ("C7", 69, ("13", "S")),
        ("Cdim7", 69, ("bb7", "C")),
        ("Caug", 68, ("#5", "C")),
        ("N.C.", 60, ()),
    ],
)
def test_degree_and_class(chord: str, pitch: int, words: tuple[str, ...]) -> None:
    assert note_lyrics(pitch, parse_chord(chord)) == words


def test_a_tied_note_has_its_degree_once() -> None:
    line = (Note(0, 24, 64), Note(60, 60, 65), Note(120, 12, 66))
    solo = Solo(parse_chart("C7 | F7"), line, performance=Performance(lyrics=True))
    (part,) = score(solo).parts
    lyrics = [[lyric.text for lyric in note.lyrics] for note in part.recurse().notes if note.lyrics]
    assert lyrics == [["3", "C"], ["11", "S"], ["b9", "A"]]
    silent = score(replace(solo, performance=Performance()))
    assert not any(note.lyrics for note in silent.recurse().notes)


@pytest.mark.parametrize("style_name", STYLES)
@pytest.mark.parametrize("name", ["blues", "waltz", "five", "seven", "slash", "silent"])
def test_the_bass_part_is_that_of_the_band(name: str, style_name: str) -> None:
    """As music21 reads it, note for note."""
    solo = performed(name, style_name)
    assert solo.performance is not None
    solo = replace(solo, performance=replace(solo.performance, bass_part=True, lyrics=True))
    page = score(solo)
    assert [part.partName for part in page.parts] == ["Solo", "Bass"]
    expected = [(note.start, note.pitch) for note in bass_line(solo.chart, style(style_name), 0)]
    found = [
        (round(note.getOffsetInHierarchy(page.parts[1]) * 24), note.pitch.midi)
        for note in page.parts[1].recurse().notes
        if note.isNote and (note.tie is None or note.tie.type == "start")
    ]
    assert found == expected
    (mark,) = page.recurse().getElementsByClass("MetronomeMark")
    eighths = "even" if style_name == "bossa" else "swung"
    words = [one.content for one in page.recurse().getElementsByClass("TextExpression")]
    assert mark.number == 160 and words == [f"{style_name.capitalize()} ({eighths} eighths)"]


def test_a_score_contains_its_receipt_unchanged() -> None:
    line = 'seqgen-receipt {"a":"\\u003cb \\u0026"}'
    data = musicxml(performed("blues"), line)
    assert data.count(line.encode()) == 1
    assert b"miscellaneous" not in musicxml(performed("blues"))
