"""The score of a performance: layout, key, note names and readable rhythm."""

from __future__ import annotations

from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given, settings
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.output.musicxml.note_values import readable_rhythm
from seqgen_jazz.output.musicxml.notes_and_chord_symbols import Accidentals
from seqgen_jazz.output.musicxml.score import Layout, musicxml
from seqgen_jazz.output.spelling import Spelled, Speller
from seqgen_jazz.output.text_roll import text_roll
from symusic import Score

from .solos import solos

TUNE = """title: Round the Corner
composer: A. Nonymous
key: G
[A] Gmaj7 | G#dim7 | Am7 | D7 | Bm7 | Eb7
[B] Cmaj7 | C#m7b5 F#7 | F7 | Gmaj7
"""


def parse_score(solo: Solo) -> Element:
    return fromstring(musicxml(solo))


@settings(max_examples=60, deadline=None)
@given(solos())
def test_readable_notes_move_by_at_most_a_twelfth_of_a_beat(solo: Solo) -> None:
    written = readable_rhythm(solo.notes, solo.chart)
    assert [one.note for one in written] == list(solo.notes)
    assert all(abs(one.start - one.note.onset) <= 2 for one in written)
    assert all(one.start < one.end <= other.start for one, other in pairwise(written))
    assert not written or (written[0].start >= 0 and written[-1].end <= solo.chart.ticks)


def times(*notes: tuple[int, int]) -> list[tuple[int, int]]:
    """Starts and ends as written, of (onset, duration) in a bar of 4/4."""
    line = [Note(onset, duration, 60) for onset, duration in notes]
    return [(one.start, one.end) for one in readable_rhythm(line, parse_chart("C7"))]


def test_readable_rhythm_removes_short_rests_and_irregularities() -> None:
    assert times((0, 9), (12, 9), (24, 24)) == [(0, 12), (12, 24), (24, 48)]
    assert times((0, 7), (9, 7), (15, 9)) == [(0, 8), (8, 16), (16, 24)], "a triplet"
    assert times((0, 5), (7, 5), (11, 4), (18, 5)) == [(0, 6), (6, 12), (12, 18), (18, 24)]
    assert times((23, 12), (60, 6)) == [(24, 36), (60, 72)]
    assert times((6, 2), (48, 48)) == [(6, 12), (48, 96)]
    (one,) = readable_rhythm([Note(0, 6, 60)], parse_chart("C7"))
    assert one.is_short and one.end == 12


def test_twelve_eight_is_written_in_eighths() -> None:
    chart = parse_chart("12/8: C7")
    line = [Note(0, 10, 60), Note(14, 9, 60), Note(28, 6, 60), Note(36, 36, 60)]
    written = [(one.start, one.end) for one in readable_rhythm(line, chart)]
    assert written == [(0, 12), (12, 30), (30, 36), (36, 72)]


def test_notes_on_both_sides_of_a_bar_line_are_not_joined() -> None:
    chart = parse_chart("7/8: C7 | F7")
    written = readable_rhythm([Note(70, 12, 60), Note(82, 4, 65), Note(86, 12, 70)], chart)
    assert [(one.start, one.end) for one in written] == [(72, 81), (81, 84), (84, 108)]


def test_lines_break_every_four_bars_and_at_sections() -> None:
    layout = Layout(parse_chart(TUNE), 0)
    assert layout.line_breaks == {4, 6}
    assert [layout.bar_style(bar) for bar in (4, 5, 9)] == ["", "light-light", "light-heavy"]
    pickup = Layout(parse_chart("1/4: D7 | 4/4: G | C | D | G | C"), 0)
    assert [pickup.number(bar) for bar in (0, 1, 5)] == [0, 1, 5]
    assert pickup.line_breaks == {5}
    assert pickup.meter(0) == (4, 4)
    twice = Layout(parse_chart("C | F | G | C"), 2)
    assert [twice.marks(bar)[1] for bar in range(4)] == ["Chorus 1", "", "Chorus 2", ""]


def test_a_pickup_is_a_short_bar_without_a_number() -> None:
    first, second, *_ = parse_score(Solo(parse_chart("1/4: D7 | 4/4: G | C"), ())).iter("measure")
    assert (first.get("number"), first.get("implicit")) == ("0", "yes")
    assert first.findtext("attributes/time/beats") == "4" and second.find("attributes") is None


def test_a_score_contains_key_composer_and_marks() -> None:
    score = parse_score(Solo(parse_chart(TUNE), (), performance=Performance()))
    assert score.findtext("identification/creator") == "A. Nonymous"
    assert score.findtext(".//key/fifths") == "1" and score.findtext(".//key/mode") == "major"
    assert [mark.text for mark in score.iter("rehearsal")] == ["A", "B"]
    assert [score.findtext(f".//swing/{name}") for name in ("first", "second")] == ["3", "2"]


@pytest.mark.parametrize(
    ("meter", "eighths"), [("6/8", "even"), ("7/8", "even"), ("7/16", "even"), ("3/4", "swung")]
)
def test_eighths_swing_in_meters_of_quarter_notes(meter: str, eighths: str) -> None:
    score = parse_score(Solo(parse_chart(f"{meter}: Cm6 | Fm7"), (), performance=Performance()))
    assert score.findtext(".//words") == f"Swing ({eighths} eighths)"
    assert (score.find(".//swing/straight") is None) == (eighths == "swung")


