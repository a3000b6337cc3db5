"""The band: what each part may play over any chart, in any style and meter."""

from __future__ import annotations

from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.band.arrangement import parts, section_starts, tidy
from seqgen_jazz.band.bass import LOW as LOWEST
from seqgen_jazz.band.bass import TOP, bass_line
from seqgen_jazz.band.comping import comping
from seqgen_jazz.band.drums import drums
from seqgen_jazz.band.meter import beat_lengths, beat_starts, groups, stretches, told_meters
from seqgen_jazz.band.soloist import solo_notes
from seqgen_jazz.band.style import STYLES
from seqgen_jazz.band.swing import Clock, drum_ratio, swing_of
from seqgen_jazz.band.voicings import placements
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
def test_beats_are_felt_as_musicians_count_them(
    meter: tuple[int, int], lengths: tuple[int, ...]
) -> None:
    assert beat_lengths(meter) == lengths


def test_long_bars_are_put_together() -> None:
    assert [groups(beats) for beats in (3, 4, 5, 6, 7, 8, 10)] == [
        *((3,), (4,), (3, 2), (3, 3), (3, 2, 2), (4, 4), (3, 3, 2, 2)),
    ]
    chart = parse_chart("5/4: C7 | 7/8: F7 | 4/4: C7 | 3/4: G7 | 12/8: C7")
    assert told_meters(chart) == ["5/4 as 3+2", "7/8 as 2+2+3"]


@given(charts)
def test_stretches_cover_a_chart_without_gaps(chart: Chart) -> None:
    found = list(stretches(chart))
    assert found[0].starts[0] == 0 and found[-1].end == chart.ticks
    for one, other in pairwise(found):
        assert one.end == other.starts[0]
    assert all(1 <= len(stretch.starts) <= 4 for stretch in found)


# Parts


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("style_name", STYLES)
def test_every_part_keeps_to_its_place(name: str, style_name: str) -> None:
    solo = performed(name, style_name)
    end = solo.chart.ticks * 20
    found = parts(solo)
    assert len({part.channel for part in found}) == 4
    assert [part.channel for part in found if part.name == "Drums"] == [9]
    for part in found:
        by_pitch: dict[int, int] = {}
        for sound in part.sounds:
            assert 0 <= sound.start < sound.end <= end and 1 <= sound.velocity <= 127
            assert by_pitch.get(sound.pitch, 0) <= sound.start, "no pitch overlaps itself"
            by_pitch[sound.pitch] = sound.end
    for line in (found[0], found[2]):
        for one, other in pairwise(line.sounds):
            assert one.end <= other.start, "a line has one note at a time"
    assert all(LOWEST <= sound.pitch <= TOP for sound in found[2].sounds)


