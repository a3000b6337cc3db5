"""The ABC reader: exact notes, repeats, chord symbols, errors with line and column."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.abc import read_abc, read_abc_text
from seqgen_jazz.readers.abc_fields import parse_abc_chord, parse_key, parse_length
from seqgen_jazz.readers.errors import SkipReason
from seqgen_jazz.readers.raw_tune import Count, FileRead
from seqgen_jazz.readers.read_file import quantize_file

from seqgen import DataError

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nQ:1/4=180\nK:C\n"


def tune(body: str, head: str = HEAD) -> FileRead:
    return quantize_file(read_abc_text(head + body, "test"))


def spans(read: FileRead) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for n in read.solos[0].notes]


def test_abc_notes_chords_and_bars() -> None:
    read = tune('"Dm7"defg a2z2 | "G7"g4 "Ab7"f4 | "Cmaj7"e8 |]')
    solo = read.solos[0]
    assert str(solo.chart) == "Dm7 | G7 Ab7 | Cmaj7"
    assert (solo.title, solo.tempo) == ("Test", 180.0)
    assert spans(read) == [
        (0, 12, 74),
        (12, 12, 76),
        (24, 12, 77),
        (36, 12, 79),
        (48, 24, 81),
        (96, 48, 79),
        (144, 48, 77),
        (192, 96, 76),
    ]


def test_abc_accidentals_apply_to_the_bar_and_to_tied_notes() -> None:
    read = tune('"C"^f2f2 f2=f2 | "C"f2 _B2 B2 ^f2- | "C"f2f2 A2A2 |')
    assert [pitch for _, _, pitch in spans(read)] == [78, 78, 78, 77, 77, 70, 70, 78, 77, 69, 69]


def test_abc_accidentals_in_another_octave_are_counted() -> None:
    read = tune('"C"^f2F2 cdef | "C"gabc\' c4 |')
    assert [pitch for _, _, pitch in spans(read)][:2] == [78, 66]
    assert read.counts[Count.ACCIDENTALS] == 1
    plain = tune('I:propagate-accidentals octave\n"C"^f2F2 cdef | "C"gabc\' c4 |')
    assert [pitch for _, _, pitch in spans(plain)][:2] == [78, 65]


def test_abc_key_signatures() -> None:
    assert parse_key("Bb") == {"B": -1, "E": -1}
    assert parse_key("Ador") == parse_key("G") == {"F": 1}
    assert parse_key("F#m") == {"F": 1, "C": 1, "G": 1}
    assert parse_key("Dmix clef=treble") == {"F": 1}
    assert parse_key("C") == parse_key("none") == {}
    with pytest.raises(DataError, match="transpose"):
        parse_key("C transpose=-2")
    with pytest.raises(DataError, match="cannot read"):
        parse_key("Q")


def test_abc_lengths_tuplets_and_broken_rhythm() -> None:
    assert [parse_length(text) for text in ("", "2", "/", "//", "3/2")] == [1, 2, 0.5, 0.25, 1.5]
    read = tune('"C"(3abc c>d e<f | "C"(3:2:2c4a2 (5ccccc |')
    lengths = [length for _, length, _ in spans(read)]
    assert lengths[:7] == [8, 8, 8, 18, 6, 6, 18]
    assert lengths[7:9] == [32, 16]
    assert sum(lengths[9:]) == 24


def test_abc_ties_graces_annotations_and_decorations() -> None:
    read = tune('"C" "^slow"{ga}c4-c2 .d!trill!e | "F" f8- | f8 | [ceg]4 abcd | c8 |')
    assert spans(read)[0] == (0, 72, 72)
    assert (96, 192, 77) in spans(read)
    assert (288, 48, 79) in spans(read)
    assert read.counts[Count.GRACE_NOTES] == 2
    assert read.counts[Count.LOWER_NOTES] == 2


def test_abc_repeats_endings_and_a_pickup() -> None:
    read = tune('G2 |: "C"c8 | "F"f8 |1 "G7"g6 G2 :|2 "C"c8 |]')
    assert str(read.solos[0].chart) == "1/4: N.C. | 4/4: C | F | G7 | C | F | C"
    assert read.counts[Count.REPEATED_BARS] == 2
    split = tune('|: c2 | "C"c8 | "G7"g6 :|\n|: d2 | "F"f8 | "C"c6 :|')
    assert [bar.meter for bar in split.solos[0].chart.bars] == [(1, 4)] + [(4, 4)] * 8


def test_abc_meter_and_unit_may_change() -> None:
    read = tune('"C"cdefgabc | [M:3/4]"F"c2d2e2 | [K:F]"Bb"B2B2A2 |\nM:2/4\n"C"c2d2 |')
    assert [bar.meter for bar in read.solos[0].chart.bars] == [(4, 4), (3, 4), (3, 4), (2, 4)]
    assert [pitch for _, _, pitch in spans(read)][11:13] == [70, 70]


def test_abc_the_voice_with_the_most_notes_is_the_melody() -> None:
    head = HEAD.replace("K:C", "V:1\nV:2\nK:C")
    read = tune('V:2\n"C"C8 | "F"F,8 |\nV:1\ncdefgabc | c\'bagfedc |\n', head)
    assert len(read.solos[0].notes) == 16
    assert str(read.solos[0].chart) == "C | F"
    assert read.counts[Count.OTHER_PARTS] == 1


def test_abc_files_contain_many_tunes_and_bad_ones_are_named() -> None:
    good = HEAD + '"C"cdefgabc | "F"f8 |\n'
    bad = HEAD.replace("T:Test", "T:Bad") + '"Cx7"cdefgabc | f8 |\n'
    short = HEAD.replace("T:Test", "T:Short") + '"C"c8 |\n'
    read = quantize_file(read_abc_text(f"{good}\n{bad}\n\n{short}\n", "book"))
    assert len(read.solos) == 1
    (name, why, _), (short_name, short_why, reason) = read.skipped
    assert (name, short_name) == ("tune 2 'Bad'", "tune 3 'Short'")
    assert "line 15" in why and "'Cx7'" in why
    assert "1 notes; at least 8" in short_why and reason is SkipReason.TOO_SHORT


def test_abc_chords_in_several_notations() -> None:
    assert parse_abc_chord("Bb7").root == 10
    assert parse_abc_chord(" B7") == parse_chord("B7")
    assert parse_abc_chord("D m") == parse_chord("Dm")
    assert parse_abc_chord("A7/e") == parse_chord("A7/E")
    assert parse_abc_chord("D/f+") == parse_chord("D/F#")
    with pytest.raises(DataError, match="'Hx'"):
        parse_abc_chord("Hx")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("cdefgabc | cdef |", "no chords"),
        ('"C"c2 & d2 |', "line 7: column 7"),
        ('"C"c2 [V:2] d2 |', "voice"),
        ('"C"cdefgabc7/13 | "C"cdefgabc |', "multiple of a 32nd"),
        ("M:x\n", "meter"),
    ],
)
def test_abc_errors_name_their_position(body: str, words: str) -> None:
    (skipped,) = tune(body).skipped
    assert re.search(words, skipped.message)


def test_abc_files_of_another_kind(tmp_path: Path) -> None:
    for data, words in ((b"<html>", "web page"), (b"\0\1\2", "binary"), (b"hello", "no tunes")):
        path = tmp_path / "x.abc"
        path.write_bytes(data)
        with pytest.raises(DataError, match=words):
            read_abc(path)


@pytest.mark.parametrize(
    ("body", "counted"),
    [
        ('"C"CDEF GABc !D.C.!|]', Count.JUMPS),
        ('"C"CDEF GABc | +fine+ c8 |]', Count.JUMPS),
        ('"C"CDEF GABc | !dacapo! c8 |]', Count.JUMPS),
        ('"C"CDEF GABc | O c8 |]', Count.JUMPS),
        ('"C"CDEF GABc | c8 "^D.C. al Fine" |]', Count.JUMPS),
        ('"C"CDEF GABc | c8 "Fine"|]', Count.JUMPS),
        ('V:1\n"C"CDEF GABc |]\nV:2\nC,8 !D.S.!|]', Count.JUMPS),
        ('"C"CDEF GABc !trill!c8 "^dcx" "_fines" "^D C" T.c8|]', ""),
    ],
)
def test_jumps_are_counted_and_not_followed(body: str, counted: str) -> None:
    counts = tune(body).counts
    assert counts[Count.JUMPS] == bool(counted)
    assert counts[Count.PART_ORDER] == 0


@pytest.mark.parametrize(
    ("head", "body", "counted"),
    [
        ("P:AABA\n", 'P:A\n"C"CDEF GABc|\nP:B\nc8|]', 1),
        ("P:A2B\n", '[P:A]"C"CDEF GABc|[P:B]c8|]', 1),
        ("P:AB\n", '[P:A]"C"CDEF GABc|[P:B]c8|]', 0),
        ("P:AB\n", 'P:A\n"C"CDEF GABc|\nP:B\nc8|]', 0),
        ("P:A\n", '"C"CDEF GABc|]', 0),
        ("", 'P:A\n"C"CDEF GABc|\nP:A\nc8|]', 0),
    ],
)
def test_another_order_of_parts_is_counted(head: str, body: str, counted: int) -> None:
    assert tune(body, HEAD.replace("M:4/4\n", "M:4/4\n" + head)).counts[Count.PART_ORDER] == counted