def test_roots_are_named_by_key_and_direction() -> None:
    chart = parse_chart(TUNE)
    names = [
        root.step + {-1: "b", 0: "", 1: "#"}[root.alter]
        for root in (Speller(chart).root(tick) for tick, _ in chart.changes)
    ]
    assert names == ["G", "G#", "A", "D", "B", "Eb", "C", "C#", "F#", "F", "G"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Bb", "Bb6 | F#m7 B7 | Emaj7 | C#m7b5 F#7b9 | Bm7 E7 | Abm7 Db7 | Gb7 Cm7/Bb | F7"),
        ("C", "Cmaj7 | Fm7 Bb7 | Bbm7 Eb7 | Abmaj7 | Dbmaj7 | Dm7 Db7 | C6"),
        ("D", "Dmaj7 | F#m7 B7 | Fm7 Bb7 | Ebmaj7 | G#m7b5 C#7 | F#m7 Fdim7 | Em7 A7"),
        ("Eb", "Ebmaj7 Edim7 | Fm7 F#dim7 | Gm7 C7 | Gbmaj7 B7 | Bbm7 A7 | Abmaj7"),
        ("Db", "Dbmaj7 | Ebm7 Ab7 | Fm7 Bb7 | Emaj7 | Gbm6 B7 | A7 Ab7 | Amaj7 D7"),
    ],
)
def test_chords_outside_the_key_are_named_by_direction(key: str, text: str) -> None:
    chart = parse_chart(f"key: {key}\n{text}")
    names = [Speller(chart).symbol(tick) for tick, _ in chart.changes]
    assert names == text.replace("|", "").split()


def test_six_accidentals_are_flats() -> None:
    """A ballad in E flat minor is not in D sharp minor."""
    text = "Ebm Cm7b5 | Fm7b5 Bb7b9 | Ebm7 Ab7 | Bm7 E7 Bbm7 Eb7 | Abm7 Db7 | Gbmaj7"
    solo = Solo(parse_chart(f"key: Ebm\n{text}"), (Note(0, 24, 66), Note(24, 24, 71)))
    marks = [mark.text for mark in Score.from_midi(midi_bytes(solo)).markers]
    assert marks == text.replace("|", "").split()
    assert parse_score(solo).findtext(".//key/fifths") == "-6"
    assert b"\xff\x59\x02\xfa\x01" in midi_bytes(solo)
    read = [(p.findtext("step"), p.findtext("alter")) for p in parse_score(solo).iter("pitch")]
    assert read == [("G", "-1"), ("C", "-1")], "C flat is in the signature"


def test_markers_roll_and_score_name_chords_alike() -> None:
    """The canonical text of a chord ignores the key: six semitones above C are F# there."""
    text = "Dbmaj7 | Gbmaj7 | Ebm7/Gb | N.C. | Ab7"
    solo = Solo(parse_chart(f"key: Db\n{text}"), (Note(0, 24, 61),))
    named = text.split(" | ")
    assert [mark.text for mark in Score.from_midi(midi_bytes(solo)).markers] == named
    shown = text_roll(solo).splitlines()[0]
    assert shown.split() == named[:4]
    steps = [one.findtext("root/root-step") for one in parse_score(solo).iter("harmony")]
    assert steps == ["D", "G", "E", "C", "A"]


@pytest.mark.parametrize(
    ("pitch", "following", "name"),
    [(61, 62, "C#"), (61, 60, "Db"), (61, 65, "Db"), (66, 67, "F#"), (66, 65, "Gb")],
)
def test_notes_outside_the_chord_are_named_by_direction(
    pitch: int, following: int, name: str
) -> None:
    found = Speller(parse_chart("key: C\nC6")).note(pitch, 0, following)
    assert found.step + {-1: "b", 0: "", 1: "#"}[found.alter] == name


def test_accidentals_follow_the_key_and_remind() -> None:
    accidentals = Accidentals(1)  # F sharp
    assert accidentals.mark(Spelled("F", 1, 4)) is None
    assert accidentals.mark(Spelled("F", 0, 4)) == ("natural", False)
    assert accidentals.mark(Spelled("F", 0, 4)) is None
    assert accidentals.mark(Spelled("F", 1, 5)) == ("sharp", True), "another octave"
    accidentals.start_bar()
    assert accidentals.mark(Spelled("F", 1, 4)) == ("sharp", True), "as before the bar line"
    assert accidentals.mark(Spelled("F", 1, 4)) is None
    accidentals.start_bar()
    assert accidentals.mark(Spelled("F", 1, 4)) is None


@settings(max_examples=20, deadline=None)
@given(solos())
def test_bars_of_a_performance_are_full_and_contain_every_note(solo: Solo) -> None:
    played = Solo(
        solo.chart, solo.notes, performance=Performance(lyrics=True, form=len(solo.chart.bars))
    )
    score = parse_score(played)
    lengths = [
        sum(int(note.findtext("duration", "")) for note in bar.iter("note"))
        for bar in score.iter("measure")
    ]
    assert lengths == [bar.ticks for bar in solo.chart.bars]
    struck = [
        note
        for note in score.iter("note")
        if note.find("pitch") is not None
        and "stop" not in [tie.get("type") for tie in note.findall("tie")]
    ]
    assert len(struck) == len(solo.notes)
