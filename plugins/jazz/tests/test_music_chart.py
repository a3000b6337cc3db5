"""Music files as charts: all their bars, with remarks on signs that are not followed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.options import BLUES, GenerationOptions
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.prompting.load_chart import music_chart, read_chart

from seqgen import DataError

from .conditions import condition, notices
from .files import ATTRIBUTES, Event, meter, midi, musicxml, note, text, track
from .solos import charts

#: An ABC blues in F with rests in bars 1 and 12, as in many heads.
HEAD = (
    "X:1\nT:Head\nM:4/4\nL:1/4\nK:F\n"
    '"F7"z4|"Bb7"FGAc|"F7"FGAc|z4|"Bb7"FGAc|z4|"F7"FGAc|"D7"FGAc|"Gm7"FGAc|"C7"FGAc|"F7"FGAc|"C7"z4|\n'
)
FORM = "F7 | Bb7 | F7 | / | Bb7 | / | F7 | D7 | Gm7 | C7 | F7 | C7"


def chart_text(folder: Path, name: str, content: str | bytes) -> str:
    """The bars of the chart of a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return music_chart(path).text


def test_bars_of_rest_belong_to_the_form(tmp_path: Path) -> None:
    assert chart_text(tmp_path, "head.abc", HEAD) == FORM
    assert music_chart(tmp_path / "head.abc").tempo is None, "the file has none"
    assert chart_text(tmp_path, "quick.abc", HEAD.replace("M:", "Q:1/4=220\nM:")) == FORM
    assert music_chart(tmp_path / "quick.abc").tempo == 220
    solo = condition(GenerationOptions(str(tmp_path / "head.abc"), choruses=2))
    assert len(solo.chart.bars) == 24


@pytest.mark.parametrize(("text", "choruses"), [(BLUES, 2), ("1/4: D7 | G | C | D | G", 3)])
def test_a_file_of_this_plugin_gives_one_chorus_of_its_chart(
    text: str, choruses: int, tmp_path: Path
) -> None:
    chart = parse_chart(f"key: F\n{text}")
    form = len(chart.bars) - chart.pickup
    start = chart.bar_starts[1]
    notes = tuple(Note(start + 24 * beat, 24, 60) for beat in range(9))
    performance = Performance(form=form)
    solo = Solo(chart.repeat(choruses), notes, tempo=92.0, performance=performance)
    path = tmp_path / "played.mid"
    path.write_bytes(midi_bytes(solo))
    found = music_chart(path)
    assert found == chart
    assert (found.title, found.tempo, str(found.key)) == ("played", 92, "F")


def block(starts: int, *pitches: int, rings: float = 0.0) -> list[Event]:
    """A chord that lasts a bar, from the start of bar ``starts``."""
    return [event for one in pitches for event in note(4 * starts, 4 * starts + 4 + rings, one)]


def test_a_chart_needs_no_notes(tmp_path: Path) -> None:
    only = 'X:1\nT:Only\nM:4/4\nK:F\n"F7"z8|"Bb7"z8|"C7"z8|\n'
    assert chart_text(tmp_path, "only.abc", only) == "F7 | Bb7 | C7"
    marks = track([text(4 * bar, name) for bar, name in enumerate(("F7", "Bb7", "C7"))])
    assert chart_text(tmp_path, "marks.mid", midi(marks)) == "F7 | Bb7 | C7"
    symbol = (
        "<harmony><root><root-step>F</root-step></root><kind>dominant</kind></harmony>"
        "<note><rest/><duration>48</duration></note>"
    )
    page = musicxml([ATTRIBUTES + symbol, "<note><rest/><duration>48</duration></note>"])
    assert chart_text(tmp_path, "page.musicxml", page) == "F7 | /"


def test_long_chords_make_no_extra_bar_and_a_count_in_is_skipped(tmp_path: Path) -> None:
    count_in = track([event for beat in range(4) for event in note(beat, beat + 1, 37, channel=9)])
    chords = (
        block(1, 48, 52, 55, 58) + block(2, 53, 57, 60, 63) + block(3, 48, 52, 55, 58, rings=0.4)
    )
    assert chart_text(tmp_path, "keys.mid", midi(count_in, track(chords))) == "C7 | F7 | C7"
    assert notices(GenerationOptions(str(tmp_path / "keys.mid")))[1:] == [
        "of the chart: its chords are inferred from its notes",
        "of the chart: 1 bar before its first chord and note skipped",
    ]


def test_chart_and_phrase_of_one_file_with_a_count_in_begin_together(tmp_path: Path) -> None:
    count_in = track([event for beat in range(8) for event in note(beat, beat + 1, 37, channel=9)])
    line = [event for beat in range(8, 12) for event in note(beat, beat + 1, 60 + beat)]
    symbols = [text(8 + 4 * bar, name) for bar, name in enumerate(("Dm7", "G7", "Cmaj7", "A7"))]
    path = str(tmp_path / "count.mid")
    Path(path).write_bytes(midi(count_in, track([*symbols, *line], end=24 * 480)))
    found = condition(GenerationOptions(path, prime=path, choruses=2))
    assert [one.onset for one in found.fixed.notes] == [0, 24, 48, 72]
    words = "of the chart: 2 bars before its first chord and note skipped"
    assert words in notices(GenerationOptions(path, prime=path))
    alone = condition(GenerationOptions("Dm7 | G7 | C6 | C6", prime=path)).fixed
    assert alone is not None and alone.notes[0].onset == 8 * 24, "otherwise rests are kept"


