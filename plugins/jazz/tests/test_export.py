"""The output of any solo: files, text, pictures and representations by media type."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo, solo_text
from seqgen_jazz.output.audio.wav import synthesize
from seqgen_jazz.output.piano_roll_png import band_png, piano_roll_png
from seqgen_jazz.output.text_roll import text_roll
from seqgen_jazz.plugin import render, write

from .bands import performed
from .solos import solos

CHART = parse_chart("F7 | Bb7 Bdim7 | 3/4: N.C. | 6/8: D7b9/F#")
PLAYED = Solo(
    CHART,
    (Note(0, 12, 65), Note(12, 8, 69), Note(20, 4, 70), Note(90, 100, 72), Note(300, 1, 63)),
    title="Rain & <Sun>",
    tempo=212.5,
    instrument="trumpet",
)


def test_files_are_replaced_atomically_and_nothing_else_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    first = write([PLAYED, PLAYED], folder)
    assert [path.name for path in first] == [
        *("solo-001.mid", "solo-001.musicxml"),
        *("solo-002.mid", "solo-002.musicxml"),
    ]
    before = [path.read_bytes() for path in first]
    first[0].write_bytes(b"older")
    assert write([PLAYED, PLAYED], folder) == first
    assert [path.read_bytes() for path in first] == before, "the same bytes every time"
    assert sorted(folder.iterdir()) == sorted(first), "no temporary files stay"
    assert list(tmp_path.iterdir()) == [folder]


def test_text_names_notes_and_bars() -> None:
    chart = parse_chart("C7 | F7")
    solo = Solo(chart, (Note(12, 8, 60), Note(90, 12, 66)))
    assert solo_text(solo) == "r:1/2 C4:1/3 r:35/12 F#4:1/4 | ~F#4:1/4 r:15/4"


@given(solos())
def test_the_text_roll_has_at_most_102_columns_and_shows_notes(solo: Solo) -> None:
    lines = text_roll(solo).splitlines()
    assert max(map(len, lines)) <= 102
    assert any(set(line) & set("▀▄█") for line in lines[: -1 if solo.notes else None]) == bool(
        solo.notes
    )


def test_the_rows_and_the_legend_of_a_text_roll_name_every_pitch() -> None:
    notes = (Note(0, 12, 60), Note(12, 12, 61), Note(96, 24, 60), Note(120, 12, 63))
    assert text_roll(Solo(parse_chart("C7 | F7"), notes)).splitlines() == [
        "      C7                      F7",
        "Eb/D4 │                       │     ▀▀▀",
        "Db/C4 ▄▄▄▀▀▀                  ▄▄▄▄▄▄",
        "▀ upper note of a row, ▄ lower, █ both",
    ]
    assert text_roll(Solo(parse_chart("C7 |" * 40 + "F7"), ())).endswith("... and 9 more bars")


def test_a_solo_is_rendered_as_text_picture_and_audio() -> None:
    solo = performed("waltz", tempo=300)
    rendered = render(solo)
    assert list(rendered) == ["text/plain", "image/png", "audio/wav"]
    text = rendered["text/plain"]()
    assert isinstance(text, str) and text.startswith("A test: swing, 300 a minute, tenor-sax\n")
    assert text.endswith(text_roll(solo))
    assert rendered["image/png"]() == piano_roll_png(solo)
    assert rendered["audio/wav"]() == synthesize(solo)


def test_the_picture_is_a_png_with_always_the_same_bytes() -> None:
    first, second = (piano_roll_png(PLAYED, dpi=40) for _ in range(2))
    assert first.startswith(b"\x89PNG") and first == second


@pytest.mark.parametrize("name", ["blues", "seven", "silent"])
def test_the_picture_of_the_band_has_always_the_same_bytes(name: str) -> None:
    solo = performed(name)
    assert solo.performance is not None
    alone = replace(solo, performance=replace(solo.performance, band=False))
    first, second, third = (band_png(one, dpi=40) for one in (solo, solo, alone))
    assert first.startswith(b"\x89PNG") and first == second != third


def test_audio_and_pictures_are_written_if_requested(tmp_path: Path) -> None:
    solo = performed("waltz", tempo=300)
    assert solo.performance is not None
    requested = replace(solo, performance=replace(solo.performance, wav=True, picture=True))
    names = [path.name for path in write([requested], tmp_path)]
    assert names == [f"solo-001{end}" for end in (".mid", ".musicxml", ".wav", ".png", "-band.png")]


@pytest.mark.parametrize("text", ["C7", "C", "3/4: Am7 | %"])
def test_a_solo_without_notes_is_written(text: str, tmp_path: Path) -> None:
    solo = Solo(parse_chart(text), ())
    assert [path.stat().st_size > 0 for path in write([solo], tmp_path)] == [True, True]


def test_midi_is_read_back_by_the_plugin_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 1 through a file: what was written is a corpus of the same solos."""
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    shipped = load_corpus(None).items[::8]
    for number, solo in enumerate(shipped):
        folder = tmp_path / str(number)
        write([solo], folder)
        again = load_corpus(folder / "solo-001.mid").items
        assert again == (solo,) and again[0].tempo == solo.tempo
