"""Chord symbols: dialects, canonical spelling, and errors that name the column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.harmony.chord import FAMILIES, NO_CHORD, TENSIONS, Chord, Quality, make_chord
from seqgen_jazz.harmony.chord_parser import ChordSyntaxError, parse_chord, parse_quality

from seqgen import DataError

from .chord_table import Spelling, spellings


@st.composite
def qualities(draw: st.DrawFn) -> Quality:
    third = draw(st.sampled_from([4, 3, 5, 2, None]))
    fifth = draw(st.sampled_from([7, 6, 8, None]))
    seventh = draw(st.sampled_from([None, 9, 10, 11]))
    if draw(st.booleans()) and (third, fifth, seventh) == (4, 7, 10):
        return Quality.altered()
    if third is None and seventh is None:
        fifth = 7  # the root alone is no chord
    pool = [tone for tone in TENSIONS.values() if tone != 16 or third in (2, 5)]
    return Quality.make(third, fifth, seventh, draw(st.sets(st.sampled_from(pool))))


chords = st.one_of(
    st.just(NO_CHORD),
    st.builds(
        make_chord,
        st.integers(0, 11),
        qualities(),
        st.one_of(st.none(), st.integers(0, 11)),
    ),
)


@given(chords)
def test_canonical_spelling_parses_to_an_equal_chord(chord: Chord) -> None:
    assert parse_chord(chord.text) == chord
    assert parse_chord(str(chord)).text == chord.text


@given(chords, st.integers(-40, 40))
def test_transposing_moves_every_part_and_is_invertible(chord: Chord, by: int) -> None:
    moved = chord.transpose(by)
    assert moved.transpose(-by) == chord
    assert moved.chord_tones == tuple((tone + by) % 12 for tone in chord.chord_tones)
    assert set(moved.scale) == {(tone + by) % 12 for tone in chord.scale}
    assert moved.family == chord.family


@given(chords)
def test_scale_contains_every_written_tone_and_family_is_known(chord: Chord) -> None:
    assert chord.family in FAMILIES
    assert set(chord.chord_tones) <= set(chord.scale)
    assert {(chord.root + tone) % 12 for tone in chord.tensions} <= set(chord.scale)
    assert len(set(chord.chord_tones)) == len(chord.chord_tones) <= 4


@given(st.text(alphabet="CDFGABHb#-^Δo+øh7913(6)/msuaddlt, ", max_size=12))
def test_any_text_is_parsed_stably_or_refused_with_its_column(text: str) -> None:
    try:
        chord = parse_chord(text)
    except DataError as error:
        assert "column" in str(error)
        assert repr(text) in str(error)
    else:
        assert parse_chord(chord.text) == chord


def meaning(chord: Chord) -> tuple[int | None, frozenset[int], int | None]:
    return (None if chord.root < 0 else chord.root), frozenset(chord.pitch_classes), chord.bass


def test_every_spelling_of_the_table_has_the_pitch_classes_of_theory() -> None:
    table = spellings()
    assert len({row.text for row in table}) == len(table) >= 400
    assert len({row.dialect for row in table}) >= 6
    wrong = [
        (row.text, str(chord))
        for row in table
        if meaning(chord := parse_chord(row.text)) != (row.root, row.pitch_classes, row.bass)
        or parse_chord(str(chord)) != chord
    ]
    assert wrong == []


@given(
    st.sampled_from(spellings()),
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from(["insert", "delete", "replace", "swap"])),
        max_size=4,
    ),
    st.text("ABCDEFGb#♭♯-−+ΔøØo°^jhmaMdsugin0123456789()/%:,. \t\n𝄫", min_size=4, max_size=4),
)
def test_a_mutated_spelling_is_parsed_stably_or_refused_with_its_column(
    row: Spelling, edits: list[tuple[int, str]], letters: str
) -> None:
    text = row.text
    for (at, edit), letter in zip(edits, letters, strict=False):
        new = {"insert": letter + text[at : at + 1], "replace": letter, "delete": ""}
        text = (
            text[:at] + new.get(edit, text[at : at + 2][::-1]) + text[at + 1 + (edit == "swap") :]
        )
    try:
        chord = parse_chord(text)
    except DataError as error:
        assert f"the chord {text!r} at column" in str(error)
    else:
        assert parse_chord(chord.text) == chord


@given(st.text(max_size=30))
def test_any_unicode_text_is_parsed_or_refused(text: str) -> None:
    try:
        parse_chord(text)
    except DataError as error:
        assert "column" in str(error)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C+11", "column 2: it can be #11 or an augmented 11"),
        ("E♭♭9", "column 3: two accidentals before a number are ambiguous"),
        ("%", "column 1: it repeats the bar before"),
        ("C07", "'Co7'"),
        ("C4", "'Csus4'"),
        ("C-5", r"'C\(b5\)'"),
        ("C7[b9]", r"'C7\(b9\)'"),
        ("C/e", "'C/E'"),
        ("C:maj/9", "column 6"),
        ("A:", "column 3: expected a quality after the colon"),
        ("D/C7", "column 2: expected a bass note"),
    ],
)
def test_errors_suggest_the_likely_meaning(text: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        parse_chord(text)


READINGS = {
    "Bb7": "10 4 7 10 |",
    "B-7": "11 3 7 10 |",
    "Bmi7": "11 3 7 10 |",
    "C^7": "0 4 7 11 |",
    "CΔ": "0 4 7 11 |",
    "CΔ7": "0 4 7 11 |",
    "Cj7": "0 4 7 11 |",
    "CM7": "0 4 7 11 |",
    "C7M": "0 4 7 11 |",
    "Ch7": "0 3 6 10 |",
    "Cø": "0 3 6 10 |",
    "C-7b5": "0 3 6 10 |",
    "C7alt": "0 4 10 | 13 15 18 20",
    "C69": "0 4 7 9 | 14",
    "C6/9": "0 4 7 9 | 14",
    "C7sus4": "0 5 7 10 |",
    "C9sus": "0 5 7 10 | 14",
    "Csus7913": "0 5 7 10 | 14 21",
    "C13": "0 4 7 10 | 14 21",
    "C7b9#11": "0 4 7 10 | 13 18",
    "C7(b9,13)": "0 4 7 10 | 13 21",
    "C79b": "0 4 7 10 | 13",
    "C79b13": "0 4 7 10 | 13 21",
    "C9b13": "0 4 7 10 | 14 20",
    "C7911#": "0 4 7 10 | 14 18",
    "C7-9": "0 4 7 10 | 13",
    "C-9": "0 3 7 10 | 14",
    "C7+": "0 4 8 10 |",
    "C+7": "0 4 8 10 |",
    "C7+9": "0 4 7 10 | 15",
    "F#o": "6 3 6 |",
    "Fdim7": "5 3 6 9 |",
    "C+": "0 4 8 |",
    "Caug": "0 4 8 |",
    "Cmadd9": "0 3 7 | 14",
    "CmMaj7": "0 3 7 11 |",
    "C-^7": "0 3 7 11 |",
    "C-j7": "0 3 7 11 |",
    "Cm(maj7)": "0 3 7 11 |",
    "Cb5": "11 7 |",
    "C(b5)": "0 4 6 |",
    "C5": "0 7 |",
    "Dbb": "0 4 7 |",
    "C6911#": "0 4 7 9 | 14 18",
    "Csus24": "0 5 7 | 14",
}


@pytest.mark.parametrize(("text", "meaning"), READINGS.items())
def test_dialects(text: str, meaning: str) -> None:
    tones, _, tensions = meaning.partition("|")
    root, *rest = (int(number) for number in tones.split())
    chord = parse_chord(text)
    assert (chord.root, chord.intervals) == (root, (0, *rest))
    assert chord.tensions == tuple(int(number) for number in tensions.split())


SUFFIXES = """
    7 m7 M7 m 6 m7b5 7b9 o7 9 m6 7alt 7+ 7#9 13 7#11 m9 7#5 7sus4 M7#11 7b5 + 69 o mM7 m11 M9
    9sus4 M69 M6#11 M6b5 Madd9 add9no3 sus24 sus4add9 add2 M#5 aug7 mb6 m11#5 7b9b5 7#9#5 7b9b13
    9b13 13sus4 7b9sus4 7no5 mM9 -j7 j7 -7 - 79b sus j79 j7911# 79# sus7913 7911# +7 +79# +7911#
    +j7 -69 -7911 -7913 -79b -j7911# 6911# 79#11# 79#13 79b13b 7913b j79#11# sus79 ^7 ^9#11 -^9
    h9 7susadd3 -b6 alt m(maj7) m(add9) maj7(#11) 7(b9b13) 7(omit3) 6/9(#11) 13(b9) 7M (no3)
"""


@pytest.mark.parametrize("suffix", SUFFIXES.split())
def test_suffixes_of_common_collections_are_parsed_on_every_root(suffix: str) -> None:
    first = parse_chord("C" + suffix)
    for root in ("Db", "F#", "Bb", "G"):
        chord = parse_chord(root + suffix)
        assert chord == first.transpose(chord.root)
        assert parse_chord(chord.text) == chord


def test_slash_bass_and_no_chord() -> None:
    assert parse_chord("C/E").bass == 4
    assert parse_chord("Am/G").bass == 7
    assert parse_chord("C7/C") == parse_chord("C7")
    assert parse_chord("Gm7b5/Db").intervals == (0, 3, 6, 10)
    assert parse_chord("N.C.") == parse_chord("NC") == NO_CHORD


@pytest.mark.parametrize(
    ("text", "column", "near"),
    [
        ("Cmajj7", 5, "'Cmaj7'"),
        ("cm7", 1, "'Cm7'"),
        ("H7", 1, "'B7'"),
        ("Cm7x", 4, "'Cm7'"),
        ("Ebb9", 3, "'Eb7b9'"),
        ("C/H", 2, "'C'"),
        ("C7b5#5", 5, ""),
        ("C7(b9", 6, "'C7b9'"),
        ("", 1, ""),
    ],
)
def test_errors_name_the_column_and_the_nearest_chord(text: str, column: int, near: str) -> None:
    with pytest.raises(DataError, match=f"column {column}:") as caught:
        parse_chord(text)
    assert near in str(caught.value)


@pytest.mark.parametrize(
    ("text", "family", "scale"),
    [
        ("C7", "dominant", (0, 2, 4, 5, 7, 9, 10)),
        ("C9#11", "dominant", (0, 2, 4, 6, 7, 9, 10)),
        ("C7alt", "altered", (0, 1, 3, 4, 6, 8, 10)),
        ("C7b9", "altered", (0, 1, 3, 4, 6, 7, 9, 10)),
        ("Cm7", "minor7", (0, 2, 3, 5, 7, 9, 10)),
        ("Cmaj7", "maj7", (0, 2, 4, 5, 7, 9, 11)),
        ("Cm7b5", "half-diminished", (0, 1, 3, 5, 6, 8, 10)),
        ("Cdim7", "diminished", (0, 2, 3, 5, 6, 8, 9, 11)),
        ("Caug", "augmented", (0, 2, 4, 6, 8, 10)),
        ("C9sus4", "sus", (0, 2, 4, 5, 7, 9, 10)),
        ("Cmmaj7", "minor", (0, 2, 3, 5, 7, 9, 11)),
        ("C6", "major", (0, 2, 4, 5, 7, 9, 11)),
        ("N.C.", "none", ()),
    ],
)
def test_families_and_scales(text: str, family: str, scale: tuple[int, ...]) -> None:
    chord = parse_chord(text)
    assert (chord.family, chord.scale) == (family, scale)


def test_a_suffix_error_keeps_its_offset() -> None:
    with pytest.raises(ChordSyntaxError) as caught:
        parse_quality("7b5?")
    assert caught.value.at == 3
