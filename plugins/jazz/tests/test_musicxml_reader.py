"""The MusicXML reader: concert pitch, the upper voice, chord symbols from their own fields."""

from __future__ import annotations

from pathlib import Path

import pytest
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.musicxml import build_chord
from seqgen_jazz.readers.raw_tune import Count, FileRead
from seqgen_jazz.readers.read_file import read_file

from seqgen import DataError

from .files import ATTRIBUTES, SHARED, compressed, musicxml, xml_chord, xml_note


def spans(read: FileRead) -> list[tuple[int, int, int]]:
    return [(n.onset, n.duration, n.pitch) for n in read.solos[0].notes]


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
        read = read_file(path)
        assert str(read.solos[0].chart) == "Bb7b9 | Ebm7/F"
        assert [pitch for _, _, pitch in spans(read)][:3] == [72, 74, 76]
        assert all(length == 12 for _, length, _ in spans(read))


def test_a_transposing_instrument_is_read_at_concert_pitch(tmp_path: Path) -> None:
    tenor = ATTRIBUTES.replace(
        "</attributes>",
        "<transpose><diatonic>-1</diatonic><chromatic>-2</chromatic>"
        "<octave-change>-1</octave-change></transpose></attributes>",
    )
    path = write(tmp_path, musicxml([tenor + xml_chord("D", "minor-seventh") + EIGHT]))
    read = read_file(path)
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
    read = read_file(write(tmp_path, musicxml(bars)))
    assert len(read.solos[0].chart.bars) == 8
    assert (192, 192, 72) in spans(read)
    assert read.counts[Count.GRACE_NOTES] == 1
    assert read.counts[Count.LOWER_NOTES] == 1
    assert read.counts[Count.REPEATED_BARS] == 4


def test_a_repeat_is_played_as_often_as_written(tmp_path: Path) -> None:
    repeat = '<barline location="right"><repeat direction="backward" times="3"/></barline>'
    bars = [ATTRIBUTES + xml_chord("C", "major") + EIGHT + repeat, EIGHT]
    read = read_file(write(tmp_path, musicxml(bars)))
    assert len(read.solos[0].chart.bars) == 4
    assert read.counts[Count.REPEATED_BARS] == 2


def test_musicxml_without_symbols_infers_chords_from_the_other_part(tmp_path: Path) -> None:
    chord = xml_note("C3", 48) + "".join(xml_note(p, 48, "<chord/>") for p in ("E3", "G3", "B3"))
    comp = [ATTRIBUTES + chord, chord]
    read = read_file(write(tmp_path, musicxml([ATTRIBUTES + EIGHT, EIGHT], comp)))
    assert str(read.solos[0].chart).startswith("Cmaj7")
    assert read.counts[Count.INFERRED_CHORDS] == 1


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
        ("a.xml", "plain words", "not readable XML"),
        ("a.mxl", "not a zip", "not a zip archive"),
        ("a.xml", musicxml([ATTRIBUTES + EIGHT]), "no chords"),
        ("a.xml", musicxml([ATTRIBUTES + EIGHT])[:-40], "music21 cannot read it"),
        ("a.xml", musicxml([ATTRIBUTES + xml_chord("C", "Tristan") + EIGHT]), "Tristan"),
    ],
)
def test_musicxml_that_cannot_be_used_has_a_reason(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    read = read_file(write(tmp_path, content, name))
    assert not read.solos and words in read.skipped[0].message


@pytest.mark.skipif(not (SHARED / "jazz").exists(), reason="no ../shared/data/jazz")
def test_a_real_solo_has_every_pitch_of_its_file() -> None:
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
    assert [n.pitch for n in read_file(path).solos[0].notes] == pitches
