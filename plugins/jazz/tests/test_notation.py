"""Readers of notation: ABC and MusicXML, exact notes, chord symbols as they are meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from seqgen_jazz.chord import parse_chord
from seqgen_jazz.reading.abc import read_abc, read_abc_text
from seqgen_jazz.reading.abc_music import read_abc_chord, read_key, read_length
from seqgen_jazz.reading.harmony import build_chord
from seqgen_jazz.reading.notation import read_musicxml
from seqgen_jazz.reading.raw import FileRead

from seqgen import DataError

from .files import ATTRIBUTES, SHARED, compressed, musicxml, xml_chord, xml_note

HEAD = "X:1\nT:Test\nM:4/4\nL:1/8\nQ:1/4=180\nK:C\n"


def tune(body: str, head: str = HEAD) -> FileRead:
    return read_abc_text(head + body, "test")


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


def test_abc_accidentals_hold_for_the_bar_and_through_a_tie() -> None:
    read = tune('"C"^f2f2 f2=f2 | "C"f2 _B2 B2 ^f2- | "C"f2f2 A2A2 |')
    assert [pitch for _, _, pitch in spans(read)] == [78, 78, 78, 77, 77, 70, 70, 78, 77, 69, 69]


def test_abc_accidentals_in_another_octave_are_counted() -> None:
    read = tune('"C"^f2F2 cdef | "C"gabc\' c4 |')
    assert [pitch for _, _, pitch in spans(read)][:2] == [78, 66]
    assert read.counts["accidentals carried to another octave"] == 1
    plain = tune('I:propagate-accidentals octave\n"C"^f2F2 cdef | "C"gabc\' c4 |')
    assert [pitch for _, _, pitch in spans(plain)][:2] == [78, 65]


def test_abc_key_signatures() -> None:
    assert read_key("Bb") == {"B": -1, "E": -1}
    assert read_key("Ador") == read_key("G") == {"F": 1}
    assert read_key("F#m") == {"F": 1, "C": 1, "G": 1}
    assert read_key("Dmix clef=treble") == {"F": 1}
    assert read_key("C") == read_key("none") == {}
    with pytest.raises(DataError, match="transpose"):
        read_key("C transpose=-2")
    with pytest.raises(DataError, match="cannot be read"):
        read_key("Q")


def test_abc_lengths_tuplets_and_broken_rhythm() -> None:
    assert [read_length(text) for text in ("", "2", "/", "//", "3/2")] == [1, 2, 0.5, 0.25, 1.5]
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
    assert read.counts["grace notes left out"] == 2
    assert read.counts["second voices dropped"] == 2


def test_abc_repeats_endings_and_a_pickup() -> None:
    read = tune('G2 |: "C"c8 | "F"f8 |1 "G7"g6 G2 :|2 "C"c8 |]')
    assert str(read.solos[0].chart) == "1/4: N.C. | 4/4: C | F | G7 | C | F | C"
    assert read.counts["bars added by repeats"] == 2
    split = tune('|: c2 | "C"c8 | "G7"g6 :|\n|: d2 | "F"f8 | "C"c6 :|')
    assert [bar.meter for bar in split.solos[0].chart.bars] == [(1, 4)] + [(4, 4)] * 8


def test_abc_meter_and_unit_may_change() -> None:
    read = tune('"C"cdefgabc | [M:3/4]"F"c2d2e2 | [K:F]"Bb"B2B2A2 |\nM:2/4\n"C"c2d2 |')
    assert [bar.meter for bar in read.solos[0].chart.bars] == [(4, 4), (3, 4), (3, 4), (2, 4)]
    assert [pitch for _, _, pitch in spans(read)][11:13] == [70, 70]


def test_abc_voices_give_the_one_with_most_notes() -> None:
    head = HEAD.replace("K:C", "V:1\nV:2\nK:C")
    read = tune('V:2\n"C"C8 | "F"F,8 |\nV:1\ncdefgabc | c\'bagfedc |\n', head)
    assert len(read.solos[0].notes) == 16
    assert str(read.solos[0].chart) == "C | F"
    assert read.counts["other voices left out"] == 1


def test_abc_files_hold_many_tunes_and_name_the_bad_ones() -> None:
    good = HEAD + '"C"cdefgabc | "F"f8 |\n'
    bad = HEAD.replace("T:Test", "T:Bad") + '"Cx7"cdefgabc | f8 |\n'
    short = HEAD.replace("T:Test", "T:Short") + '"C"c8 |\n'
    read = read_abc_text(f"{good}\n{bad}\n\n{short}\n", "book")
    assert len(read.solos) == 1
    (name, why), (short_name, short_why) = read.left_out
    assert (name, short_name) == ("tune 2 'Bad'", "tune 3 'Short'")
    assert "line 15" in why and "'Cx7'" in why
    assert "1 notes; at least 8" in short_why


def test_abc_chords_keep_the_dialects_of_their_writers() -> None:
    assert read_abc_chord("Bb7").root == 10
    assert read_abc_chord(" B7") == parse_chord("B7")
    assert read_abc_chord("D m") == parse_chord("Dm")
    assert read_abc_chord("A7/e") == parse_chord("A7/E")
    assert read_abc_chord("D/f+") == parse_chord("D/F#")
    with pytest.raises(DataError, match="'Hx'"):
        read_abc_chord("Hx")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("cdefgabc | cdef |", "no chords"),
        ('"C"c2 & d2 |', "line 7: column 7"),
        ('"C"c2 [V:2] d2 |', "voice"),
        ('"C"cdefgabc7/13 | "C"cdefgabc |', "no number of 32nd|quarters long"),
        ("M:x\n", "meter"),
    ],
)
def test_abc_that_cannot_be_read_says_where(body: str, words: str) -> None:
    with pytest.raises(DataError, match=words):
        tune(body)


def test_abc_files_of_another_kind(tmp_path: Path) -> None:
    for data, words in ((b"<html>", "web page"), (b"\0\1\2", "binary"), (b"hello", "no tunes")):
        path = tmp_path / "x.abc"
        path.write_bytes(data)
        with pytest.raises(DataError, match=words):
            read_abc(path)


def write(folder: Path, content: str, name: str = "tune.xml") -> Path:
    path = folder / name
    path.write_text(content)
    return path


EIGHT = "".join(xml_note(name, 6) for name in ("C5", "D5", "E5", "F5", "G5", "F5", "E5", "D5"))


def test_musicxml_notes_and_chord_fields(tmp_path: Path) -> None:
    flat9 = (
        "<degree><degree-value>9</degree-value><degree-alter>-1</degree-alter>"
        "<degree-type>add</degree-type></degree>"
    )
    bass = "<bass><bass-step>F</bass-step></bass>"
    bars = [
        ATTRIBUTES + xml_chord("Bb", "dominant", flat9) + EIGHT,
        xml_chord("Eb", "minor-seventh", bass) + EIGHT,
    ]
    for path in (
        write(tmp_path, musicxml(bars)),
        compressed(tmp_path / "tune.mxl", musicxml(bars)),
    ):
        read = read_musicxml(path)
        assert str(read.solos[0].chart) == "Bb7b9 | Ebm7/F"
        assert [pitch for _, _, pitch in spans(read)][:3] == [72, 74, 76]
        assert all(length == 12 for _, length, _ in spans(read))


def test_musicxml_of_a_transposing_instrument_sounds_at_concert_pitch(tmp_path: Path) -> None:
    tenor = ATTRIBUTES.replace(
        "</attributes>",
        "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic>"
        "<octave-change>-1</octave-change></transpose></attributes>",
    )
    path = write(tmp_path, musicxml([tenor + xml_chord("D", "minor-seventh") + EIGHT]))
    read = read_musicxml(path)
    assert str(read.solos[0].chart) == "Cm7"
    assert spans(read)[0][2] == 72 - 14


def test_musicxml_ties_graces_voices_and_repeats(tmp_path: Path) -> None:
    begin, end = '<tie type="start"/>', '<tie type="stop"/>'
    grace = xml_note("B4", 0, "<grace/>").replace(
        "<duration>0</duration>", "<voice>1</voice><type>eighth</type>"
    )
    low = "<backup><duration>48</duration></backup>" + xml_note("C4", 48, tail="<voice>2</voice>")
    repeat = '<barline location="right"><repeat direction="backward"/></barline>'
    bars = [
        ATTRIBUTES + xml_chord("C", "major") + EIGHT,
        grace + EIGHT.replace("</note>", "<voice>1</voice></note>") + low,
        xml_note("C5", 48, tail=begin),
        xml_note("C5", 48, tail=end) + repeat,
    ]
    read = read_musicxml(write(tmp_path, musicxml(bars)))
    assert len(read.solos[0].chart.bars) == 8
    assert (192, 192, 72) in spans(read)
    assert read.counts["grace notes left out"] == 1
    assert read.counts["second voices dropped"] == 1
    assert read.counts["bars added by repeats"] == 4


def test_musicxml_without_symbols_infers_chords_from_the_other_part(tmp_path: Path) -> None:
    chord = xml_note("C3", 48) + "".join(xml_note(p, 48, "<chord/>") for p in ("E3", "G3", "B3"))
    comp = [ATTRIBUTES + chord, chord]
    read = read_musicxml(write(tmp_path, musicxml([ATTRIBUTES + EIGHT, EIGHT], comp)))
    assert str(read.solos[0].chart).startswith("Cmaj7")
    assert read.counts["files with chords inferred from the accompaniment"] == 1


def test_chords_from_kind_degrees_and_text() -> None:
    assert build_chord(0, "suspended-fourth", "", [("add", 7, 0)], None) == parse_chord("C7sus4")
    assert build_chord(10, "dominant", "", [("alter", 5, 1)], 10) == parse_chord("Bb7#5")
    assert build_chord(0, "dominant", "", [("subtract", 3, 0)], None) == parse_chord("C7no3")
    assert build_chord(0, "dominant-ninth", "", [("alter", 9, 1)], None) == parse_chord("C7#9")
    assert build_chord(6, "other", "7alt", [], None) == parse_chord("F#7alt")
    assert build_chord(0, "minor", "", [("add", 9, 0)], 7) == parse_chord("Cmadd9/G")
    for kind, degrees in (("Tristan", []), ("major", [("add", 10, 0)]), ("major", [("add", 9, 2)])):
        with pytest.raises(DataError):
            build_chord(0, kind, "", degrees, None)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.xml", "", "empty"),
        ("a.xml", "<html><body/></html>", "another kind"),
        ("a.xml", "plain words", "no readable XML"),
        ("a.mxl", "not a zip", "not a zip archive"),
        ("a.xml", musicxml([ATTRIBUTES + EIGHT]), "no chords"),
        ("a.xml", musicxml([ATTRIBUTES + EIGHT])[:-40], "music21 cannot read it"),
        ("a.xml", musicxml([ATTRIBUTES + xml_chord("C", "Tristan") + EIGHT]), "Tristan"),
    ],
)
def test_musicxml_that_cannot_be_used_says_why(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        read_musicxml(write(tmp_path, content, name))


@pytest.mark.skipif(not (SHARED / "jazz").exists(), reason="no ../shared/data/jazz")
def test_a_real_solo_keeps_every_pitch_of_its_file() -> None:
    from xml.etree import ElementTree

    path = SHARED / "jazz" / "solos_musicxml" / "KidOry_SavoyBlues_Solo.xml"
    steps = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
    pitches = []
    for written in ElementTree.parse(path).getroot().iter("note"):
        pitch = written.find("pitch")
        if pitch is None or any(tie.get("type") == "stop" for tie in written.findall("tie")):
            continue
        alter = int(pitch.findtext("alter") or 0)
        octave = 12 * (int(pitch.findtext("octave") or 0) + 1)
        pitches.append(steps[pitch.findtext("step") or ""] + alter + octave)
    assert [n.pitch for n in read_musicxml(path).solos[0].notes] == pitches
