"""The band: the notes of each part over any chart, in any style and meter."""

from __future__ import annotations

from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.band.arrangement import (
    PlayedNote,
    arrange,
    perform_line,
    resolve_overlaps,
    section_starts,
)
from seqgen_jazz.band.band_style import STYLES
from seqgen_jazz.band.bass import LOW as LOWEST
from seqgen_jazz.band.bass import TOP, bass_line
from seqgen_jazz.band.comping import comping, placements
from seqgen_jazz.band.drums import drums
from seqgen_jazz.band.meter_and_swing import (
    Clock,
    beat_groups,
    beat_lengths,
    beat_starts,
    describe_meters,
    drum_ratio,
    group_sizes,
)
from seqgen_jazz.charts.chart import Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Solo

from seqgen import SettingError

from .bands import CHARTS, RHYTHM, performed, style
from .solos import charts, solos

# Beats


@pytest.mark.parametrize(
    ("meter", "lengths"),
    [
        ((4, 4), (24,) * 4),
        ((2, 2), (24,) * 4),
        ((12, 8), (36,) * 4),
        ((7, 8), (24, 24, 36)),
        ((5, 8), (24, 36)),
        ((3, 8), (36,)),
        ((1, 8), (12,)),
        ((8, 8), (24,) * 4),
    ],
)
def test_the_lengths_of_beats(meter: tuple[int, int], lengths: tuple[int, ...]) -> None:
    assert beat_lengths(meter) == lengths


def test_long_bars_are_divided_into_groups() -> None:
    assert [group_sizes(beats) for beats in (3, 4, 5, 6, 7, 8, 10)] == [
        *((3,), (4,), (3, 2), (3, 3), (3, 2, 2), (4, 4), (3, 3, 2, 2)),
    ]
    chart = parse_chart("5/4: C7 | 7/8: F7 | 4/4: C7 | 3/4: G7 | 12/8: C7")
    assert describe_meters(chart) == ["5/4 as 3+2", "7/8 as 2+2+3"]


@given(charts)
def test_beat_groups_cover_a_chart_without_gaps(chart: Chart) -> None:
    found = list(beat_groups(chart))
    assert found[0].starts[0] == 0 and found[-1].end == chart.ticks
    for one, other in pairwise(found):
        assert one.end == other.starts[0]
    assert all(1 <= len(group.starts) <= 4 for group in found)


# Parts


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("style_name", STYLES)
def test_every_part_is_within_its_channel_range_and_time(name: str, style_name: str) -> None:
    solo = performed(name, style_name)
    end = solo.chart.ticks * 20
    found = arrange(solo)
    assert len({part.channel for part in found}) == 4
    assert [part.channel for part in found if part.name == "Drums"] == [9]
    for part in found:
        by_pitch: dict[int, int] = {}
        for note in part.notes:
            assert 0 <= note.start < note.end <= end and 1 <= note.velocity <= 127
            assert by_pitch.get(note.pitch, 0) <= note.start, "no pitch overlaps itself"
            by_pitch[note.pitch] = note.end
    for line in (found[0], found[2]):
        for one, other in pairwise(line.notes):
            assert one.end <= other.start, "a line has one note at a time"
    assert all(LOWEST <= note.pitch <= TOP for note in found[2].notes)


