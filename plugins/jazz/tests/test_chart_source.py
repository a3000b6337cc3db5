"""Charts from text, files and music; their labels are used unless options override them."""

from __future__ import annotations

from pathlib import Path

import pytest
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.output.musicxml.score import musicxml
from seqgen_jazz.output.text_roll import describe_performance
from seqgen_jazz.prompting.load_chart import read_chart

from seqgen import DataError, SettingError

from .conditions import notices

SHEET = "title: Rain\ncomposer: A. N.\nstyle: Slow Waltz\ntempo: 92\n3/4: G | Am7 D7 | G | %"


def test_the_labels_of_a_chart_are_used_and_shown() -> None:
    found = notices(GenerationOptions(SHEET))[0]
    words = "waltz for the chart's 'Slow Waltz', 92 a minute, as in the chart, tenor-sax"
    assert found == f"Rain by A. N.: {words}"


def test_options_override_the_chart_and_the_difference_is_shown() -> None:
    options = GenerationOptions(SHEET, tempo=200, style="bossa", instrument="flute")
    found = notices(options)[0]
    words = "bossa (the chart has 'Slow Waltz'), 200 a minute (the chart has 92), flute"
    assert found == f"Rain by A. N.: {words}"
    assert notices(GenerationOptions("3/4: G | D7"))[0] == "waltz, 160 a minute, tenor-sax"


def test_a_line_without_performance_has_no_describe_performance() -> None:
    assert describe_performance(Solo(parse_chart("C"), ())) == []
    solo = Solo(parse_chart("5/4: C"), (), performance=Performance())
    assert describe_performance(solo)[1:] == ["the band plays 5/4 as 3+2"]


@pytest.mark.parametrize("name", ["tune.mid", "tune.musicxml"])
def test_the_chords_of_a_music_file_are_a_chart(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    chart = parse_chart("Dm7 | G7 | Cmaj7 A7 | Dm7 G7")
    notes = tuple(Note(24 * beat, 24, 60 + beat % 5) for beat in range(16))
    solo = Solo(chart, notes, "Rain", 92.0)
    path = tmp_path / name
    path.write_bytes(midi_bytes(solo) if name.endswith(".mid") else musicxml(solo))
    found = read_chart(str(path))[1]
    assert found == chart and found.tempo == 92
    assert found.title == ("tune" if name.endswith(".mid") else "Rain")
    with pytest.raises(DataError, match="there is no song 'Snow' among"):
        read_chart(str(path), "Snow")


@pytest.mark.parametrize("name", ["missing.mid", "missing.mxl", "missing.txt"])
def test_a_missing_chart_file_is_named(name: str) -> None:
    with pytest.raises(DataError, match=f"no chart file '{name}'"):
        read_chart(name)


def test_a_word_that_is_neither_file_nor_chart_is_refused_as_both() -> None:
    with pytest.raises(DataError, match="no chart file 'charts/mine', and as a chart: bar 1"):
        read_chart("charts/mine")
    with pytest.raises(SettingError, match="chart is empty; omit it"):
        GenerationOptions(" ")


def test_the_place_of_a_chord_error_is_named_once() -> None:
    with pytest.raises(DataError) as error:
        parse_chart("Dm7 | G7x | C")
    assert str(error.value).count("of the chart") == 1 and "column 7" in str(error.value)


@pytest.mark.parametrize(
    ("words", "style"),
    [
        *(("Medium Swing", "swing"), ("Up Tempo Bebop", "swing"), ("Charleston", "swing")),
        *(("Cha Cha", "bossa"), ("Bolero", "bossa"), ("Straight 8ths", "bossa"), ("Funk", "bossa")),
        *(("Slow Blues", "blues"), ("Jazz Waltz", "waltz"), ("Ballad", "ballad")),
    ],
)
def test_the_nearest_band_style_has_the_eighths_of_the_chart(words: str, style: str) -> None:
    assert parse_chart(f"style: {words}\nC | F").band_style == style


def test_a_pickup_does_not_change_the_band_style() -> None:
    assert parse_chart("1/4: N.C. | 3/4: C | F | G").band_style == "waltz"
    assert parse_chart("3/4: C | 4/4: F | G").band_style == "swing"


@pytest.mark.parametrize(
    ("chart", "notice"),
    [
        ("F7 Bb7 F7", ["3 chords in one bar; write | between bars"]),
        ("Dm7 G7", ["2 chords in one bar; write | between bars"]),
        *((chart, []) for chart in ("F7", "F7 Bb7 |", "F7 | Bb7", "F7 / / Bb7", "F7 Bb7@2.5")),
    ],
)
def test_several_chords_without_bar_lines_cause_a_notice(chart: str, notice: list[str]) -> None:
    assert notices(GenerationOptions(chart))[1:] == notice
