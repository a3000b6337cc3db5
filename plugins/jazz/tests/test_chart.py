"""Charts: bars and chords fall where a musician expects them, and the text form reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.chart import Bar, Chart, parse_chart
from seqgen_jazz.chord import NO_CHORD, parse_chord
from seqgen_jazz.solo import Note, Solo, check_solo

from seqgen import DataError

CHORDS = [parse_chord(text) for text in ("C", "Dm7", "G7b9", "F#m7b5/C", "B7alt", "N.C.", "Eb6")]
METERS = [(4, 4), (3, 4), (5, 4), (6, 8), (12, 8), (7, 8), (2, 2), (1, 4), (3, 16)]


@st.composite
def bars(draw: st.DrawFn) -> Bar:
    meter = draw(st.sampled_from(METERS))
    ticks = st.integers(0, Bar((), meter).ticks - 1)
    beat = Bar((), meter).beat_ticks
    on_beats = st.integers(0, Bar((), meter).beats - 1).map(lambda place: place * beat)
    places = draw(st.sets(st.one_of(on_beats, ticks), max_size=5))
    return Bar(tuple((at, draw(st.sampled_from(CHORDS))) for at in sorted(places)), meter)


charts = st.lists(bars(), min_size=1, max_size=6).map(lambda found: Chart(tuple(found)))


@given(charts)
def test_text_reads_back_to_an_equal_chart(chart: Chart) -> None:
    assert parse_chart(chart.text) == chart
    assert str(parse_chart(str(chart))) == str(chart)


@given(charts, st.integers(-12, 12))
def test_transposing_comes_back_and_keeps_every_place(chart: Chart, by: int) -> None:
    moved = chart.transpose(by)
    assert moved.transpose(-by) == chart
    assert [tick for tick, _ in moved.changes] == [tick for tick, _ in chart.changes]


@given(charts)
def test_chord_at_is_the_last_change_before(chart: Chart) -> None:
    for tick in range(0, chart.ticks, 5):
        last = [chord for at, chord in chart.changes if at <= tick][-1]
        assert chart.chord_at(tick) == last
        bar = chart.bar_at(tick)
        assert chart.bar_starts[bar] <= tick < chart.bar_starts[bar + 1]


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        ("C", [0]),
        ("C F", [0, 48]),
        ("C F G7", [0, 48, 72]),
        ("C F G7 C", [0, 24, 48, 72]),
        ("C F G7 C C F G7 C", [0, 12, 24, 36, 48, 60, 72, 84]),
        ("C / / G7", [0, 72]),
        ("/ / G7 /", [48]),
        ("C G7@2.5", [0, 36]),
        ("C G7@2+8", [0, 32]),
        ("3/4: C G7", [0, 48]),
        ("3/4: C F G7", [0, 24, 48]),
        ("6/8: C G7", [0, 36]),
        ("5/4: C G7", [0, 72]),
        ("/", []),
    ],
)
def test_chords_spread_over_the_bar(text: str, starts: list[int]) -> None:
    assert [tick for tick, _ in parse_chart(text).bars[0].changes] == starts


def test_percent_repeats_and_a_held_bar_adds_no_change() -> None:
    chart = parse_chart("Dm7 G7 | % | / | Cmaj7")
    assert chart.bars[1] == chart.bars[0]
    assert chart.bars[2].changes == ()
    assert chart.chord_at(2 * 96) == parse_chord("G7")
    assert chart.ticks == 4 * 96


def test_a_chart_that_begins_without_a_chord_begins_with_no_chord() -> None:
    assert parse_chart("/ | C").chord_at(0) == NO_CHORD


def test_lines_and_outer_bar_lines() -> None:
    lines = "| Dm7 | G7 |\n\n  | Cmaj7 | % |\n"
    assert parse_chart(lines) == parse_chart("Dm7 | G7 | Cmaj7 | %")
    assert parse_chart("Dm7 | G7\nCmaj7") == parse_chart("Dm7|G7|Cmaj7")


def test_meter_holds_until_the_next() -> None:
    chart = parse_chart("3/4: C | F | 4/4: G7 | C")
    assert [bar.meter for bar in chart.bars] == [(3, 4), (3, 4), (4, 4), (4, 4)]
    assert chart.bar_starts == (0, 72, 144, 240, 336)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("C | | G7", "bar 2 .*empty"),
        ("C || G7", "bar 2 .*empty"),
        ("C | Gx7", "bar 2 .*'Gx7' at column 2"),
        ("% | C", "bar 1 .*first bar"),
        ("C % | C", "bar 1 .*alone"),
        ("C F G A B", "bar 1 .*5 chords in a bar of 4/4"),
        ("C / G7", "bar 1 .*3 entries"),
        ("4/3: C", "bar 1 .*meter 4/3"),
        ("0/4: C", "bar 1 .*meter 0/4"),
        ("C G7@7", "bar 1 .*not at a tick"),
        ("C G7@2 F@2", "bar 1 .*after"),
        ("C G7@2 F", "bar 1 .*no place"),
        ("C | 3/4: %", "bar 2 .*another meter"),
        (": C :", "bar 1 .*repeat"),
    ],
)
def test_errors_name_the_bar(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        parse_chart(text)


def test_solo_transposes_with_its_chart() -> None:
    solo = Solo(parse_chart("C7"), (Note(0, 12, 60), Note(24, 12, 70)))
    up = solo.transpose(2)
    assert up.chart == parse_chart("D7")
    assert [note.pitch for note in up.notes] == [62, 72]
    assert up.transpose(-2) == solo
    with pytest.raises(DataError, match="pitch 130"):
        solo.transpose(70)


@pytest.mark.parametrize(
    ("notes", "words"),
    [
        ((Note(0, 0, 60),), "lasts 0"),
        ((Note(0, 12, 128),), "pitch 128"),
        ((Note(0, 12, 60), Note(8, 4, 61)), "note 2 .*before 12"),
        ((Note(90, 12, 60),), "ends at tick 102"),
        ((Note(-2, 12, 60),), "note 1 .*tick -2"),
    ],
)
def test_check_solo_names_the_note(notes: tuple[Note, ...], words: str) -> None:
    with pytest.raises(DataError, match=words):
        check_solo(Solo(parse_chart("C7"), notes))


def test_check_solo_accepts_touching_notes() -> None:
    check_solo(Solo(parse_chart("C7"), (Note(0, 48, 60), Note(48, 48, 60))))
