"""What a chart says of itself is what is played, and is told; what is asked for wins."""

from __future__ import annotations

from pathlib import Path

import pytest
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.charts.chart_style import style_for
from seqgen_jazz.encoding.performance import Playing
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.options import JazzPrompt
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.output.musicxml.score import musicxml
from seqgen_jazz.output.text_roll import heading
from seqgen_jazz.prompting.chart_source import source_text
from seqgen_jazz.prompting.resolve import condition

from seqgen import DataError, SettingError

SHEET = "title: Rain\ncomposer: A. N.\nstyle: Slow Waltz\ntempo: 92\n3/4: G | Am7 D7 | G | %"


def told(prompt: JazzPrompt) -> str:
    """The first line of what is told of a solo that was asked for."""
    setting = condition(prompt)
    parts = (setting.title, setting.tempo, setting.instrument, setting.playing)
    return heading(Solo(setting.chart, (), *parts))[0]


def test_what_the_chart_says_is_played_and_told() -> None:
    found = told(JazzPrompt(SHEET))
    words = "waltz for the chart's 'Slow Waltz', 92 a minute, as the chart says, tenor-sax"
    assert found == f"Rain by A. N.: {words}"


def test_what_is_asked_for_wins_and_the_difference_is_told() -> None:
    found = told(JazzPrompt(SHEET, tempo=200, style="bossa", instrument="flute"))
    words = "bossa (the chart says 'Slow Waltz'), 200 a minute (the chart says 92), flute"
    assert found == f"Rain by A. N.: {words}"
    assert told(JazzPrompt("3/4: G | D7")) == "waltz, 160 a minute, tenor-sax"


def test_a_line_alone_has_no_heading_and_remarks_are_told() -> None:
    assert heading(Solo(parse_chart("C"), ())) == []
    solo = Solo(parse_chart("5/4: C"), (), playing=Playing())
    assert heading(solo)[1:] == ["the band plays 5/4 as 3+2"]


@pytest.mark.parametrize("name", ["tune.mid", "tune.musicxml"])
def test_the_chords_of_a_piece_of_music_are_a_chart(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    chart = parse_chart("Dm7 | G7 | Cmaj7 A7 | Dm7 G7")
    notes = tuple(Note(24 * beat, 24, 60 + beat % 5) for beat in range(16))
    solo = Solo(chart, notes, "Rain", 92.0)
    path = tmp_path / name
    path.write_bytes(midi_bytes(solo) if name.endswith(".mid") else musicxml(solo))
    found = parse_chart(source_text(str(path)))
    assert found == chart and found.tempo == 92
    assert found.title == ("tune" if name.endswith(".mid") else "Rain")
    with pytest.raises(DataError, match="there is no song 'Snow' among"):
        source_text(str(path), "Snow")


@pytest.mark.parametrize("name", ["missing.mid", "missing.mxl", "missing.txt"])
def test_a_chart_file_that_is_not_there_is_told(name: str) -> None:
    with pytest.raises(DataError, match=f"no chart file '{name}'"):
        source_text(name)


def test_a_word_that_is_neither_file_nor_chart_is_told_as_both() -> None:
    with pytest.raises(DataError, match="no chart file 'charts/mine', and as a chart: bar 1"):
        source_text("charts/mine")
    with pytest.raises(SettingError, match="chart is empty; leave --chart out"):
        JazzPrompt(" ")


def test_a_chord_that_cannot_be_read_is_placed_once() -> None:
    with pytest.raises(DataError) as told:
        parse_chart("Dm7 | G7x | C")
    assert str(told.value).count("of the chart") == 1 and "column 7" in str(told.value)


@pytest.mark.parametrize(
    ("words", "style"),
    [
        *(("Medium Swing", "swing"), ("Up Tempo Bebop", "swing"), ("Charleston", "swing")),
        *(("Cha Cha", "bossa"), ("Bolero", "bossa"), ("Straight 8ths", "bossa"), ("Funk", "bossa")),
        *(("Slow Blues", "blues"), ("Jazz Waltz", "waltz"), ("Ballad", "ballad")),
    ],
)
def test_the_nearest_style_has_the_eighths_of_the_chart(words: str, style: str) -> None:
    assert style_for(parse_chart(f"style: {words}\nC | F")) == style


def test_a_waltz_with_a_pickup_is_one() -> None:
    assert style_for(parse_chart("1/4: N.C. | 3/4: C | F | G")) == "waltz"
    assert style_for(parse_chart("3/4: C | 4/4: F | G")) == "swing"
