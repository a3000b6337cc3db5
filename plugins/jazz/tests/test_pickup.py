"""A pickup before the first chorus changes no beat, no mark and no bar number."""

from __future__ import annotations

from itertools import pairwise

import pytest
from seqgen_jazz.band.arrangement import performance_style, section_starts
from seqgen_jazz.band.band_style import DRUMS
from seqgen_jazz.band.bass import bass_line
from seqgen_jazz.band.comping import comping
from seqgen_jazz.band.drums import drums
from seqgen_jazz.band.meter_and_swing import (
    SCALE,
    Clock,
    beat_starts,
    describe_meters,
    missing_ticks,
)
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.grammar_state import count_off_grid, has_full_beats
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.evaluation.metrics import passages
from seqgen_jazz.output.midi import form_markers
from seqgen_jazz.output.musicxml.note_values import readable_rhythm, split_bar
from seqgen_jazz.output.musicxml.notes_and_chord_symbols import beams
from seqgen_jazz.output.musicxml.score import Layout
from seqgen_jazz.output.piano_roll_png import piano_roll_png
from seqgen_jazz.prompting.fixed_spans import parse_bar_list

from seqgen import DataError

PICKUP = parse_chart("3/8: N.C. | 4/4: C | F | G")
EIGHT = "[A] 1/8: N.C. | 6/8: Cm6 | Fm7 | Cm6 | C7alt"


@pytest.mark.parametrize(
    ("text", "pickup", "bars"),
    [
        (EIGHT, 1, 4),
        ("1/4: D7 | 4/4: G | C | D | 3/4: G", 1, 5),  # the last bar leaves room for it
        ("2/4: D7 | 4/4: G | C | D | 2/4: G", 1, 5),
        ("1/8: N.C. | 4/4: G | C | D", 1, 3),
        ("3/8: D7 | 4/4: G | C | D | 5/8: G", 1, 5),  # here too
        ("1/4: D7 | 6/8: G | C", 1, 2),
        ("6/8: C | 4/4: F | G", 0, 3),  # three quarters counted in two
        ("3/4: C | 4/4: F | G | 3/4: C | 4/4: F | G", 0, 6),  # a form of unequal bars
        ("4/4: C | F | G", 0, 3),
        ("C", 0, 1),
    ],
)
def test_a_pickup_is_played_once_unless_the_last_bar_leaves_room(
    text: str, pickup: int, bars: int
) -> None:
    chart = parse_chart(text)
    assert (chart.pickup, chart.chorus_bars) == (pickup, bars)
    thrice = chart.repeat(3)
    assert thrice.pickup == pickup and len(thrice.bars) == len(chart.bars) + 2 * bars
    assert chart.repeat(1) == chart
    if pickup:
        whole = chart.bars[1].ticks
        assert (thrice.ticks - chart.bars[0].ticks) % whole in (0, thrice.bars[-1].ticks % whole)
        starts = {thrice.bar_starts[at] for at in range(1, len(thrice.bars), bars)}
        assert all((tick - chart.bars[0].ticks) % whole == 0 for tick in starts)


def test_a_chord_held_into_the_first_full_bar_is_held_in_every_chorus() -> None:
    chart = parse_chart("1/4: D7 | 4/4: / | G | C")
    assert [str(chord) for _, chord in chart.repeat(2).changes][-3:] == ["D7", "G", "C"]


def test_marks_drums_and_numbers_count_full_bars() -> None:
    chart = parse_chart(EIGHT).repeat(2)
    assert section_starts(chart, 4) == {1, 5}
    solo = Solo(chart, (), performance=Performance(form=4))
    assert form_markers(solo) == [(12, "Chorus 1, section A"), (300, "Chorus 2, section A")]
    layout = Layout(chart, 4)
    marked = {place: layout.marks(place) for place in range(9) if any(layout.marks(place))}
    assert marked == {1: ("A", "Chorus 1"), 5: ("A", "Chorus 2")}
    for seed in range(4):
        hits = drums(chart, performance_style(Performance()), seed, section_starts(chart, 4))
        assert min(hit.start for hit in hits) == 12, "only the soloist plays in the pickup"
        crashes = [hit.start for hit in hits if hit.pitch == DRUMS["crash"]]
        assert crashes == [300, chart.bar_starts[-2]]


def test_a_section_on_a_pickup_is_repeated_on_the_first_full_bar() -> None:
    """The last bar leaves room for the pickup, which ends the previous chorus."""
    chart = parse_chart("[A] 1/4: G7 | 4/4: C6 | F7 | [B] C6 | 3/4: C6").repeat(2)
    solo = Solo(chart, (), performance=Performance(form=5))
    beats = [(tick / 24, name) for tick, name in form_markers(solo)]
    assert beats == [
        *((1, "Chorus 1, section A"), (9, "Chorus 1, section B")),
        *((17, "Chorus 2, section A"), (25, "Chorus 2, section B")),
    ]
    layout = Layout(chart, 5)
    assert [place for place in range(10) if "A" in layout.marks(place)] == [1, 6]
    hits = drums(chart, performance_style(Performance()), 0, section_starts(chart, 5))
    crashes = [hit.start / 24 for hit in hits if hit.pitch == DRUMS["crash"]]
    assert 17 in crashes and 16 not in crashes


