"""Law 1: decoding the tokens of a solo returns it exactly, for any chart and meter."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.encoder import EncodingOptions, JazzEncoder
from seqgen_jazz.encoding.grammar_state import COLUMNS, count_off_grid
from seqgen_jazz.encoding.jazz_guide import JazzGuide, MusicalConstraints
from seqgen_jazz.encoding.solo import ANY, Note, Solo
from seqgen_jazz.encoding.solo_tokens import CLASSIC, DURATIONS, GRAMMARS, WIDEST, note_classes
from seqgen_jazz.harmony.chord_parser import parse_chord

from seqgen import DataError, SeqgenError

from .solos import CHORDS, charts, solos

ENCODER = JazzEncoder(EncodingOptions("classic"), fitted=True)


def chart(*texts: str) -> Chart:
    """A chart of 4/4 bars with one chord each."""
    return Chart(tuple(Bar(((0, parse_chord(text)),)) for text in texts))


def encoded_symbols(solo: Solo) -> list[str]:
    """The symbols that encode a solo."""
    return [CLASSIC.symbols[token] for token in ENCODER.encode(solo).tokens]


@given(solos(), st.sampled_from(sorted(GRAMMARS)))
def test_round_trip(solo: Solo, name: str) -> None:
    encoder = JazzEncoder(EncodingOptions(name), fitted=True)
    encoded = encoder.encode(solo)
    assert encoder.decode(encoded.tokens.tolist(), encoded.condition) == solo


@given(st.sampled_from(CHORDS), st.integers(20, 110), st.integers(-WIDEST, WIDEST))
def test_each_pitch_has_one_token_from_each_reference(name: str, reference: int, step: int) -> None:
    chord = parse_chord(name)
    for grammar in GRAMMARS.values():
        token = grammar.pitches.token(chord, reference, reference + step)
        assert 0 <= token < len(grammar.pitches.symbols)
        assert grammar.pitches.pitch(chord, reference, token) == reference + step
        tokens = range(len(grammar.pitches.symbols))
        found = [grammar.pitches.pitch(chord, reference, token) for token in tokens]
        assert found.count(reference + step) == 1


def test_degrees_are_relative_to_the_chord() -> None:
    encoder = JazzEncoder(EncodingOptions("degrees"), fitted=True)
    over = chart("C7", "N.C.")
    notes = (
        Note(0, 24, 67),
        Note(24, 24, 70),
        Note(48, 24, 70),
        Note(72, 24, 52),
        Note(96, 24, 55),
    )
    found = [encoder.vocabulary.symbols[t] for t in encoder.encode(Solo(over, notes)).tokens]
    assert [symbol for symbol in found if symbol[0] not in "dRT"] == [
        *("5+", "b7+", "="),  # G above F#, B flat above G, repeated
        *("8-", "3-"),  # E, more than an octave below
        "b3+",  # without a chord, counted from the previous note
    ]


def test_degrees_are_the_same_in_every_key() -> None:
    encoder = JazzEncoder(EncodingOptions("degrees"), fitted=True)
    solo = Solo(chart("C7", "F7", "Dm7", "G7"), (Note(0, 12, 60), Note(100, 50, 67)))
    one, other = encoder.encode(solo), encoder.encode(solo.transpose(-3))
    assert np.array_equal(one.tokens[1:], other.tokens[1:])


@given(solos())
def test_context_has_its_shape_and_is_within_bounds(solo: Solo) -> None:
    encoded = ENCODER.encode(solo)
    assert encoded.context is not None
    assert encoded.context.shape == (len(encoded.tokens) + 1, len(COLUMNS))
    assert encoded.context.dtype == encoded.tokens.dtype == np.int32
    assert (encoded.context >= 0).all()
    assert (encoded.context < np.array(ENCODER.context_sizes)).all()


def test_every_kind_of_token_is_used() -> None:
    solo = Solo(
        chart("C7", "F7"),
        (Note(0, 12, 67), Note(12, 12, 69), Note(30, 30, 69 + 30), Note(96, 96, 66)),
    )
    assert encoded_symbols(solo) == [
        *("C:+1", "d:12"),  # G, a semitone above the first reference
        *("S:+2", "d:12"),  # A is of C mixolydian
        *("R", "d:6"),
        *("8+", "8+", "A:+6", "d:24", "T", "d:6"),  # E flat, next to E; thirty semitones up
        *("R", "d:36"),
        *("8-", "8-", "A:-9", "d:96"),  # F sharp over F7, next to F
    ]


def test_classes_depend_on_pitch_class_in_the_classic_precedence() -> None:
    letters = ["CSAX"[number] for number in note_classes(parse_chord("Cmaj7"))]
    assert letters == list("CASACSACASAC")
    assert set(note_classes(parse_chord("N.C."))) == {3}
    assert note_classes(parse_chord("G#7")) == note_classes(parse_chord("Ab7"))


def test_lengths_are_the_greedy_sum_of_notatable_durations() -> None:
    for ticks in range(1, 400):
        tokens = [CLASSIC.symbols[token] for token in CLASSIC.duration_tokens(ticks)]
        assert tokens[1::2] == ["T"] * (len(tokens) // 2)
        parts = [int(token[2:]) for token in tokens[::2]]
        assert sum(parts) == ticks
        left = ticks
        for part in parts:
            assert part == max(d for d in DURATIONS if d <= left)
            left -= part


def test_another_key_changes_only_the_register() -> None:
    solo = Solo(chart("C7", "F7", "Dm7", "G7"), (Note(0, 12, 60), Note(100, 50, 67)))
    higher = solo.transpose(5)
    first, second = ENCODER.encode(solo), ENCODER.encode(higher)
    assert first.context is not None and second.context is not None
    register = list(COLUMNS).index("register of the reference")
    # The first note counts from a fixed reference, so its interval depends on the key.
    assert np.array_equal(
        np.delete(first.context[1:], register, axis=1),
        np.delete(second.context[1:], register, axis=1),
    )
    assert np.array_equal(first.tokens[1:], second.tokens[1:])


@given(charts)
def test_an_empty_line_is_one_rest(found: Chart) -> None:
    encoded = ENCODER.encode(Solo(found, ()))
    assert CLASSIC.symbols[encoded.tokens[0]] == "R"
    assert ENCODER.decode(encoded.tokens.tolist(), found) == Solo(found, ())


def test_missing_tokens_are_decoded_as_silence() -> None:
    solo = Solo(chart("C7", "F7"), (Note(0, 12, 67), Note(12, 30, 69)))
    tokens = ENCODER.encode(solo).tokens.tolist()
    assert ENCODER.decode(tokens[:3], solo.chart).notes == solo.notes[:1]
    assert ENCODER.decode(tokens[:4], solo.chart).notes == (Note(0, 12, 67), Note(12, 24, 69))


def test_the_condition_contains_the_labels() -> None:
    solo = Solo(chart("C7"), (), title="Rain", tempo=211.0)
    encoded = ENCODER.encode(solo)
    back = ENCODER.decode(encoded.tokens.tolist(), encoded.condition)
    assert (back.title, back.tempo) == ("Rain", 211.0)


def test_json_round_trip_and_fingerprint() -> None:
    saved = json.loads(json.dumps(ENCODER.to_json()))
    again = JazzEncoder.from_json(saved)
    assert again.vocabulary == ENCODER.vocabulary
    assert again.fingerprint() == ENCODER.fingerprint()
    saved["symbols"].append("Q")
    with pytest.raises(SeqgenError, match="another jazz grammar"):
        JazzEncoder.from_json(saved)


def test_fit_stores_whether_the_corpus_is_on_the_grid() -> None:
    over = parse_chart("C7 | F7 | G7 | C7")
    notated = Solo(over, tuple(Note(12 * place, 12, 60 + place % 5) for place in range(32)))
    late = Solo(over, tuple(Note(12 * place + 1, 10, 60 + place % 5) for place in range(32)))
    for corpus, on_grid in (
        ([notated], True),
        ([late], False),
        ([notated] * 99 + [late], True),
        ([notated, late], False),
        ([Solo(parse_chart("7/8: C7 | F7"), (Note(12, 6, 60),))], True),
        ([Solo(parse_chart("7/8: C7 | F7"), (Note(8, 8, 60),))], False),  # no triplets there
        ([Solo(parse_chart("7/32: C7 | F7"), (Note(1, 7, 60),))], True),  # bars off every grid
        ([Solo(parse_chart("1/8: C7 | 4/4: F7 | C7"), (Note(20, 8, 60),))], True),
        ([Solo(parse_chart("1/8: C7 | 4/4: F7 | C7"), (Note(16, 8, 60),))], False),
    ):
        encoder = JazzEncoder().fit(corpus)
        again = JazzEncoder.from_json(json.loads(json.dumps(encoder.to_json())))
        assert encoder.on_grid == again.on_grid == on_grid
        assert encoder.fingerprint() == again.fingerprint()
    assert "on_grid" not in JazzEncoder().fit([notated]).to_json(), "as in earlier model files"


@given(solos())
def test_a_solo_is_on_the_grid_if_the_guide_with_the_grid_accepts_it(solo: Solo) -> None:
    guide = JazzGuide(solo.chart, ANY, constraints=MusicalConstraints(grid=True))
    state, accepted = guide.start(1), True
    for token in ENCODER.encode(solo).tokens.tolist():
        accepted = accepted and bool(guide.allowed(state)[0, token])
        state = guide.advance(state, np.array([token]))
    assert accepted == (count_off_grid(solo)[0] == 0)


def test_unencodable_solos_are_refused_with_the_note() -> None:
    over = chart("C7")
    with pytest.raises(DataError, match=r"note 2 starts at tick 10, before 12"):
        ENCODER.encode(Solo(over, (Note(0, 12, 60), Note(10, 20, 62))))
    with pytest.raises(DataError, match=r"chart ends at 96"):
        ENCODER.encode(Solo(over, (Note(90, 12, 60),)))
    with pytest.raises(DataError, match="solo 1: note 1 of 'Deep' has pitch 12"):
        JazzEncoder().fit([Solo(over, (Note(0, 12, 12),), title="Deep")])
    with pytest.raises(DataError, match="no notes"):
        JazzEncoder().fit([])
    with pytest.raises(SeqgenError, match="not fitted"):
        JazzEncoder().encode(Solo(over, ())) and JazzEncoder().vocabulary


def test_decoding_refuses_tokens_that_the_guide_does_not_allow() -> None:
    ids = {symbol: number for number, symbol in enumerate(CLASSIC.symbols)}
    for symbols, what in (
        (["d:12"], "d:12"),
        (["S:+1"], "S:"),  # G over C7 is a chord tone
        (["C:+1", "C:+1"], "LENGTH"),
        (["R", "d:12", "R"], "'R'"),
        (["R", "d:24", "T", "d:12"], "d:12"),  # 36 is one duration
        (["8+", "8-"], "8-"),
        (["R", "d:96", "T", "d:1"], "T"),
    ):
        with pytest.raises(DataError, match=f"does not allow .*{what}"):
            ENCODER.decode([ids[symbol] for symbol in symbols], chart("C7"))
    with pytest.raises(DataError, match="token id 500"):
        ENCODER.decode([500], chart("C7"))
