"""Music as a chart: every bar of it, what cannot be followed told, no line of notes needed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.bar_ranges import repeat
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.performance import Playing
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.options import BLUES, JazzPrompt
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.output.text_roll import heading
from seqgen_jazz.prompting.chart_from_file import music_chart
from seqgen_jazz.prompting.chart_source import source_text
from seqgen_jazz.prompting.resolve import condition

from seqgen import DataError

from .files import ATTRIBUTES, Event, meter, midi, musicxml, note, text, track
from .solos import charts

#: An ABC blues in F whose bars 1 and 12 rest, as those of a head often do.
HEAD = (
    "X:1\nT:Head\nM:4/4\nL:1/4\nK:F\n"
    '"F7"z4|"Bb7"FGAc|"F7"FGAc|z4|"Bb7"FGAc|z4|"F7"FGAc|"D7"FGAc|"Gm7"FGAc|"C7"FGAc|"F7"FGAc|"C7"z4|\n'
)
FORM = "F7 | Bb7 | F7 | / | Bb7 | / | F7 | D7 | Gm7 | C7 | F7 | C7"


def chart_of(folder: Path, name: str, content: str | bytes) -> str:
    """The bars of the chart of a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return music_chart(path).text


def told(prompt: JazzPrompt) -> list[str]:
    """What the terminal says of the chart of a prompt."""
    setting = condition(prompt)
    parts = (setting.title, setting.tempo, setting.instrument, setting.playing)
    return heading(Solo(setting.chart, (), *parts))


def test_bars_in_which_the_line_rests_belong_to_the_form(tmp_path: Path) -> None:
    assert chart_of(tmp_path, "head.abc", HEAD) == FORM
    assert music_chart(tmp_path / "head.abc").tempo is None, "it says none"
    assert chart_of(tmp_path, "quick.abc", HEAD.replace("M:", "Q:1/4=220\nM:")) == FORM
    assert music_chart(tmp_path / "quick.abc").tempo == 220
    solo = condition(JazzPrompt(str(tmp_path / "head.abc"), choruses=2))
    assert len(solo.chart.bars) == 24


@pytest.mark.parametrize(("text", "choruses"), [(BLUES, 2), ("1/4: D7 | G | C | D | G", 3)])
def test_a_file_of_this_plugin_gives_its_chart_once_through(
    text: str, choruses: int, tmp_path: Path
) -> None:
    chart = parse_chart(f"key: F\n{text}")
    form = len(chart.bars) - chart.pickup
    start = chart.bar_starts[1]
    notes = tuple(Note(start + 24 * beat, 24, 60) for beat in range(9))
    playing = Playing(form=form)
    solo = Solo(repeat(chart, choruses), notes, tempo=92.0, playing=playing)
    path = tmp_path / "played.mid"
    path.write_bytes(midi_bytes(solo))
    found = music_chart(path)
    assert found == chart
    assert (found.title, found.tempo, str(found.key)) == ("played", 92, "F")


def block(starts: int, *pitches: int, rings: float = 0.0) -> list[Event]:
    """A chord of a bar, from a bar on."""
    return [event for one in pitches for event in note(4 * starts, 4 * starts + 4 + rings, one)]


def test_chords_alone_are_a_chart(tmp_path: Path) -> None:
    only = 'X:1\nT:Only\nM:4/4\nK:F\n"F7"z8|"Bb7"z8|"C7"z8|\n'
    assert chart_of(tmp_path, "only.abc", only) == "F7 | Bb7 | C7"
    marks = track([text(4 * bar, name) for bar, name in enumerate(("F7", "Bb7", "C7"))])
    assert chart_of(tmp_path, "marks.mid", midi(marks)) == "F7 | Bb7 | C7"
    symbol = (
        "<harmony><root><root-step>F</root-step></root><kind>dominant</kind></harmony>"
        "<note><rest/><duration>48</duration></note>"
    )
    page = musicxml([ATTRIBUTES + symbol, "<note><rest/><duration>48</duration></note>"])
    assert chart_of(tmp_path, "page.musicxml", page) == "F7 | /"


def test_chords_that_ring_over_make_no_bar_and_a_count_in_is_none(tmp_path: Path) -> None:
    count_in = track([event for beat in range(4) for event in note(beat, beat + 1, 37, channel=9)])
    chords = (
        block(1, 48, 52, 55, 58) + block(2, 53, 57, 60, 63) + block(3, 48, 52, 55, 58, rings=0.4)
    )
    assert chart_of(tmp_path, "keys.mid", midi(count_in, track(chords))) == "C7 | F7 | C7"
    assert told(JazzPrompt(str(tmp_path / "keys.mid")))[1:] == [
        "of the chart: its chords are inferred from its notes",
        "of the chart: 1 bar in front of its first chord and note is passed over",
    ]


def test_chart_and_phrase_of_one_file_with_a_count_in_begin_together(tmp_path: Path) -> None:
    count_in = track([event for beat in range(8) for event in note(beat, beat + 1, 37, channel=9)])
    line = [event for beat in range(8, 12) for event in note(beat, beat + 1, 60 + beat)]
    symbols = [text(8 + 4 * bar, name) for bar, name in enumerate(("Dm7", "G7", "Cmaj7", "A7"))]
    path = str(tmp_path / "count.mid")
    Path(path).write_bytes(midi(count_in, track([*symbols, *line], end=24 * 480)))
    setting = condition(JazzPrompt(path, prime=path, choruses=2))
    assert setting.kept is not None
    assert [one.onset for one in setting.kept.notes] == [0, 24, 48, 72]
    words = "of the chart: 2 bars in front of its first chord and note are passed over"
    assert words in told(JazzPrompt(path, prime=path))
    alone = condition(JazzPrompt("Dm7 | G7 | C6 | C6", prime=path)).kept
    assert alone is not None and alone.notes[0].onset == 8 * 24, "else rests stay"


