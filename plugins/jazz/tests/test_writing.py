"""What is written is what was played: MIDI, MusicXML, text and pictures of any solo."""

from __future__ import annotations

import warnings
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_jazz.chart import Chart, parse_chart
from seqgen_jazz.chord import NO_CHORD, Chord, parse_chord
from seqgen_jazz.corpus import load_corpus
from seqgen_jazz.solo import TICKS_PER_QUARTER, Note, Solo
from seqgen_jazz.text import solo_text
from seqgen_jazz.writing.beams import beams
from seqgen_jazz.writing.files import write_solos
from seqgen_jazz.writing.midi import TICKS, comping, midi_bytes
from seqgen_jazz.writing.notation import musicxml
from seqgen_jazz.writing.picture import piano_roll_png
from seqgen_jazz.writing.roll import roll
from seqgen_jazz.writing.signs import Sign, cut_bar
from seqgen_jazz.writing.spelling import spell
from seqgen_jazz.writing.voicing import HIGH, LOW, voicing
from symusic import Score

from .solos import METERS, chords, solos

CHART = parse_chart("F7 | Bb7 Bdim7 | 3/4: N.C. | 6/8: D7b9/F#")
SCALE = TICKS // TICKS_PER_QUARTER
PLAYED = Solo(
    CHART,
    (Note(0, 12, 65), Note(12, 8, 69), Note(20, 4, 70), Note(90, 100, 72), Note(300, 1, 63)),
    title="Rain & <Sun>",
    tempo=212.5,
    instrument="trumpet",
)
NAMES = {"whole": 96, "half": 48, "quarter": 24, "eighth": 12, "16th": 6, "32nd": 3, "64th": 1.5}


# MIDI