@given(solos(), st.sampled_from(STYLES), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_band_plays_over_any_chart(solo: Solo, style_name: str, seed: int) -> None:
    chosen = style(style_name)
    for notes in (
        comping(solo.chart, chosen, seed),
        bass_line(solo.chart, chosen, seed),
        drums(solo.chart, chosen, seed, {0}),
    ):
        assert all(0 <= note.start < note.end <= solo.chart.ticks + 24 for note in notes)
    for note in comping(solo.chart, chosen, seed):
        assert note.end <= solo.chart.ticks


@pytest.mark.parametrize("seed", range(5))
def test_a_walking_bass_has_chord_tones_on_one_and_three_and_approaches_changes(seed: int) -> None:
    chart = parse_chart(RHYTHM.replace("Bb6 G7", "Bb6").replace("Cm7 F7", "F7"))
    line = bass_line(chart, style("swing"), seed)
    assert len(line) > 100
    for note, after in pairwise(line):
        chord = chart.chord_at(note.start)
        if note.start % 48 == 0:
            assert note.pitch % 12 in chord.chord_tones
        if note.start < chart.ticks - 96:
            assert note.pitch != after.pitch or after.start % 96 == 0
        following = chart.chord_at(after.start)
        if following != chord:
            assert after.pitch % 12 == following.root
            assert (note.pitch - after.pitch) % 12 in {1, 2, 7, 10, 11}, "an approach"
    assert max(abs(one.pitch - other.pitch) for one, other in pairwise(line)) <= 12


def test_the_bass_of_a_two_feel_and_of_a_bossa() -> None:
    chart = parse_chart("Dm7 | G7 | Cmaj7 | % | Dm7")
    two = [note for note in bass_line(chart, style("ballad"), 1) if note.start < 384]
    assert {note.start % 96 for note in two} <= {0, 36, 48, 84}
    bossa = bass_line(chart, style("bossa"), 1)
    roots = [note.pitch for note in bossa[:3]]
    assert (roots[1] - roots[0]) % 12 == 7 and roots[2] == roots[1], "root, fifth, the fifth again"
    assert {(note.start % 96) for note in bossa} == {0, 36, 48, 84}
    assert all(
        note.pitch % 12 == chart.chord_at(note.start).root for note in bossa if note.start % 96 == 0
    )


@pytest.mark.parametrize("style_name", STYLES)
@pytest.mark.parametrize("name", ["blues", "rhythm", "waltz"])
def test_comping_plays_the_tones_of_each_chord(name: str, style_name: str) -> None:
    chart = parse_chart(CHARTS[name])
    notes = comping(chart, style(style_name), 3)
    struck = set()
    for start, group in groupby(notes, lambda note: note.start):
        played = [note.pitch for note in group]
        on_beat = start % 24 == 0
        chord = chart.chord_at(start if on_beat else start + 12)
        ways = [placements(chord, "rootless", ninth=ninth) for ninth in (True, False)]
        assert tuple(sorted(played)) in ways[0] + ways[1]
        struck.add(
            max(tick for tick, _ in chart.changes if tick <= (start if on_beat else start + 12))
        )
    changes = {tick for tick, _ in chart.changes}
    assert len(struck) >= 0.85 * len(changes), "most chords are played"


@pytest.mark.parametrize("meter", ["4/4", "5/4", "7/4", "8/4", "15/8"])
def test_the_last_bar_is_held_in_every_meter(meter: str) -> None:
    chart = parse_chart(f"{meter}: Dm7 | G7 | Dm6")
    begin, end = chart.bar_starts[-2:]
    for seed in range(3):
        low = bass_line(chart, style("swing"), seed)
        piano = comping(chart, style("swing"), seed)
        kit = drums(chart, style("swing"), seed, {0})
        assert [(note.start, note.end) for note in low if note.start >= begin] == [(begin, end)]
        assert {(note.start, note.end) for note in piano if note.start >= begin} == {(begin, end)}
        assert max(note.end for note in kit) == end


def test_drums_fill_before_a_section_and_crash_after_it() -> None:
    chart = parse_chart(RHYTHM)
    assert section_starts(chart, 32) == {0, 8, 16, 24}
    assert section_starts(parse_chart(CHARTS["blues"] + " | " + CHARTS["blues"]), 12) == {0, 12}
    notes = drums(chart, style("swing"), 0, {0, 8, 16, 24})
    crashes = {note.start // 96 for note in notes if note.pitch == 49}
    assert crashes == {8, 16, 24, 31}
    pedals = {note.start % 96 for note in notes if note.pitch == 44}
    assert pedals == {24, 72}, "the hi-hat is on 2 and 4"


def test_a_changed_bar_leaves_the_band_in_the_other_bars_unchanged() -> None:
    """Random choices depend on the bar: another chord in bar 9 changes nothing before bar 8."""
    first = parse_chart(CHARTS["blues"])
    other = parse_chart(CHARTS["blues"].replace("Gm7 | C7 |", "G7 | C7 |"))
    swing = style("swing")
    for play in (
        lambda chart: drums(chart, swing, 0, {0}),
        lambda chart: bass_line(chart, swing, 0),
    ):
        early = [[note for note in play(chart) if note.start < 7 * 96] for chart in (first, other)]
        assert early[0] == early[1] and early[0]
    seeds = [bass_line(first, swing, seed) for seed in (0, 1)]
    assert seeds[0] != seeds[1] and seeds[0] == bass_line(first, swing, 0)


# Swing


def test_swing_depends_on_the_tempo() -> None:
    assert [round(drum_ratio(tempo), 2) for tempo in (60, 133, 160, 200, 240, 300, 360)] == [
        *(3.5, 3.5, 2.75, 2.0, 1.5, 1.0, 1.0),
    ]
    swing, bossa = style("swing"), style("bossa")
    assert swing.swing_ratios("auto", 160) == pytest.approx((2.75, 1.5))
    assert swing.swing_ratios("auto", 240) == pytest.approx((1.5, 1.25))
    assert bossa.swing_ratios("auto", 160) == swing.swing_ratios("0", 160) == (1.0, 1.0)
    assert swing.swing_ratios("2", 300) == (2.0, 2.0)
    for wrong in ("0.5", "9", "much", "nan"):
        with pytest.raises(SettingError, match="swing must be auto, 0 for even"):
            swing.swing_ratios(wrong, 160)


@given(charts, st.floats(1, 4), st.integers(40, 360))
def test_the_clock_keeps_the_order_and_the_beats(chart: Chart, ratio: float, tempo: int) -> None:
    clock = Clock(chart, tempo, ratio)
    placed = [clock.file_tick(tick) for tick in range(chart.ticks + 1)]
    assert all(one < other for one, other in pairwise(placed))
    for start in beat_starts(chart):
        assert placed[start] == start * 20


def test_eighths_of_odd_meters_do_not_swing() -> None:
    """7/8 is divided into 2+2+3 eighths: swing in its twos would disturb its threes."""
    odd, even = Clock(parse_chart("7/8: C"), 160, 2.75), Clock(parse_chart("4/4: C"), 160, 2.75)
    assert [odd.file_tick(tick) for tick in range(85)] == [20.0 * tick for tick in range(85)]
    assert even.file_tick(12) == pytest.approx(352)


def test_eighths_swing_and_triplets_do_not() -> None:
    chart = parse_chart("C7")
    line = tuple(Note(tick, 6, 60) for tick in (0, 12, 24, 32, 40, 48, 54, 72, 84))
    solo = Solo(chart, line, tempo=160.0)
    starts = [start for start, *_ in perform_line(solo, 2.0, 0)]
    # A millisecond is 1.28 ticks; a soloist is 10 to 18 ms late on the beat, to 6 ms off it.
    expected = [0, 320, 480, 640, 800, 960, 1080, 1440, 1760]
    assert all(-3 <= start - wanted <= 24 for start, wanted in zip(starts, expected, strict=True))


@given(solos(), st.floats(1, 4), st.integers(0, 9))
@settings(deadline=None)
def test_every_note_of_the_line_is_played_without_overlap(
    solo: Solo, ratio: float, seed: int
) -> None:
    played = perform_line(solo, ratio, seed)
    assert [pitch for _, _, pitch, _ in played] == [note.pitch for note in solo.notes]
    for (start, end, *_), (after, *_) in pairwise(played):
        assert start < end and start <= after


def test_a_note_ends_when_its_pitch_is_struck_again() -> None:
    notes = [
        PlayedNote(0, 50, 60, 80),
        PlayedNote(30, 90, 60, 80),
        PlayedNote(30, 40, 60, 99),
        PlayedNote(-3, 200, 61, 1),
    ]
    assert resolve_overlaps(notes, 100) == (
        *(PlayedNote(0, 30, 60, 80), PlayedNote(0, 100, 61, 1), PlayedNote(30, 40, 60, 99)),
    )