def test_a_pickup_of_few_notes_is_a_bar_of_the_chart(tmp_path: Path) -> None:
    events = [meter(0, 1, 2), meter(1, 4, 2), text(1, "Dm7"), text(5, "G7"), text(9, "Cmaj7")]
    line = [event for beat in range(5) for event in note(beat, beat + 1, 62 + beat)]
    found = chart_text(tmp_path, "few.mid", midi(track([*events, *line])))
    assert found == "1/4: N.C. | 4/4: Dm7 | G7 | Cmaj7"


def test_the_last_bars_of_a_file_of_symbols_alone_count(tmp_path: Path) -> None:
    symbols = [text(4 * bar, name) for bar, name in enumerate(("Dm7", "G7", "Cmaj7"))]
    found = chart_text(tmp_path, "symbols.mid", midi(track(symbols, end=16 * 480)))
    assert found == "Dm7 | G7 | Cmaj7 | /"
    more = midi(track(symbols), track([], end=16 * 480))
    assert chart_text(tmp_path, "two.mid", more) == found, "any track ends it"
    assert chart_text(tmp_path, "none.mid", midi(track(symbols))) == "Dm7 | G7 | Cmaj7"


def test_a_cut_form_is_a_remark(tmp_path: Path) -> None:
    chart = parse_chart("1/4: N.C. | 4/4: C7 | F7 | C7 | C7")
    notes = tuple(Note(24 + 24 * beat, 24, 60) for beat in range(9))
    path = tmp_path / "traded.mid"
    for form, remarks in ((12, ("its chart is 4 of the 12 bars of its form",)), (4, ()), (2, ())):
        path.write_bytes(midi_bytes(Solo(chart, notes, performance=Performance(form=form))))
        found = music_chart(path)
        assert len(found.bars) == 1 + min(form, 4)
        assert found.remarks == remarks


def test_jumps_of_musicxml_are_a_remark(tmp_path: Path) -> None:
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
    assert notices(GenerationOptions(str(path)))[1:] == [
        "of the chart: its D.C., D.S. and coda signs are not followed: write such a form out"
    ]


def test_jumps_and_the_order_of_parts_of_abc_are_remarks(tmp_path: Path) -> None:
    path = tmp_path / "jumps.abc"
    path.write_text('X:1\nT:T\nP:AAB\nM:4/4\nL:1/4\nK:C\nP:A\n"C"CDEF|\nP:B\n"F"C4!D.C.!|\n')
    form, page = "write such a form out", "not followed"
    jumps, order = f"its D.C., D.S. and coda signs are {page}", f"its order of parts (P:) is {page}"
    assert [words for words in notices(GenerationOptions(str(path))) if "followed" in words] == [
        f"of the chart: {jumps}: {form}",
        f"of the chart: {order}: {form}",
    ]
    assert notices(GenerationOptions("C | F | G | C", prime=str(path)))[1:] == [
        f"of the phrase: {jumps}",
        f"of the phrase: {order}",
    ]


def test_an_unusable_tune_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "book.abc"
    path.write_text(HEAD + "\nX:2\nT:Bare\nM:4/4\nK:C\nCDEF GABc|\n")
    assert music_chart(path).title == "Head"
    with pytest.raises(
        DataError, match="no song 'bare' among 'Head'; skipped: tune 'Bare': it has no chords"
    ):
        music_chart(path, "bare")
    path.write_text("X:2\nT:Bare\nM:4/4\nK:C\nCDEF GABc|\n")
    with pytest.raises(DataError, match=r"book\.abc: it has no chords"):
        music_chart(path)


def test_parts_of_an_ireal_song_that_are_not_played_are_shown() -> None:
    link = "irealbook://Tune=One Some=Swing=C=n=T44C   |D (E7)  |QF   |G   Z[QA   Z"
    lines = [
        "of the chart: its alternate chords in brackets are skipped",
        "of the chart: its coda is skipped: it follows only the last chorus",
    ]
    assert notices(GenerationOptions(link))[1:] == lines
    assert notices(GenerationOptions(read_chart(link)[0], choruses=2))[1:] == lines, (
        "also from the text of the chart"
    )


@given(charts, st.lists(st.text("ab #:|[]é", min_size=1).map(str.strip), max_size=3))
def test_remarks_are_part_of_the_sheet(chart: object, words: list[str]) -> None:
    remarks = tuple(" ".join(word.split()) for word in words if word)
    remarked = replace(chart, remarks=remarks)  # type: ignore[type-var]
    back = parse_chart(remarked.sheet)
    assert back == chart and back.remarks == remarks