def test_midi_holds_line_chords_tempo_meters_and_markers() -> None:
    written = midi_bytes(PLAYED)
    assert written[:4] == b"MThd" and written[8:10] == b"\x00\x01", "type 1"
    score = Score.from_midi(written)
    assert score.ticks_per_quarter == TICKS
    assert [(t.time, round(t.qpm, 2)) for t in score.tempos] == [(0, 212.5)]
    meters = [(m.time // SCALE, m.numerator, m.denominator) for m in score.time_signatures]
    assert meters == [(0, 4, 4), (192, 3, 4), (264, 6, 8)]
    markers = [(m.time // SCALE, m.text) for m in score.markers]
    assert markers == [(tick, chord.text) for tick, chord in CHART.changes]
    line, chord_track = score.tracks
    assert (line.program, chord_track.program, line.name) == (56, 0, "Rain & <Sun>")
    assert {note.velocity for note in chord_track.notes} == {50}
    channels = {byte & 15 for byte in _statuses(written)}
    assert channels == {0, 1}


def _statuses(data: bytes) -> list[int]:
    """The status bytes of the program changes, which have no other byte like them here."""
    return [byte for byte, after in pairwise(data) if byte in (0xC0, 0xC1) and after in (0, 56)]


@given(solos())
def test_midi_brings_back_every_note(solo: Solo) -> None:
    score = Score.from_midi(midi_bytes(solo))
    found = [
        Note(note.time // SCALE, note.duration // SCALE, note.pitch)
        for track in score.tracks
        if track.name.startswith("Solo")
        for note in track.notes
    ]
    assert tuple(sorted(found)) == solo.notes


@given(chords, chords)
def test_voicings_hold_the_third_and_seventh_in_the_middle_of_the_keyboard(
    first: Chord, second: Chord
) -> None:
    before: tuple[int, ...] = ()
    for chord in (first, second):
        pitches = voicing(chord, before)
        if chord == NO_CHORD:
            assert pitches == ()
            continue
        upper = pitches[1:] if chord.bass is not None else pitches
        assert all(LOW <= pitch <= HIGH for pitch in upper)
        assert list(pitches) == sorted(set(pitches)) and 2 <= len(pitches) <= 4
        structure = chord.structure
        assert structure is not None
        for tone in (structure.third, structure.seventh):
            if tone is not None:
                assert (chord.root + tone) % 12 in {p % 12 for p in pitches}
        before = pitches


def test_chords_are_struck_at_changes_and_bars_and_are_silent_without_a_chord() -> None:
    played = comping(CHART)
    assert [(start, end) for start, end, _ in played] == [
        *((0, 96), (96, 144), (144, 192)),
        (264, 336),
    ]
    assert played[-1][2][0] % 12 == 6, "the slash bass is the lowest"


# MusicXML


@given(st.data(), st.sampled_from(METERS))
def test_every_bar_can_be_cut_into_signs(data: st.DataObject, meter: tuple[int, int]) -> None:
    ticks = meter[0] * 96 // meter[1]
    inner = data.draw(st.sets(st.integers(1, ticks - 1), max_size=8))
    ends = [*sorted(inner), ticks]
    rests = data.draw(st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)))
    cut = cut_bar(ends, rests, meter)
    if rests == [True]:
        assert cut == [[Sign(0, ticks, "whole", False)]]
        return
    assert [signs[-1].end for signs in cut] == ends
    line = [sign for signs in cut for sign in signs]
    assert line[0].start == 0
    assert all(one.end == other.start for one, other in pairwise(line))
    groups: dict[tuple[int, int], int] = {}
    for sign in line:
        length = Fraction(NAMES[sign.name]) * (Fraction(3, 2) if sign.dotted else 1)
        assert sign.ticks == length * (Fraction(2, 3) if sign.window else 1)
        if sign.window:
            groups[sign.window] = groups.get(sign.window, 0) + sign.ticks
    assert all(end - start == ticks for (start, end), ticks in groups.items()), "whole triplets"


def lengths_of(ends: list[int], meter: tuple[int, int] = (4, 4)) -> list[list[int]]:
    return [[sign.ticks for sign in signs] for signs in cut_bar(ends, [False] * len(ends), meter)]


def test_signs_show_the_beats() -> None:
    assert lengths_of([12, 36, 48, 96]) == [[12], [24], [12], [48]]
    assert lengths_of([36, 60, 96]) == [[36], [12, 12], [36]], "the middle of the bar is seen"
    assert lengths_of([18, 30, 96]) == [[18], [6, 6], [18, 48]], "the second beat is seen"
    assert lengths_of([8, 16, 24, 96]) == [[8], [8], [8], [72]]
    assert lengths_of([36, 72], (6, 8)) == [[36], [36]]
    rest = cut_bar([24, 72, 96], [False, True, False], (4, 4))
    assert [sign.ticks for sign in rest[1]] == [24, 24], "rests do not hide beats"


def test_beams_join_within_a_beat() -> None:
    signs = [Sign(0, 12, "eighth", False), Sign(12, 6, "16th", False), Sign(18, 6, "16th", False)]
    assert beams(signs, [False] * 3, 24) == [["begin"], ["continue", "begin"], ["end", "end"]]
    signs = [Sign(0, 18, "eighth", True), Sign(18, 6, "16th", False), Sign(24, 12, "eighth", False)]
    assert beams(signs, [False] * 3, 24) == [["begin"], ["end", "backward hook"], []]


@given(solos())
def test_musicxml_bars_are_full_and_hold_every_note(solo: Solo) -> None:
    """Read with nothing but the schema's meaning of its elements."""
    score = fromstring(musicxml(solo))
    found: list[Note] = []
    tick = 0
    for bar, measure in zip(solo.chart.bars, score.findall("part/measure"), strict=True):
        start = tick
        for note in measure.findall("note"):
            length = int(note.findtext("duration", ""))
            pitch = note.find("pitch")
            if pitch is not None:
                steps = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
                sounding = steps[pitch.findtext("step", "")] + int(pitch.findtext("alter", "0"))
                sounding += 12 * (int(pitch.findtext("octave", "")) + 1)
                stops = any(tie.get("type") == "stop" for tie in note.findall("tie"))
                if stops:
                    assert (found[-1].end, found[-1].pitch) == (tick, sounding)
                    found[-1] = Note(found[-1].onset, found[-1].duration + length, sounding)
                else:
                    found.append(Note(tick, length, sounding))
            tick += length
        assert tick - start == bar.ticks
    assert tuple(found) == solo.notes


@settings(max_examples=8, deadline=None)
@given(solos())
def test_musicxml_sounds_the_same_to_music21(solo: Solo) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from music21 import converter, harmony

        score = converter.parseData(musicxml(solo).decode(), format="musicxml")
        part = score.parts[0].stripTies().flatten()
    found = tuple(
        Note(
            round(note.offset * TICKS_PER_QUARTER),
            round(note.quarterLength * TICKS_PER_QUARTER),
            note.pitch.midi,
        )
        for note in part.notes
        if not isinstance(note, harmony.ChordSymbol)
    )
    assert found == solo.notes
    symbols = list(part.getElementsByClass(harmony.ChordSymbol))
    written = _written_changes(solo.chart)
    places = [round(symbol.offset * TICKS_PER_QUARTER) for symbol in symbols]
    assert places == [tick for tick, _ in written]
    for symbol, (_, chord) in zip(symbols, written, strict=True):
        if chord != NO_CHORD:
            assert symbol.root().pitchClass == chord.root
            if chord.bass is not None:
                assert symbol.bass().pitchClass == chord.bass


def _written_changes(chart: Chart) -> list[tuple[int, Chord]]:
    """The changes that stand in the bars; ``Chart.changes`` may begin with one of its own."""
    return [
        (start + tick, chord)
        for start, bar in zip(chart.bar_starts, chart.bars, strict=False)
        for tick, chord in bar.changes
    ]


def test_spelling_follows_the_chord() -> None:
    def name(pitch: int, chord: str) -> str:
        step, alter, octave = spell(pitch, parse_chord(chord))
        return step + {-1: "b", 0: "", 1: "#"}[alter] + str(octave)

    assert name(70, "F7") == "Bb4" and name(66, "D7") == "F#4" and name(63, "C7") == "Eb4"
    assert name(66, "C7") == "F#4" and name(66, "Cm7b5") == "Gb4"
    assert name(68, "Caug") == "G#4" and name(68, "C7") == "Ab4"
    assert name(71, "Ab7") == "B4", "no C flat"
    assert name(60, "C") == "C4" and name(59, "Db7") == "B3"
    for pitch in range(128):
        for chord in ("F#maj7", "Db13", "B7alt", "N.C."):
            step, alter, octave = spell(pitch, parse_chord(chord))
            natural = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))[step]
            assert natural + alter + 12 * (octave + 1) == pitch and abs(alter) <= 1


# Files, text, pictures


def test_files_are_replaced_whole_and_nothing_else_is_touched(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    first = write_solos([PLAYED, PLAYED], folder)
    assert [path.name for path in first] == [
        *("solo-001.mid", "solo-001.musicxml"),
        *("solo-002.mid", "solo-002.musicxml"),
    ]
    before = [path.read_bytes() for path in first]
    first[0].write_bytes(b"older")
    assert write_solos([PLAYED, PLAYED], folder) == first
    assert [path.read_bytes() for path in first] == before, "the same bytes every time"
    assert sorted(folder.iterdir()) == sorted(first), "no temporary files stay"
    assert list(tmp_path.iterdir()) == [folder]


def test_text_names_notes_and_bars() -> None:
    chart = parse_chart("C7 | F7")
    solo = Solo(chart, (Note(12, 8, 60), Note(90, 12, 66)))
    assert solo_text(solo) == "r:1/2 C4:1/3 r:35/12 F#4:1/4 | ~F#4:1/4 r:15/4"


@given(solos())
def test_roll_is_narrow_and_shows_notes(solo: Solo) -> None:
    shown = roll(solo)
    assert max(map(len, shown.splitlines())) <= 100
    assert bool(set(shown) & set("▀▄█")) == bool(solo.notes)


def test_roll_of_a_bar() -> None:
    solo = Solo(parse_chart("C7 | F7"), (Note(0, 12, 60), Note(12, 12, 61), Note(96, 24, 60)))
    assert roll(solo).splitlines() == [
        "    C7                      F7",
        "C4  ▄▄▄▀▀▀                  ▄▄▄▄▄▄",
    ]
    assert roll(Solo(parse_chart("C7 |" * 40 + "F7"), ())).endswith("... and 9 more bars")


def test_the_picture_is_a_png_and_the_same_every_time(tmp_path: Path) -> None:
    paths = [piano_roll_png(PLAYED, tmp_path / name, dpi=40) for name in ("a.png", "b.png")]
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(b"\x89PNG") and first == second
    assert sorted(tmp_path.iterdir()) == paths


@pytest.mark.parametrize("text", ["C7", "C", "3/4: Am7 | %"])
def test_an_empty_solo_is_written_too(text: str, tmp_path: Path) -> None:
    solo = Solo(parse_chart(text), ())
    assert [path.stat().st_size > 0 for path in write_solos([solo], tmp_path)] == [True, True]


def test_midi_is_read_back_by_the_plugin_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 1 through a file: what was written is a corpus of the same solos."""
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    shipped = load_corpus(None).items[::8]
    for number, solo in enumerate(shipped):
        folder = tmp_path / str(number)
        write_solos([solo], folder)
        again = load_corpus(folder / "solo-001.mid").items
        assert again == (solo,) and again[0].tempo == solo.tempo