def test_a_pickup_of_few_notes_is_a_bar_of_the_chart(tmp_path: Path) -> None:
    events = [meter(0, 1, 2), meter(1, 4, 2), text(1, "Dm7"), text(5, "G7"), text(9, "Cmaj7")]
    line = [event for beat in range(5) for event in note(beat, beat + 1, 62 + beat)]
    found = chart_of(tmp_path, "few.mid", midi(track([*events, *line])))
    assert found == "1/4: N.C. | 4/4: Dm7 | G7 | Cmaj7"


def test_the_last_bars_of_a_file_of_symbols_alone_count(tmp_path: Path) -> None:
    symbols = [text(4 * bar, name) for bar, name in enumerate(("Dm7", "G7", "Cmaj7"))]
    found = chart_of(tmp_path, "symbols.mid", midi(track(symbols, end=16 * 480)))
    assert found == "Dm7 | G7 | Cmaj7 | /"
    more = midi(track(symbols), track([], end=16 * 480))
    assert chart_of(tmp_path, "two.mid", more) == found, "any track ends it"
    assert chart_of(tmp_path, "none.mid", midi(track(symbols))) == "Dm7 | G7 | Cmaj7"


def test_a_cut_form_is_told(tmp_path: Path) -> None:
    chart = parse_chart("1/4: N.C. | 4/4: C7 | F7 | C7 | C7")
    notes = tuple(Note(24 + 24 * beat, 24, 60) for beat in range(9))
    path = tmp_path / "traded.mid"
    for form, remarks in ((12, ("its chart is 4 of the 12 bars of its form",)), (4, ()), (2, ())):
        path.write_bytes(midi_bytes(Solo(chart, notes, playing=Playing(form=form))))
        found = music_chart(path)
        assert len(found.bars) == 1 + min(form, 4)
        assert found.remarks == remarks


def test_what_a_page_says_of_its_form_and_is_not_followed_is_told(tmp_path: Path) -> None:
    symbol = (
        "<harmony><root><root-step>F</root-step></root><kind>dominant</kind></harmony>"
        "<note><rest/><duration>48</duration></note>"
    )
    jump = (
        "<direction><direction-type><words>D.C. al Fine</words></direction-type>"
        '<sound dacapo="yes"/></direction>'
    )
    path = tmp_path / "page.musicxml"
    path.write_text(musicxml([ATTRIBUTES + symbol, symbol + jump]), "utf-8")
    assert told(JazzPrompt(str(path)))[1:] == [
        "of the chart: its D.C., D.S. and coda signs are not followed: write such a form out"
    ]


def test_jumps_and_the_order_of_parts_of_a_tune_are_told(tmp_path: Path) -> None:
    path = tmp_path / "jumps.abc"
    path.write_text('X:1\nT:T\nP:AAB\nM:4/4\nL:1/4\nK:C\nP:A\n"C"CDEF|\nP:B\n"F"C4!D.C.!|\n')
    form, page = "write such a form out", "not followed"
    jumps, order = f"its D.C., D.S. and coda signs are {page}", f"its order of parts (P:) is {page}"
    assert [words for words in told(JazzPrompt(str(path))) if "followed" in words] == [
        f"of the chart: {jumps}: {form}",
        f"of the chart: {order}: {form}",
    ]
    assert told(JazzPrompt("C | F | G | C", prime=str(path)))[1:] == [
        f"of the phrase: {jumps}",
        f"of the phrase: {order}",
    ]


def test_a_tune_that_cannot_be_used_is_told_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "book.abc"
    path.write_text(HEAD + "\nX:2\nT:Bare\nM:4/4\nK:C\nCDEF GABc|\n")
    assert music_chart(path).title == "Head"
    with pytest.raises(
        DataError, match="no song 'bare' among 'Head'; left out are tune 'Bare': it has no chords"
    ):
        music_chart(path, "bare")
    path.write_text("X:2\nT:Bare\nM:4/4\nK:C\nCDEF GABc|\n")
    with pytest.raises(DataError, match=r"book\.abc: it has no chords"):
        music_chart(path)


def test_what_is_not_played_of_an_ireal_song_is_told() -> None:
    link = "irealbook://Tune=One Some=Swing=C=n=T44C   |D (E7)  |QF   |G   Z[QA   Z"
    lines = [
        "of the chart: its alternate chords in brackets are left out",
        "of the chart: its coda is left out: it follows the last chorus only",
    ]
    assert told(JazzPrompt(link))[1:] == lines
    assert told(JazzPrompt(source_text(link), choruses=2))[1:] == lines, "settled text says it too"


@given(charts, st.lists(st.text("ab #:|[]é", min_size=1).map(str.strip), max_size=3))
def test_remarks_stay_with_the_text_of_a_chart(chart: object, words: list[str]) -> None:
    remarks = tuple(" ".join(word.split()) for word in words if word)
    said = replace(chart, remarks=remarks)  # type: ignore[type-var]
    back = parse_chart(said.sheet)
    assert back == chart and back.remarks == remarks