@given(solos(), st.sampled_from(STYLES), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_band_plays_over_any_chart(solo: Solo, style_name: str, seed: int) -> None:
    chosen = style(style_name)
    for hits in (
        comping(solo.chart, chosen, seed),
        bass_line(solo.chart, chosen, seed),
        drums(solo.chart, chosen, seed, {0}),
    ):
        assert all(0 <= hit.start < hit.end <= solo.chart.ticks + 24 for hit in hits)
    for hit in comping(solo.chart, chosen, seed):
        assert hit.end <= solo.chart.ticks


@pytest.mark.parametrize("seed", range(5))
def test_a_walking_bass_has_chord_tones_on_one_and_three_and_leads_into_changes(seed: int) -> None:
    chart = parse_chart(RHYTHM.replace("Bb6 G7", "Bb6").replace("Cm7 F7", "F7"))
    line = bass_line(chart, style("swing"), seed)
    assert len(line) > 100
    for hit, after in pairwise(line):
        chord = chart.chord_at(hit.start)
        if hit.start % 48 == 0:
            assert hit.pitch % 12 in chord.chord_tones
        if hit.start < chart.ticks - 96:
            assert hit.pitch != after.pitch or after.start % 96 == 0
        following = chart.chord_at(after.start)
        if following != chord:
            assert after.pitch % 12 == following.root
            assert (hit.pitch - after.pitch) % 12 in {1, 2, 7, 10, 11}, "it leads"
    assert max(abs(one.pitch - other.pitch) for one, other in pairwise(line)) <= 12


def test_two_feel_and_bossa_have_their_own_basses() -> None:
    chart = parse_chart("Dm7 | G7 | Cmaj7 | % | Dm7")
    two = [hit for hit in bass_line(chart, style("ballad"), 1) if hit.start < 384]
    assert {hit.start % 96 for hit in two} <= {0, 36, 48, 84}
    bossa = bass_line(chart, style("bossa"), 1)
    roots = [hit.pitch for hit in bossa[:3]]
    assert (roots[1] - roots[0]) % 12 == 7 and roots[2] == roots[1], "root, fifth, the fifth again"
    assert {(hit.start % 96) for hit in bossa} == {0, 36, 48, 84}
    assert all(
        hit.pitch % 12 == chart.chord_at(hit.start).root for hit in bossa if hit.start % 96 == 0
    )


@pytest.mark.parametrize("style_name", STYLES)
@pytest.mark.parametrize("name", ["blues", "rhythm", "waltz"])
def test_comping_strikes_each_chord_with_its_own_tones(name: str, style_name: str) -> None:
    chart = parse_chart(CHARTS[name])
    hits = comping(chart, style(style_name), 3)
    struck = set()
    for start, group in groupby(hits, lambda hit: hit.start):
        played = [hit.pitch for hit in group]
        on_beat = start % 24 == 0
        chord = chart.chord_at(start if on_beat else start + 12)
        ways = [placements(chord, "rootless", ninth=ninth) for ninth in (True, False)]
        assert tuple(sorted(played)) in ways[0] + ways[1]
        struck.add(
            max(tick for tick, _ in chart.changes if tick <= (start if on_beat else start + 12))
        )
    changes = {tick for tick, _ in chart.changes}
    assert len(struck) >= 0.85 * len(changes), "hardly a chord goes by unheard"


@pytest.mark.parametrize("meter", ["4/4", "5/4", "7/4", "8/4", "15/8"])
def test_the_last_bar_is_held_however_many_patterns_it_is_put_together_from(meter: str) -> None:
    chart = parse_chart(f"{meter}: Dm7 | G7 | Dm6")
    begin, end = chart.bar_starts[-2:]
    for seed in range(3):
        low = bass_line(chart, style("swing"), seed)
        piano = comping(chart, style("swing"), seed)
        kit = drums(chart, style("swing"), seed, {0})
        assert [(hit.start, hit.end) for hit in low if hit.start >= begin] == [(begin, end)]
        assert {(hit.start, hit.end) for hit in piano if hit.start >= begin} == {(begin, end)}
        assert max(hit.end for hit in kit) == end


def test_drums_fill_before_a_section_and_crash_after_it() -> None:
    chart = parse_chart(RHYTHM)
    assert section_starts(chart, 32) == {0, 8, 16, 24}
    assert section_starts(parse_chart(CHARTS["blues"] + " | " + CHARTS["blues"]), 12) == {0, 12}
    hits = drums(chart, style("swing"), 0, {0, 8, 16, 24})
    crashes = {hit.start // 96 for hit in hits if hit.pitch == 49}
    assert crashes == {8, 16, 24, 31}
    pedals = {hit.start % 96 for hit in hits if hit.pitch == 44}
    assert pedals == {24, 72}, "the hi-hat is on 2 and 4"


def test_one_bar_rewritten_leaves_what_the_band_plays_in_the_others() -> None:
    """Chance is keyed by bar: another chord in bar 9 changes no stroke before bar 8."""
    first = parse_chart(CHARTS["blues"])
    other = parse_chart(CHARTS["blues"].replace("Gm7 | C7 |", "G7 | C7 |"))
    swing = style("swing")
    for play in (
        lambda chart: drums(chart, swing, 0, {0}),
        lambda chart: bass_line(chart, swing, 0),
    ):
        early = [[hit for hit in play(chart) if hit.start < 7 * 96] for chart in (first, other)]
        assert early[0] == early[1] and early[0]
    seeds = [bass_line(first, swing, seed) for seed in (0, 1)]
    assert seeds[0] != seeds[1] and seeds[0] == bass_line(first, swing, 0)


# Feel


def test_swing_goes_by_the_tempo() -> None:
    assert [round(drum_ratio(tempo), 2) for tempo in (60, 133, 160, 200, 240, 300, 360)] == [
        *(3.5, 3.5, 2.75, 2.0, 1.5, 1.0, 1.0),
    ]
    swing, bossa = style("swing"), style("bossa")
    assert swing_of("auto", swing, 160) == pytest.approx((2.75, 1.5))
    assert swing_of("auto", swing, 240) == pytest.approx((1.5, 1.25))
    assert swing_of("auto", bossa, 160) == swing_of("0", swing, 160) == (1.0, 1.0)
    assert swing_of("2", swing, 300) == (2.0, 2.0)
    for wrong in ("0.5", "9", "much", "nan"):
        with pytest.raises(SettingError, match="swing must be auto, 0 for even"):
            swing_of(wrong, swing, 160)


@given(charts, st.floats(1, 4), st.integers(40, 360))
def test_the_clock_keeps_order_and_beats(chart: Chart, ratio: float, tempo: int) -> None:
    clock = Clock(chart, tempo, ratio)
    placed = [clock.place(tick) for tick in range(chart.ticks + 1)]
    assert all(one < other for one, other in pairwise(placed))
    for start in beat_starts(chart):
        assert placed[start] == start * 20


def test_eighths_that_are_counted_do_not_swing() -> None:
    """7/8 is felt as 2+2+3 eighths: with its twos swung its threes would limp."""
    odd, even = Clock(parse_chart("7/8: C"), 160, 2.75), Clock(parse_chart("4/4: C"), 160, 2.75)
    assert [odd.place(tick) for tick in range(85)] == [20.0 * tick for tick in range(85)]
    assert even.place(12) == pytest.approx(352)


def test_eighths_swing_and_triplets_stay() -> None:
    chart = parse_chart("C7")
    line = tuple(Note(tick, 6, 60) for tick in (0, 12, 24, 32, 40, 48, 54, 72, 84))
    solo = Solo(chart, line, tempo=160.0)
    starts = [start for start, *_ in solo_notes(solo, 2.0, 0)]
    # A millisecond is 1.28 ticks; a soloist is 10 to 18 ms late on the beat, to 6 ms off it.
    expected = [0, 320, 480, 640, 800, 960, 1080, 1440, 1760]
    assert all(-3 <= start - wanted <= 24 for start, wanted in zip(starts, expected, strict=True))


@given(solos(), st.floats(1, 4), st.integers(0, 9))
@settings(deadline=None)
def test_no_note_of_the_line_is_lost_or_overlaps(solo: Solo, ratio: float, seed: int) -> None:
    played = solo_notes(solo, ratio, seed)
    assert [pitch for _, _, pitch, _ in played] == [note.pitch for note in solo.notes]
    for (start, end, *_), (after, *_) in pairwise(played):
        assert start < end and start <= after


def test_tidy_cuts_a_pitch_where_it_is_struck_again() -> None:
    from seqgen_jazz.band.arrangement import Sound

    given_sounds = [
        Sound(0, 50, 60, 80),
        Sound(30, 90, 60, 80),
        Sound(30, 40, 60, 99),
        Sound(-3, 200, 61, 1),
    ]
    assert tidy(given_sounds, 100) == (
        *(Sound(0, 30, 60, 80), Sound(0, 100, 61, 1), Sound(30, 40, 60, 99)),
    )
