"""Law 4: the guide allows what the encoder writes and nothing else, and never ends in a corner."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.condition import Setting
from seqgen_jazz.encoding.encoder import JazzEncoder, Writing
from seqgen_jazz.encoding.grammar import CLASSIC, DEGREES, Grammar
from seqgen_jazz.encoding.guide import JazzGuide, jazz_guide
from seqgen_jazz.encoding.instruments import ANY, INSTRUMENTS, Instrument
from seqgen_jazz.encoding.musical_constraints import Rules, guide_tones
from seqgen_jazz.encoding.rhythm_grid import breaks
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.harmony.chord import parse_chord
from seqgen_jazz.options import JazzPrompt

from .solos import charts, solos

ENCODER = JazzEncoder(Writing("classic"), fitted=True)
FIRST_DURATION, TIE = CLASSIC.first_duration, CLASSIC.tie
END = CLASSIC.end


def accept(guide: JazzGuide, solo: Solo, encoder: JazzEncoder = ENCODER) -> None:
    """Walk the guide along a solo; every token must be allowed, every context row agree."""
    encoded, end = encoder.encode(solo), encoder.vocabulary.end
    state = guide.start(1)
    for number, token in enumerate([*encoded.tokens.tolist(), end]):
        assert guide.allowed(state)[0, token], f"token {number}, {token}"
        context = guide.context(state)
        assert context is not None and encoded.context is not None
        assert np.array_equal(context[0], encoded.context[number])
        state = guide.advance(state, np.array([token]))
    assert guide.allowed(state)[0].nonzero()[0].tolist() == [end]


def wander(guide: JazzGuide, seed: int, long_notes: bool, grammar: Grammar = CLASSIC) -> list[int]:
    """Random allowed tokens until the end; the longest durations only, to see the ends of bars."""
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
all_rules = st.builds(
    Rules,
    st.sampled_from([0, 24, 50, 192]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([60.0, 160.0, 200.0, 320.0]),
)


def readable(rules: Rules, solo: Solo) -> None:
    """Notes begin and end on sixteenths or triplets of the beat, or where those are parted once
    more; there a note leads on to the next place of that finer grid. At a fast tempo nothing is
    parted once more, and at a very fast one there are eighths instead of sixteenths. Where bars
    end within a beat there are no triplets. Beats are counted from the end of a pickup."""
    even, triplet = (6 if rules.tempo <= 200 else 12, 8)
    first = solo.chart.bar_starts[solo.chart.pickup]
    starts = [start - first for start in solo.chart.bar_starts]
    triplets = not any(start % 24 for start in starts[solo.chart.pickup :])
    if not triplets and any(start % even for start in starts):
        return
    if not rules.breathe and rules.tempo <= 200:
        even, triplet = (3 if rules.tempo <= 160 else 6, 4)
    triplet = triplet if triplets else even
    for note in solo.notes:
        edges = [note.onset - first, note.end - first]
        on_grid = [edge % even == 0 or edge % triplet == 0 for edge in edges]
        # A pickup may begin where no beat is parted; so may the first note.
        assert all(on_grid[note.onset == 0 :])
        if note.onset and edges[0] % 6 and edges[0] % 8:
            assert note.duration == (4 if edges[0] % 3 else 3)


def keeps(rules: Rules, solo: Solo) -> None:
    """Hold a solo against the rules, from its notes alone."""
    run, tick = 0, 0
    for note in solo.notes:
        run = note.duration + (0 if note.onset - tick >= 12 else run)
        tick = note.end
        # A landing that is owed in the last beat goes before a breath.
        assert not rules.breathe or run <= rules.breathe or solo.chart.ticks - note.onset < 24
    struck = [(note, solo.chart.chord_at(note.onset)) for note in solo.notes]
    if rules.land and struck and struck[-1][1].chord_tones:
        assert struck[-1][0].pitch % 12 in struck[-1][1].chord_tones
    if rules.land and struck:
        assert struck[-1][0].duration >= 12, "what lands can be heard"
    if rules.grid:
        readable(rules, solo)
    starts = {b: chord for (_, a), (b, chord) in pairwise(solo.chart.changes) if a != chord}
    for note, chord in struck:
        if rules.guide_tones and note.onset in starts and guide_tones(chord):
            landing = rules.land and solo.chart.ticks - note.onset <= 24
            allowed = {*guide_tones(chord), *(chord.chord_tones if landing else ())}
            assert note.pitch % 12 in allowed


@settings(deadline=None)
@given(solos(), grammars)
def test_every_solo_is_accepted_and_the_contexts_agree(solo: Solo, grammar: Grammar) -> None:
    encoder = JazzEncoder(Writing(grammar.name), fitted=True)
    accept(JazzGuide(solo.chart, ANY, grammar=grammar), solo, encoder)


@settings(deadline=None)
@given(st.data(), st.sampled_from(sorted(INSTRUMENTS)))
def test_every_solo_in_range_is_accepted_for_its_instrument(data: st.DataObject, name: str) -> None:
    solo = data.draw(solos(INSTRUMENTS[name]))
    accept(JazzGuide(solo.chart, INSTRUMENTS[name]), solo)


@settings(deadline=None, max_examples=200)
@given(charts, st.sampled_from(sorted(INSTRUMENTS)), st.integers(0, 999), grammars, all_rules)
def test_random_walks_are_playable_solos(
    chart: Chart, name: str, seed: int, grammar: Grammar, rules: Rules
) -> None:
    instrument, encoder = INSTRUMENTS[name], JazzEncoder(Writing(grammar.name), fitted=True)
    guide = JazzGuide(chart, instrument, grammar=grammar, rules=rules)
    tokens = wander(guide, seed, seed % 2 == 0, grammar)
    solo = encoder.decode(tokens, chart)
    keeps(rules, solo)
    assert all(instrument.low <= note.pitch <= instrument.high for note in solo.notes)
    assert all(a.end <= b.onset for a, b in zip(solo.notes, solo.notes[1:], strict=False))
    assert not solo.notes or (solo.notes[0].onset >= 0 and solo.notes[-1].end <= chart.ticks)
    # One token string a solo: what was walked is what the encoder writes, to the last rest,
    # so the lengths fill the chart exactly.
    assert encoder.encode(solo).tokens.tolist() == tokens


@pytest.mark.parametrize("on_grid", [True, False])
@pytest.mark.parametrize("asked", [True, False, None])
def test_the_grid_is_that_of_the_training_data_unless_it_is_asked_for(
    on_grid: bool, asked: bool | None
) -> None:
    encoder = JazzEncoder(fitted=True, on_grid=on_grid)
    setting = Setting(parse_chart("C7 | F7 | G7 | C7"), "tenor-sax")
    guide = jazz_guide(encoder, JazzPrompt(grid=asked), setting)
    off = 0
    for seed in range(5):
        solo = encoder.decode(wander(guide, seed, False), setting)
        off += breaks(solo)[0]
    assert (off == 0) == (on_grid if asked is None else asked)


@pytest.mark.parametrize(
    ("tempo", "shortest"),
    [(40, 3), (178, 3), (179, 4), (238, 4), (239, 6), (250, 6), (251, 8), (360, 8)],
)
def test_the_faster_it_is_the_longer_is_the_shortest_note(tempo: int, shortest: int) -> None:
    setting = Setting(parse_chart("C7 | F7 | G7 | C7"), "tenor-sax", tempo=float(tempo))
    guide = jazz_guide(JazzEncoder(fitted=True), JazzPrompt(), setting)
    lines = [ENCODER.decode(wander(guide, seed, False), setting).notes for seed in range(8)]
    assert min(note.duration for notes in lines for note in notes) == shortest
    assert all(shortest <= b.onset - a.onset for notes in lines for a, b in pairwise(notes))


@pytest.mark.parametrize(("low", "high"), [(60, 60), (28, 29), (99, 100), (40, 53)])
def test_the_narrowest_ranges_have_no_dead_end(low: int, high: int) -> None:
    chart = Chart((Bar(((0, parse_chord("C7")),)),) * 2)
    for seed in range(20):
        tokens = wander(JazzGuide(chart, Instrument("narrow", low, high, 0)), seed, True)
        notes = ENCODER.decode(tokens, chart).notes
        assert all(low <= note.pitch <= high for note in notes)


def test_tokens_bound_is_kept_by_the_worst_walk() -> None:
    """Always the token that wins least: octave moves first, then the shortest duration."""
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


def test_rows_of_a_batch_do_not_touch_each_other() -> None:
    chart = Chart((Bar(((0, parse_chord("C7")),)), Bar(((0, parse_chord("F7")),))))
    guide = JazzGuide(chart, ANY)
    walks = [wander(guide, seed, False) for seed in range(3)]
    together = guide.start(3)
    alone = [guide.start(1) for _ in walks]
    for step in range(min(map(len, walks))):
        tokens = np.array([walk[step] for walk in walks])
        kept = together
        together = guide.advance(together, tokens)
        for row, token in enumerate(tokens):
            assert np.array_equal(guide.allowed(kept)[row], guide.allowed(alone[row])[0])
            alone[row] = guide.advance(alone[row], np.array([token]))
            picked = guide.select(together, np.array([row]))
            assert np.array_equal(guide.allowed(picked), guide.allowed(alone[row]))
    allowed = guide.allowed(guide.start(2))
    allowed[0] = False  # a caller's array is the caller's own
    assert guide.allowed(guide.start(1)).any()


def test_an_empty_chart_may_only_end() -> None:
    guide = JazzGuide(Chart(()), ANY)
    assert guide.allowed(guide.start(1))[0].nonzero()[0].tolist() == [END]
    assert guide.max_tokens == 0
    assert guide.context(guide.start(2)) is not None


def test_rules_are_named_and_each_can_be_left_out() -> None:
    chart = Chart((Bar(((0, parse_chord("C7")),)), Bar(((0, parse_chord("F7")),))))
    guide = JazzGuide(chart, ANY, rules=Rules(breathe=48, guide_tones=True, land=True, grid=True))
    assert sorted(guide.without) == ["breathe", "guide-tones"], "what always holds is not counted"
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
