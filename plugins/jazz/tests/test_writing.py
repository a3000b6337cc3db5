"""What is written is what was played: files, text and pictures of any solo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo, solo_text
from seqgen_jazz.output.band_png import band_png
from seqgen_jazz.output.roll_png import piano_roll_png
from seqgen_jazz.output.text_roll import roll
from seqgen_jazz.output.write_files import write_solos

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


# Files, text, pictures


def test_files_are_replaced_whole_and_nothing_else_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    first = write_solos([PLAYED, PLAYED], folder)
    assert [path.name for path in first] == [
        *("solo-001.mid", "solo-001.musicxml"),
        *("solo-002.mid", "solo-002.musicxml"),
    ]
    before = [path.read_bytes() for path in first]
    first[0].write_bytes(b"older")
    assert write_solos([PLAYED, PLAYED], folder) == first
    assert [path.read_bytes() for path in first] == before, "the same bytes every time"
    assert sorted(folder.iterdir()) == sorted(first), "no temporary files stay"
    assert list(tmp_path.iterdir()) == [folder]


def test_text_names_notes_and_bars() -> None:
    chart = parse_chart("C7 | F7")
    solo = Solo(chart, (Note(12, 8, 60), Note(90, 12, 66)))
    assert solo_text(solo) == "r:1/2 C4:1/3 r:35/12 F#4:1/4 | ~F#4:1/4 r:15/4"


@given(solos())
def test_roll_is_narrow_and_shows_notes(solo: Solo) -> None:
    shown = roll(solo)
    assert max(map(len, shown.splitlines())) <= 100
    assert bool(set(shown) & set("▀▄█")) == bool(solo.notes)


def test_roll_of_a_bar() -> None:
    solo = Solo(parse_chart("C7 | F7"), (Note(0, 12, 60), Note(12, 12, 61), Note(96, 24, 60)))
    assert roll(solo).splitlines() == [
        "    C7                      F7",
        "C4  ▄▄▄▀▀▀                  ▄▄▄▄▄▄",
    ]
    assert roll(Solo(parse_chart("C7 |" * 40 + "F7"), ())).endswith("... and 9 more bars")


def test_the_picture_is_a_png_and_the_same_every_time(tmp_path: Path) -> None:
    paths = [piano_roll_png(PLAYED, tmp_path / name, dpi=40) for name in ("a.png", "b.png")]
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(b"\x89PNG") and first == second
    assert sorted(tmp_path.iterdir()) == paths


@pytest.mark.parametrize("name", ["blues", "seven", "silent"])
def test_the_band_is_drawn_too_and_the_same_every_time(name: str, tmp_path: Path) -> None:
    solo = performed(name)
    assert solo.performance is not None
    alone = replace(solo, performance=replace(solo.performance, band=False))
    paths = [
        band_png(one, tmp_path / file, dpi=40)
        for one, file in ((solo, "a.png"), (solo, "b.png"), (alone, "c.png"))
    ]
    first, second, third = (path.read_bytes() for path in paths)
    assert first.startswith(b"\x89PNG") and first == second != third


def test_what_playing_asks_for_is_written_beside(tmp_path: Path) -> None:
    solo = performed("waltz", tempo=300)
    assert solo.performance is not None
    asked = replace(solo, performance=replace(solo.performance, wav=True, picture=True))
    names = [path.name for path in write_solos([asked], tmp_path)]
    assert names == [f"solo-001{end}" for end in (".mid", ".musicxml", ".wav", ".png", "-band.png")]


@pytest.mark.parametrize("text", ["C7", "C", "3/4: Am7 | %"])
def test_an_empty_solo_is_written_too(text: str, tmp_path: Path) -> None:
    solo = Solo(parse_chart(text), ())
    assert [path.stat().st_size > 0 for path in write_solos([solo], tmp_path)] == [True, True]


def test_midi_is_read_back_by_the_plugin_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 1 through a file: what was written is a corpus of the same solos."""
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    shipped = load_corpus(None).items[::8]
    for number, solo in enumerate(shipped):
        folder = tmp_path / str(number)
        write_solos([solo], folder)
        again = load_corpus(folder / "solo-001.mid").items
        assert again == (solo,) and again[0].tempo == solo.tempo
