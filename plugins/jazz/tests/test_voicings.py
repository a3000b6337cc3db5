"""Voicings: third and seventh below the soloist, fitting ninths, minimal movement."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.band.arrangement import arrange
from seqgen_jazz.band.comping import (
    Window,
    movement_cost,
    placements,
    takes_ninth,
    voice_chords,
    voicing_cost,
    voicing_tones,
    window_for,
)
from seqgen_jazz.charts.chart import key_scale
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import INSTRUMENTS, Solo
from seqgen_jazz.harmony.chord import NO_CHORD, PITCH_NAMES, Chord
from seqgen_jazz.harmony.chord_parser import parse_chord

from .bands import performed
from .solos import chords

CIRCLE = [f"{root}{quality}" for root in PITCH_NAMES for quality in ("m7", "7", "maj7", "m7b5")]
WINDOWS = {window_for(player) for player in INSTRUMENTS.values()}


@given(
    st.lists(chords, min_size=1, max_size=5),
    st.sampled_from(["rootless", "shell"]),
    st.sampled_from(sorted(WINDOWS)),
)
def test_voicings_contain_third_and_seventh_within_their_window(
    chord_list: list[Chord], kind: str, window: Window
) -> None:
    for chord, pitches in zip(chord_list, voice_chords(chord_list, kind, window), strict=True):
        if chord == NO_CHORD:
            assert pitches == ()
            continue
        assert all(window.low <= pitch <= window.high for pitch in pitches)
        assert list(pitches) == sorted(set(pitches)) and 2 <= len(pitches) <= 4
        structure = chord.structure
        assert structure is not None
        for tone in (structure.third, structure.seventh):
            if tone is not None:
                assert (chord.root + tone) % 12 in {p % 12 for p in pitches}


@given(st.lists(chords.filter(lambda c: c != NO_CHORD), min_size=1, max_size=3))
@settings(max_examples=25)
def test_no_other_voicings_have_a_lower_cost(chord_list: list[Chord]) -> None:
    def cost(path: tuple[tuple[int, ...], ...]) -> float:
        return sum(map(voicing_cost, path)) + sum(movement_cost(a, b) for a, b in pairwise(path))

    ways = product(*(placements(chord, "rootless") for chord in chord_list))
    found = tuple(voice_chords(chord_list, "rootless"))
    assert cost(found) == pytest.approx(min(map(cost, ways)))


def test_a_two_five_one_moves_by_steps() -> None:
    chords_ = [parse_chord(text) for text in ("Dm7", "G7", "Cmaj7")]
    played = voice_chords(chords_, "rootless")
    assert movement_cost(played[0], played[1]) <= 4 and movement_cost(played[1], played[2]) <= 6
    assert all(
        chord.root not in {p % 12 for p in v} for chord, v in zip(chords_, played, strict=True)
    )


@pytest.mark.parametrize("name", sorted(INSTRUMENTS))
def test_the_keyboard_is_below_the_soloist(name: str) -> None:
    player = INSTRUMENTS[name]
    low, high = window_for(player)
    assert high - low >= 12 and low >= 46 and high <= 69
    if name != "bass":
        assert high <= max(62, (player.low + player.high) / 2 - 6)
    solo = performed("blues")
    comp = arrange(Solo(solo.chart, solo.notes, instrument=name, performance=solo.performance))[1]
    assert {note.pitch for note in comp.notes} <= set(range(low, high + 1))


def test_low_notes_have_wide_intervals() -> None:
    """No seconds below D3 and no thirds below C3."""
    changes = [chord for _, chord in parse_chart(" | ".join(CIRCLE)).changes]
    for pitches in voice_chords(changes, "rootless", Window(46, 62)):
        for one, other in pairwise(pitches):
            assert one >= 50 or other - one > 2
            assert one >= 48 or other - one > 4


@pytest.mark.parametrize(
    ("name", "following", "key", "ninth"),
    [
        ("Em7", "A7", key_scale(0, False), False),
        ("Dm7", "G7", key_scale(0, False), True),
        ("G7", "Cm7", key_scale(0, True), False),
        ("G7", "Cmaj7", key_scale(0, False), True),
        ("E7", "Am7", key_scale(0, False), False),
        ("D7", "G7", key_scale(0, False), True),
        ("Ebmaj7", "Ab7", key_scale(0, False), True),
        ("Bb7", "F7", key_scale(5, False), True),
    ],
)
def test_a_ninth_that_is_not_written_depends_on_the_key(
    name: str, following: str, key: frozenset[int], ninth: bool
) -> None:
    chord, after = parse_chord(name), parse_chord(following)
    assert takes_ninth(chord, after, key) == ninth
    played = voice_chords([chord, chord, after], "rootless", key=key)
    for pitches in played[:2]:
        assert ((chord.root + 2) % 12 in {pitch % 12 for pitch in pitches}) == ninth


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("Cadd9", {0, 2, 4, 7}),
        ("Cmadd9", {0, 2, 3, 7}),
        ("Cadd11", {0, 4, 5, 7}),
        ("C", {0, 4, 7}),
        ("Cdim7", {0, 3, 6, 9}),
        ("C6", {2, 4, 7, 9}),
    ],
)
def test_added_tones_of_a_triad_are_played(name: str, steps: set[int]) -> None:
    assert set(voicing_tones(parse_chord(name), "rootless")) == steps
