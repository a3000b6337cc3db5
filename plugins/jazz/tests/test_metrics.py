"""The metrics of a solo: examples by hand, and laws for every solo."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation import metrics
from seqgen_jazz.evaluation.metrics import MAX_DISTANCE, distance, reference_ranges, solo_metrics

#: Two bars of C7 and F7: C E G Bb in quarters, a bar of eighths on F A, and a last long C.
CHART = parse_chart("C7 | F7 | C7 | F7")
ARPEGGIO = tuple(Note(24 * i, 24, p) for i, p in enumerate((60, 64, 67, 70)))
TURN = tuple(Note(96 + 12 * i, 12, p) for i, p in enumerate((65, 69, 65, 69)))
LAST = Note(288 + 12, 48, 61)
SOLO = Solo(CHART, (*ARPEGGIO, *TURN, LAST))


@st.composite
def solos(draw: st.DrawFn) -> Solo:
    """A line over the four bars of ``CHART`` with rests of any length."""
    onset, notes = draw(st.integers(0, 60)), []
    while onset < CHART.ticks - 24 and len(notes) < 60:
        duration = draw(st.sampled_from((4, 6, 8, 12, 18, 24)))
        notes.append(Note(onset, duration, draw(st.integers(50, 75))))
        onset += duration + draw(st.sampled_from((0, 0, 0, 6, 24, 60)))
    return Solo(CHART, tuple(notes))


def test_pitch_metrics_by_hand() -> None:
    found = solo_metrics(SOLO)
    # Bar 1: four pitch classes (2 bits); bar 2: two (1 bit); bar 3 is empty; bar 4: one (0 bits).
    assert found["H1"] == pytest.approx(1.0)
    # All nine notes: C E G Bb Db once each, F and A twice each.
    assert found["entropy"] == pytest.approx(-5 / 9 * math.log2(1 / 9) - 4 / 9 * math.log2(2 / 9))
    assert (found["range"], found["lowest"], found["highest"]) == (10, 60, 70)
    assert found["H4"] == pytest.approx(found["entropy"])


def test_interval_metrics_by_hand() -> None:
    found = solo_metrics(SOLO)
    assert metrics.intervals(SOLO) == [4, 3, 3, -5, 4, -4, 4, -8]
    assert found["mean interval"] == pytest.approx(35 / 8)
    assert found["thirds"] == pytest.approx(6 / 8)
    assert found["5-7"] == found["8-12"] == pytest.approx(1 / 8)
    assert found["repeats"] == found["steps"] == found["> 12"] == 0
    assert found["direction changes"] == pytest.approx(5 / 7)


def test_time_metrics_by_hand() -> None:
    found = solo_metrics(SOLO)
    # Silence: from tick 144 to 300 of a span of 348 ticks; it ends the only inner phrase.
    assert found["silence"] == found["silence in gaps >= 1/2 beat"] == pytest.approx(156 / 348)
    assert found["empty bars"] == pytest.approx(1 / 4)
    assert found["notes per bar"] == pytest.approx(9 / 4)
    assert found["phrases per 32 bars"] == pytest.approx(16)
    assert found["phrase length, notes"] == pytest.approx((8 + 1) / 2)
    assert found["phrase length, beats"] == pytest.approx((6 + 2) / 2)
    assert found["onsets on the beat"] == pytest.approx(6 / 9)


def test_chord_tones_need_enough_notes() -> None:
    assert metrics.chord_tone_share(SOLO, lambda tick: True) == pytest.approx(8 / 9)
    assert metrics.chord_tone_share(SOLO, lambda tick: tick % 24 == 0) is None
    assert metrics.phrase_finals(SOLO) == [True, False]


def test_written_extensions_are_no_chord_tones() -> None:
    notes = tuple(Note(24 * i, 24, pitch) for i, pitch in enumerate((60, 61) * 4))
    solo = Solo(parse_chart("C7b9 | %"), notes)
    assert metrics.chord_tone_share(solo, lambda tick: True) == 0.5


def test_equal_bars_have_full_groove_and_repetition() -> None:
    notes = tuple(Note(12 * i, 12, 60 + i % 4) for i in range(32))
    solo = Solo(CHART, notes)
    assert metrics.groove_similarity(solo) == 1
    assert metrics.self_repetition(solo) == 1


def test_groove_counts_the_slots_that_differ() -> None:
    solo = Solo(CHART, (Note(0, 12, 60), Note(24, 12, 62), Note(96, 12, 60)))
    assert metrics.groove_similarity(solo) == pytest.approx(1 - 1 / 64)


def test_self_repetition_counts_repeated_four_grams() -> None:
    line = (60, 62, 64, 65, 67, 60, 62, 64, 65, 67)
    solo = Solo(CHART, tuple(Note(12 * i, 12, p) for i, p in enumerate(line)))
    # Six 4-grams of nine intervals; 2 2 1 2 occurs twice.
    assert metrics.self_repetition(solo) == pytest.approx(2 / 6)


def test_longest_shared_run() -> None:
    assert metrics.longest_shared_run([1, 2, 3, 4, 9], [[0, 2, 3, 4, 5], [1, 2]]) == 3
    assert metrics.longest_shared_run([1, 2], [[3]]) == 0
    assert metrics.longest_shared_run([1, 2], [[1, 2]]) == 2
    assert metrics.longest_shared_run([1], []) == 0


def test_a_solo_of_one_note_is_refused() -> None:
    with pytest.raises(ValueError, match="1 notes"):
        solo_metrics(Solo(CHART, (LAST,)))


@given(solos(), st.integers(-6, 5))
def test_transposition_changes_only_the_register(solo: Solo, semitones: int) -> None:
    here, there = solo_metrics(solo), solo_metrics(solo.transpose(semitones))
    for name, value in here.items():
        moved = semitones if name in ("lowest", "highest") else 0
        assert there[name] == (None if value is None else pytest.approx(value + moved)), name


@given(solos())
def test_shares_are_between_0_and_1_and_parts_add_up(solo: Solo) -> None:
    found = solo_metrics(solo)
    classes = [found[name] or 0.0 for name, _, _ in metrics.INTERVAL_CLASSES]
    assert sum(classes) == pytest.approx(1)
    for name in ("silence", "empty bars", "direction changes", "self-repetition"):
        assert 0 <= (found[name] or 0.0) <= 1, name
    assert 0 <= (found["H1"] or 0.0) <= math.log2(12)
    assert sum(len(phrase) for phrase in metrics.phrases(solo)) == len(solo.notes)
    assert sum(len(bar) for bar in metrics.notes_by_bar(solo)) == len(solo.notes)


def test_groove_compares_every_pair_of_bars() -> None:
    """Bars with 1, 2 and 4 onsets: the pairs differ in 1, 3 and 2 slots."""
    onsets = [0, 96, 120, 192, 216, 240, 264]
    solo = Solo(CHART, tuple(Note(onset, 12, 60) for onset in onsets))
    assert metrics.groove_similarity(solo) == pytest.approx(1 - (1 + 3 + 2) / 3 / 64)


def test_swing_is_the_median_ratio_of_pairs() -> None:
    def pairs(*seconds: int) -> Solo:
        ticks = [24 * beat + at for beat, second in enumerate(seconds) for at in (0, second)]
        return Solo(CHART, tuple(Note(tick, 4, 60) for tick in ticks))

    assert metrics.swing_ratio(pairs(*[12] * 5, *[16] * 6)) == pytest.approx(2.0)
    assert metrics.swing_ratio(pairs(*[12] * 6, *[16] * 5, *[6] * 4)) == 1.0
    assert metrics.swing_ratio(pairs(*[16] * 7)) is None


def test_overlap_is_the_share_of_notes_that_sound_into_the_next() -> None:
    assert metrics.overlap(SOLO) == 0
    solo = Solo(CHART, (Note(0, 30, 60), Note(24, 24, 62), Note(48, 24, 64), Note(72, 24, 65)))
    assert metrics.overlap(solo) == 1 / 4


def test_a_repeated_note_is_farther_from_real_solos() -> None:
    repeated = Solo(CHART, tuple(Note(12 * i, 12, 61) for i in range(32)))
    assert 0 < distance(SOLO) < distance(repeated)
    assert distance(repeated) < distance(Solo(CHART, (LAST,))) == MAX_DISTANCE


def test_every_reference_range_is_of_a_metric_and_contains_its_mean() -> None:
    found = solo_metrics(SOLO)
    ranges = reference_ranges()
    assert {one.key for one in ranges} - found.keys() == {"phrase ends"}
    assert found.keys() <= {one.key for one in ranges}
    for one in ranges:
        assert one.contains_mean(one.mean)
        assert not one.contains_mean(one.mean + one.tolerance + 0.01)
        assert one.contains(one.mean) in (True, None)
        assert one.meaning and one.sources
    assert [one.key for one in ranges if one.separates] == [
        "chord tones, beats 1+3",
        "self-repetition",
    ]