def test_a_last_bar_and_the_pickup_after_it_have_the_beats_of_a_full_bar() -> None:
    """The bar line between them divides a beat; the pulse continues across it."""
    chart = parse_chart("1/8: G7 | 4/4: C6 | F7 | 7/8: C6").repeat(3)
    assert describe_meters(chart) == []
    assert beat_starts(chart) == list(range(12, chart.ticks, 24))
    hits = bass_line(chart, performance_style(Performance()), 0)
    walked = {hit.start for hit in hits if hit.start < chart.bar_starts[-2]}
    assert walked >= set(range(12, chart.bar_starts[-2], 24))
    assert not walked & {chart.bar_starts[4], chart.bar_starts[8]}, "a pickup is no beat"
    played = comping(chart, performance_style(Performance()), 0)
    assert all(hit.end <= chart.ticks for hit in played)
    for text in ("3/8: G7 | 4/4: C6 | F7 | 5/8: C6", "1/8: G7 | 6/8: C6 | F7 | 5/8: C6"):
        odd = parse_chart(text).repeat(2)
        steps = {b - a for a, b in pairwise(beat_starts(odd))}
        assert steps == {odd.bars[1].beat_ticks} and describe_meters(odd) == []
    plain = parse_chart("1/4: G7 | 4/4: C6 | F7 | 3/4: C6").repeat(2)
    assert beat_starts(plain) == list(range(0, plain.ticks, 24))
    cut = parse_chart("1/8: G7 | 4/4: C6 | F7 | 7/8: C6").loop(5)
    assert beat_starts(cut)[-2:] == [276, 288], "nothing follows this pickup"
    held = parse_chart("1/4: G7 | 4/4: C6 | F7 | 6/8: C6")
    assert beat_starts(held)[-2:] == [216, 252], "six eighths are counted in two"


def test_bars_are_numbered_as_in_notation() -> None:
    assert parse_bar_list("0-2,4", "redo", 5, 1) == {0, 1, 2, 4}
    with pytest.raises(DataError, match="bars 5 must ascend within 0 to 4"):
        parse_bar_list("5", "redo", 5, 1)
    long = parse_chart("1/4: D7 | 4/4: G | C | D").loop(1 + 8)
    assert {bar.meter for bar in long.bars[1:]} == {(4, 4)}


def test_a_picture_has_the_lines_of_the_notation() -> None:
    """A pickup precedes the four bars of the first line and adds no line."""
    bars = " | ".join(["C"] * 8)
    heights = []
    for text in (bars, f"1/4: N.C. | 4/4: {bars}"):
        drawn = piano_roll_png(Solo(parse_chart(text), ()), dpi=30)
        heights.append(drawn[20:24])
    assert heights[0] == heights[1]


def test_copied_passages_have_the_bar_numbers_of_the_notation() -> None:
    chart = parse_chart("1/4: N.C. | 4/4: C | F | G")
    found, _ = passages(Solo(chart, (Note(0, 24, 60), Note(24, 24, 62), Note(120, 24, 64))))
    assert [found.where(index) for index in range(2)] == ["bar 0", "bar 1"]


def test_an_eighth_before_the_bar_line_is_the_end_of_a_beat() -> None:
    """It swings, is no beat by itself, and has the grid of the bars after it."""
    chart = PICKUP
    assert beat_starts(chart)[:3] == [12, 36, 60] and missing_ticks(chart) == 12
    assert describe_meters(parse_chart("5/8: N.C. | 4/4: C | F")) == []
    line = (Note(0, 12, 60), Note(12, 12, 62), Note(24, 12, 64), Note(36, 24, 65))
    ratio = 2.0
    played = [Clock(chart, 160, ratio).file_tick(note.onset) / SCALE for note in line]
    assert played == [4, 12, 28, 36]
    assert chart.first_full_bar == 36 and has_full_beats(chart)
    assert count_off_grid(Solo(chart, (Note(12, 8, 60), Note(20, 8, 62), Note(28, 8, 64))))[0] == 0
    assert count_off_grid(Solo(chart, (Note(8, 8, 60),)))[0] > 0


def test_a_pickup_is_notated_as_the_end_of_a_bar() -> None:
    def cut(*ends: int, lead: int) -> list[list[tuple[int, int | None]]]:
        signs = split_bar(ends, [False] * len(ends), (4, 4), lead)
        return [[(sign.ticks, sign.triplet and sign.triplet[0]) for sign in one] for one in signs]

    assert cut(6, 36, lead=60) == [[(6, None)], [(6, None), (24, None)]], "the last beat is visible"
    assert cut(12, 20, 28, 36, lead=60) == [[(12, None)], *([(8, 12)] for _ in range(3))]
    silent = split_bar([72], [True], (4, 4), 24)
    assert [(sign.start, sign.ticks) for sign in silent[0]] == [(0, 24), (24, 48)]
    signs = [sign for one in split_bar([12, 24, 36], [False] * 3, (4, 4), 60) for sign in one]
    assert beams(signs, [False] * 3, 24, 60) == [[], ["begin"], ["end"]]
    written = readable_rhythm((Note(13, 7, 60), Note(20, 8, 62), Note(28, 7, 64)), PICKUP)
    assert [(one.start, one.end) for one in written] == [(12, 20), (20, 28), (28, 36)]
