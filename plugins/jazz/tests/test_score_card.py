"""The score card and the passages of solos: rules, verdicts, transposition, positions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.encoder import JazzEncoder
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.evaluation.metrics import distance, passages, reference_ranges
from seqgen_jazz.evaluation.score_card import MANY, mean_metrics, score_card

CHART = parse_chart("C7 | F7 | C7 | F7")
REPEATED = Solo(CHART, tuple(Note(12 * i, 12, 61) for i in range(32)))


@pytest.fixture(scope="module")
def solos() -> tuple[Solo, ...]:
    return load_corpus(None).items


def test_one_solo_is_compared_with_single_ones_and_many_with_the_mean(
    solos: tuple[Solo, ...],
) -> None:
    one, many = score_card(solos[:1]), score_card(solos[:MANY])
    assert "range of 90 % of single real solos" in one.rule
    assert "0.7 standard deviations" in many.rule
    for card, items in ((one, solos[:1]), (many, solos[:MANY])):
        found = mean_metrics(items)
        for row, reference in zip(card.rows, reference_ranges(), strict=True):
            assert row.value == found[reference.key]
            if row.value is None or reference.low is None or reference.high is None:
                continue
            single = reference.low <= row.value <= reference.high
            assert row.inside == (single if card is one else reference.contains_mean(row.value))


def test_the_verdict_on_a_repeated_note() -> None:
    card = score_card([REPEATED])
    assert "intervals: repeated notes (too high)" in card.verdict
    assert "range (semitones) (too low)" in card.verdict
    assert "is not as in real solos" in card.verdict
    assert len(card.outside) > len(card.rows) // 2


def test_ascending_pitches_are_outside_in_chord_tones(solos: tuple[Solo, ...]) -> None:
    """Sorted pitches keep the rhythm, and lose the relation to the chords."""
    rising = []
    for solo in solos:
        pitches = sorted(note.pitch for note in solo.notes)
        pairs = zip(solo.notes, pitches, strict=True)
        rising.append(
            replace(solo, notes=tuple(note._replace(pitch=pitch) for note, pitch in pairs))
        )
    real, fake = score_card(solos), score_card(rising)
    assert len(fake.outside) > len(real.outside) + 5
    assert "chord tones, beats 1 and 3" in {row.name for row in fake.outside}


def test_too_few_notes_are_not_evaluated() -> None:
    for solo in (Solo(CHART, ()), Solo(CHART, (Note(0, 24, 60),))):
        card = score_card([solo])
        assert card.verdict.startswith("There are too few notes to evaluate")
        assert all(row.inside is None for row in card.rows)
        assert [list(one.units) for one in passages(solo)] == [[], []]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 111), st.integers(-6, 5))
def test_passages_do_not_depend_on_the_key(
    solos: tuple[Solo, ...], number: int, semitones: int
) -> None:
    solo = solos[number]
    for here, there in zip(passages(solo), passages(solo.transpose(semitones)), strict=True):
        assert list(here.units) == list(there.units)


def test_passages_with_rhythm_differ_for_the_same_intervals() -> None:
    other = Solo(CHART, tuple(note._replace(onset=2 * note.onset) for note in REPEATED.notes[:16]))
    (steps, timed), (other_steps, other_timed) = passages(REPEATED), passages(other)
    assert list(steps.units)[:15] == list(other_steps.units)
    assert set(timed.units).isdisjoint(other_timed.units)


def test_a_position_is_a_title_and_a_bar(solos: tuple[Solo, ...]) -> None:
    line = passages(replace(REPEATED, title="Stuck"))[0]
    assert (line.where(0), line.where(8), line.where(30)) == (
        "Stuck, bar 1",
        "Stuck, bar 2",
        "Stuck, bar 4",
    )
    assert passages(REPEATED)[0].where(0) == "bar 1"


def test_real_lines_are_closer_to_real_solos_than_broken_ones(solos: tuple[Solo, ...]) -> None:
    broken = [
        replace(s, notes=tuple(n._replace(pitch=60 + 13 * (i % 2)) for i, n in enumerate(s.notes)))
        for s in solos
    ]
    assert all(distance(good) < distance(bad) for good, bad in zip(solos, broken, strict=True))


def test_recall_compares_intervals() -> None:
    """The class of a note and all durations are ignored."""
    encoder = JazzEncoder(fitted=True)
    keys, symbols = encoder.token_keys, encoder.vocabulary.symbols
    of = {symbol: key for symbol, key in zip(symbols, keys, strict=True)}
    assert of["C:+3"] == of["X:+3"] != of["C:+4"]
    assert {of[name] for name in symbols if name.startswith(("d:", "R", "T"))} == {-1}
    assert len({of["8-"], of["8+"], -1, *range(25)}) == 28
