"""Charts: bars and chords at the ticks where a musician expects them, and their text form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Solo, check_solo
from seqgen_jazz.harmony.chord import NO_CHORD
from seqgen_jazz.harmony.chord_parser import parse_chord

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
def test_text_parses_to_an_equal_chart(chart: Chart) -> None:
    assert parse_chart(chart.text) == chart
    assert str(parse_chart(str(chart))) == str(chart)


@given(charts, st.integers(-12, 12))
def test_transposing_is_invertible_and_keeps_every_tick(chart: Chart, by: int) -> None:
    moved = chart.transpose(by)
    assert moved.transpose(-by) == chart
    assert [tick for tick, _ in moved.changes] == [tick for tick, _ in chart.changes]


@given(charts)
def test_chord_at_is_the_last_change_up_to_a_tick(chart: Chart) -> None:
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
def test_chords_share_their_bar(text: str, starts: list[int]) -> None:
    assert [tick for tick, _ in parse_chart(text).bars[0].changes] == starts


def test_percent_repeats_and_a_slash_adds_no_change() -> None:
    chart = parse_chart("Dm7 G7 | % | / | Cmaj7")
    assert chart.bars[1] == chart.bars[0]
    assert chart.bars[2].changes == ()
    assert chart.chord_at(2 * 96) == parse_chord("G7")
    assert chart.ticks == 4 * 96


def test_a_chart_without_a_first_chord_begins_with_no_chord() -> None:
    assert parse_chart("/ | C").chord_at(0) == NO_CHORD


def test_lines_and_outer_bar_lines() -> None:
    lines = "| Dm7 | G7 |\n\n  | Cmaj7 | % |\n"
    assert parse_chart(lines) == parse_chart("Dm7 | G7 | Cmaj7 | %")
    assert parse_chart("Dm7 | G7\nCmaj7") == parse_chart("Dm7|G7|Cmaj7")


def test_a_meter_stays_in_force() -> None:
    chart = parse_chart("3/4: C | F | 4/4: G7 | C")
    assert [bar.meter for bar in chart.bars] == [(3, 4), (3, 4), (4, 4), (4, 4)]
    assert chart.bar_starts == (0, 72, 144, 240, 336)


def names(chart: Chart) -> list[str]:
    """Each bar of a chart as text."""
    return [" ".join(chord.text for _, chord in bar.changes) or "/" for bar in chart.bars]


@pytest.mark.parametrize(
    ("text", "played"),
    [
        ("|: C | F :|", "C F C F"),
        ("C | F :| G", "C F C F G"),
        ("|: C :|: F :| G", "C C F F G"),
        ("|: C :||: F :|", "C C F F"),
        ("|: C :| |: F :|", "C C F F"),
        ("{ C | F } G", "C F C F G"),
        ("|: C :|x3 F", "C C C F"),
        ("|: C :| 4x | F", "C C C C F"),
        ("|: C |1. F :|2. G | A", "C F C G A"),
        ("|: C |[1. F | D :|[2. G | A", "C F D C G A"),
        ("|: C |1,2. F :|3. G | A", "C F C F C G A"),
        ("|: C | 1. F :| 2. G :| 3. A | B", "C F C G C A B"),
        ("C || F || G", "C F G"),
        ("C |\n|: F | G :|\n| A", "C F G F G A"),
        ("Dm7,G7|C", "Dm7 G7|C"),
        ("C # the tonic\n# a line\n| F#7 |", "C F#7"),
    ],
)
def test_repeats_and_endings_are_written_out(text: str, played: str) -> None:
    bars = played.split("|") if "|" in played else played.split()
    assert names(parse_chart(text)) == bars


def test_brackets_keep_a_chord_together() -> None:
    assert names(parse_chart("C7(b9, #11) | C:maj7 F:min7")) == ["C7b9#11", "Cmaj7 Fm7"]


def test_labels_are_parsed_and_sections_mark_the_bars_in_playing_order() -> None:
    text = """
    # labels
    title: Round the Corner # 2
    composer: Unknown
    style: Medium Swing
    key: D-
    tempo: 132.5
    meter: 3/4

    [A] |: Dm7 | A7 :|
    [B1] 4/4: Gm7 | C7 | # the end
    """
    chart = parse_chart(text)
    assert (chart.title, chart.composer, chart.style) == (
        "Round the Corner # 2",
        "Unknown",
        "Medium Swing",
    )
    assert (str(chart.key), chart.tempo) == ("Dm", 132.5)
    assert chart.sections == ((0, "A"), (2, "A"), (4, "B1"))
    assert [bar.meter for bar in chart.bars] == [(3, 4)] * 4 + [(4, 4)] * 2
    assert str(chart).startswith("[A] 3/4: Dm7 | A7 | [A] Dm7")
    assert str(chart.transpose(2).key) == "Em"


@st.composite
def labelled(draw: st.DrawFn) -> Chart:
    chart = draw(charts)
    words = st.text("ABCdef gé'#:/|[]0", max_size=12).map(lambda text: " ".join(text.split()))
    places = draw(st.sets(st.integers(0, len(chart.bars) - 1)))
    marks = tuple((at, draw(st.sampled_from(["A", "B2", "Solo 1"]))) for at in sorted(places))
    return Chart(
        chart.bars,
        title=draw(words),
        composer=draw(words),
        key=draw(st.sampled_from([None, parse_chord("Bb"), parse_chord("F#m")])),
        tempo=draw(st.sampled_from([None, 60.0, 162.5])),
        sections=marks,
    )


@given(labelled())
def test_a_sheet_parses_with_all_its_labels(chart: Chart) -> None:
    again = parse_chart(chart.sheet)
    assert again == chart
    for name in ("title", "composer", "style", "key", "tempo", "sections"):
        assert getattr(again, name) == getattr(chart, name), name
    assert again.sheet == chart.sheet
    assert parse_chart(str(chart)).sections == chart.sections


@given(st.text("CFG7m|:/%[]{}1.2,x3 A#-()@\n=", max_size=40))
def test_any_chart_text_is_parsed_stably_or_refused(text: str) -> None:
    try:
        chart = parse_chart(text)
    except DataError as error:
        assert "chart" in str(error)
    else:
        assert parse_chart(chart.sheet) == chart


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C | F\nG | Hm7", r"bar 4 of the chart \(line 2, column 5\): .*'Bm7'"),
        ("C | F G7 Xb", r"bar 2 of the chart \(line 1, column 10\)"),
        ("C | | F", r"bar 2 of the chart \(line 1, column 5\): it is empty"),
        ("C | 2. F", "the form of the chart: bar 2 has ending 2"),
        ("C | 1. F | G", "bar 2 is a first ending"),
        (":| C", "there is no bar before it"),
        ("|: C | F", "repeat that begins at bar 1 of the chart has no end"),
        ("C [A] | F", "before the chords"),
        ("C 1. | F", "before the chords"),
        ("C | [A]", r"ends with a mark \(section\)"),
        ("C x3 | F", "must follow :|"),
        ("|: C :|x99", "2 to 16 times, was 99"),
        ("C } ]", "no meaning here|cannot read"),
        ("[a section with much too long a name] C", "1 to 24 characters"),
        ("swing: yes\nC", "line 1 of the chart: unknown label 'swing'"),
        ("key: C7\nC", "major or minor triad such as Bb or Dm, was 'C7'"),
        ("tempo: fast\nC", "number from 1 to 1000, was 'fast'"),
        ("meter: waltz\nC", "written like 3/4, was 'waltz'"),
    ],
)
def test_errors_name_line_and_column(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        parse_chart(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("C | | G7", "bar 2 .*empty"),
        ("C || | G7", "bar 2 .*empty"),
        ("C | Gx7", "bar 2 .*'Gx7' at column 2"),
        ("% | C", "bar 1 .*first bar"),
        ("C % | C", "bar 1 .*the only entry"),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A: C | F", "bar 1 .*'A:' is no chord; a section is written .A."),
        ("Bridge: C | F", "a section is written .Bridge. before its bars"),
        ("|: C | F |1 G :|2 C", "bar 3 .*an ending is written 1"),
        ("4/4 C | F", "bar 1 .*a meter is written with a colon, as 3/4:"),
        ("C . . . | F", "bar 1 .*/ to hold the previous chord for a beat"),
        ("Dm7 - G7", r"bar 1 .*column 5.*'-' is no chord; write \| between bars"),
        ("Dm7 - G7 -> C6", r"bar 1 .*write \| between bars"),
        ("C F G7 A B", r"5 chords in a bar of 4/4: write \| between bars"),
        ("C | %%", "bar 2 .*% repeats the bar before"),
        ("[: C | F :]", r"bar 1 .*repeats are \|: and :\|"),
        ("C | F D.C. al Coda", "bar 2 .*column 7.*no jumps"),
    ],
)
def test_errors_on_other_notations_name_the_notation_to_use(text: str, words: str) -> None:
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
