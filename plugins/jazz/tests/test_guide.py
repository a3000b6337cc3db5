"""Law 4: the guide allows exactly what the encoder produces and has no dead end."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.encoder import EncodingOptions, JazzEncoder
from seqgen_jazz.encoding.grammar_state import count_off_grid
from seqgen_jazz.encoding.jazz_guide import JazzGuide, MusicalConstraints, guide_tones
from seqgen_jazz.encoding.solo import ANY, INSTRUMENTS, Instrument, Solo
from seqgen_jazz.encoding.solo_condition import SoloCondition
from seqgen_jazz.encoding.solo_tokens import CLASSIC, DEGREES, Grammar
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.prompting.resolve_options import guide as make_guide

from .solos import charts, solos

ENCODER = JazzEncoder(EncodingOptions("classic"), fitted=True)
FIRST_DURATION, TIE = CLASSIC.first_duration, CLASSIC.tie
END = CLASSIC.end


def accept(guide: JazzGuide, solo: Solo, encoder: JazzEncoder = ENCODER) -> None:
    """Check that the guide allows every token of a solo and has its context rows."""
    encoded, end = encoder.encode(solo), encoder.vocabulary.end
    state = guide.start(1)
    for number, token in enumerate([*encoded.tokens.tolist(), end]):
        assert guide.allowed(state)[0, token], f"token {number}, {token}"
        context = guide.context(state)
        assert context is not None and encoded.context is not None
        assert np.array_equal(context[0], encoded.context[number])
        state = guide.advance(state, np.array([token]))
    assert guide.allowed(state)[0].nonzero()[0].tolist() == [end]


def random_walk(
    guide: JazzGuide, seed: int, long_notes: bool, grammar: Grammar = CLASSIC
) -> list[int]:
    """Random allowed tokens up to the end; ``long_notes`` draws from the longest durations."""
    rng = random.Random(seed)
    state, tokens = guide.start(1), []
    assert guide.max_tokens is not None
    for _ in range(guide.max_tokens + 1):
        allowed = guide.allowed(state)[0].nonzero()[0].tolist()
        if long_notes and grammar.first_duration <= allowed[-1] < grammar.tie:
            allowed = allowed[-4:]
        token = rng.choice(allowed)
        if token == grammar.end:
            return tokens
        tokens.append(token)
        state = guide.advance(state, np.array([token]))
    raise AssertionError("the line did not end within max_tokens")


grammars = st.sampled_from([CLASSIC, DEGREES])
all_constraints = st.builds(
    MusicalConstraints,
    st.sampled_from([0, 24, 50, 192]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([60.0, 160.0, 200.0, 320.0]),
)


def check_grid(constraints: MusicalConstraints, solo: Solo) -> None:
    """Notes begin and end on sixteenths or triplets of the beat, or on a grid twice as fine, where
    a note leads to the next place of that grid. At a fast tempo there is no finer grid, and at a
    very fast one there are eighths instead of sixteenths. Where bars end within a beat there are
    no triplets. Beats count from the end of a pickup."""
    even, triplet = (6 if constraints.tempo <= 200 else 12, 8)
    first = solo.chart.bar_starts[solo.chart.pickup]
    starts = [start - first for start in solo.chart.bar_starts]
    triplets = not any(start % 24 for start in starts[solo.chart.pickup :])
    if not triplets and any(start % even for start in starts):
        return
    if not constraints.breathe and constraints.tempo <= 200:
        even, triplet = (3 if constraints.tempo <= 160 else 6, 4)
    triplet = triplet if triplets else even
    for note in solo.notes:
        edges = [note.onset - first, note.end - first]
        on_grid = [edge % even == 0 or edge % triplet == 0 for edge in edges]
        # A pickup may begin off the grid; so may the first note.
        assert all(on_grid[note.onset == 0 :])
        if note.onset and edges[0] % 6 and edges[0] % 8:
            assert note.duration == (4 if edges[0] % 3 else 3)


def check_constraints(constraints: MusicalConstraints, solo: Solo) -> None:
    """Check the constraints by the notes of a solo alone."""
    run, tick = 0, 0
    for note in solo.notes:
        run = note.duration + (0 if note.onset - tick >= 12 else run)
        tick = note.end
        # In the last beat, a landing goes before a breath.
        assert (
            not constraints.breathe
            or run <= constraints.breathe
            or solo.chart.ticks - note.onset < 24
        )
    struck = [(note, solo.chart.chord_at(note.onset)) for note in solo.notes]
    if constraints.land and struck and struck[-1][1].chord_tones:
        assert struck[-1][0].pitch % 12 in struck[-1][1].chord_tones
    if constraints.land and struck:
        assert struck[-1][0].duration >= 12, "the landing is long enough"
    if constraints.grid:
        check_grid(constraints, solo)
    starts = {b: chord for (_, a), (b, chord) in pairwise(solo.chart.changes) if a != chord}
    for note, chord in struck:
        if constraints.guide_tones and note.onset in starts and guide_tones(chord):
            landing = constraints.land and solo.chart.ticks - note.onset <= 24
            allowed = {*guide_tones(chord), *(chord.chord_tones if landing else ())}
            assert note.pitch % 12 in allowed


@settings(deadline=None)
@given(solos(), grammars)
def test_every_solo_is_accepted_and_the_contexts_agree(solo: Solo, grammar: Grammar) -> None:
    encoder = JazzEncoder(EncodingOptions(grammar.name), fitted=True)
    accept(JazzGuide(solo.chart, ANY, grammar=grammar), solo, encoder)


@settings(deadline=None)
@given(st.data(), st.sampled_from(sorted(INSTRUMENTS)))
def test_every_solo_in_range_is_accepted_for_its_instrument(data: st.DataObject, name: str) -> None:
    solo = data.draw(solos(INSTRUMENTS[name]))
    accept(JazzGuide(solo.chart, INSTRUMENTS[name]), solo)


@settings(deadline=None, max_examples=200)
@given(charts, st.sampled_from(sorted(INSTRUMENTS)), st.integers(0, 999), grammars, all_constraints)
def test_random_walks_are_playable_solos(
    chart: Chart, name: str, seed: int, grammar: Grammar, constraints: MusicalConstraints
) -> None:
    instrument, encoder = INSTRUMENTS[name], JazzEncoder(EncodingOptions(grammar.name), fitted=True)
    guide = JazzGuide(chart, instrument, grammar=grammar, constraints=constraints)
    tokens = random_walk(guide, seed, seed % 2 == 0, grammar)
    solo = encoder.decode(tokens, chart)
    check_constraints(constraints, solo)
    assert all(instrument.low <= note.pitch <= instrument.high for note in solo.notes)
    assert all(a.end <= b.onset for a, b in zip(solo.notes, solo.notes[1:], strict=False))
    assert not solo.notes or (solo.notes[0].onset >= 0 and solo.notes[-1].end <= chart.ticks)
    # A solo has one encoding: the walk is what the encoder produces, to the last rest, so the
    # lengths fill the chart exactly.
    assert encoder.encode(solo).tokens.tolist() == tokens


@pytest.mark.parametrize("on_grid", [True, False])
@pytest.mark.parametrize("option", [True, False, None])
def test_the_grid_is_that_of_the_training_data_unless_an_option_sets_it(
    on_grid: bool, option: bool | None
) -> None:
    encoder = JazzEncoder(fitted=True, on_grid=on_grid)
    condition = SoloCondition(parse_chart("C7 | F7 | G7 | C7"), "tenor-sax")
    guide = make_guide(encoder, GenerationOptions(grid=option), condition)
    off = 0
    for seed in range(5):
        solo = encoder.decode(random_walk(guide, seed, False), condition)
        off += count_off_grid(solo)[0]
    assert (off == 0) == (on_grid if option is None else option)


@pytest.mark.parametrize(
    ("tempo", "shortest"),
    [(40, 3), (178, 3), (179, 4), (238, 4), (239, 6), (250, 6), (251, 8), (360, 8)],
)
def test_the_shortest_note_depends_on_the_tempo(tempo: int, shortest: int) -> None:
    condition = SoloCondition(parse_chart("C7 | F7 | G7 | C7"), "tenor-sax", tempo=float(tempo))
    guide = make_guide(JazzEncoder(fitted=True), GenerationOptions(), condition)
    lines = [ENCODER.decode(random_walk(guide, seed, False), condition).notes for seed in range(8)]
    assert min(note.duration for notes in lines for note in notes) == shortest
    assert all(shortest <= b.onset - a.onset for notes in lines for a, b in pairwise(notes))


@pytest.mark.parametrize(("low", "high"), [(60, 60), (28, 29), (99, 100), (40, 53)])
def test_the_narrowest_ranges_have_no_dead_end(low: int, high: int) -> None:
    chart = Chart((Bar(((0, parse_chord("C7")),)),) * 2)
    for seed in range(20):
        tokens = random_walk(JazzGuide(chart, Instrument("narrow", low, high, 0)), seed, True)
        notes = ENCODER.decode(tokens, chart).notes
        assert all(low <= note.pitch <= high for note in notes)


def test_the_longest_walk_is_within_max_tokens() -> None:
    """Always the token with the least progress: octave moves first, then the shortest duration."""
    chart = Chart((Bar(((0, parse_chord("C7")),)),))
    guide = JazzGuide(chart, ANY)
    state, count = guide.start(1), 0
    while not (allowed := guide.allowed(state)[0])[END]:
        order = [TIE, *range(101, 103), *range(104), *range(FIRST_DURATION, TIE)]
        token = next(token for token in order if allowed[token])
        state = guide.advance(state, np.array([token]))
        count += 1
    assert guide.max_tokens is not None
    assert count <= guide.max_tokens


def test_rows_of_a_batch_are_independent() -> None:
    chart = Chart((Bar(((0, parse_chord("C7")),)), Bar(((0, parse_chord("F7")),))))
    guide = JazzGuide(chart, ANY)
    walks = [random_walk(guide, seed, False) for seed in range(3)]
    together = guide.start(3)
    alone = [guide.start(1) for _ in walks]
    for step in range(min(map(len, walks))):
        tokens = np.array([walk[step] for walk in walks])
        before = together
        together = guide.advance(together, tokens)
        for row, token in enumerate(tokens):
            assert np.array_equal(guide.allowed(before)[row], guide.allowed(alone[row])[0])
            alone[row] = guide.advance(alone[row], np.array([token]))
            picked = guide.select(together, np.array([row]))
            assert np.array_equal(guide.allowed(picked), guide.allowed(alone[row]))
    allowed = guide.allowed(guide.start(2))
    allowed[0] = False  # the array belongs to the caller
    assert guide.allowed(guide.start(1)).any()


def test_an_empty_chart_may_only_end() -> None:
    guide = JazzGuide(Chart(()), ANY)
    assert guide.allowed(guide.start(1))[0].nonzero()[0].tolist() == [END]
    assert guide.max_tokens == 0
    assert guide.context(guide.start(2)) is not None


def test_each_constraint_can_be_removed_by_name() -> None:
    chart = Chart((Bar(((0, parse_chord("C7")),)), Bar(((0, parse_chord("F7")),))))
    guide = JazzGuide(
        chart,
        ANY,
        constraints=MusicalConstraints(breathe=48, guide_tones=True, land=True, grid=True),
    )
    assert sorted(guide.without) == ["breathe", "guide-tones"], "without the defaults"
    assert sorted(guide.without["guide-tones"].without) == ["breathe"]
    assert not JazzGuide(chart, ANY).without


@pytest.mark.parametrize(
    ("name", "tones"),
    [
        *(("C7", {4, 10}), ("Dm7", {5, 0}), ("Cmaj7", {4, 11}), ("Bdim7", {2, 8})),
        *(("C7sus4", {5, 10}), ("Am6", {0, 6}), ("C", {4}), ("N.C.", set())),
    ],
)
def test_guide_tones_are_third_and_seventh(name: str, tones: set[int]) -> None:
    assert guide_tones(parse_chord(name)) == tones
