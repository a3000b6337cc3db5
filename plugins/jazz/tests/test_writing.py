"""What is written is what was played: MIDI, MusicXML, text and pictures of any solo."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from seqgen_jazz.chart import parse_chart
from seqgen_jazz.chord import NO_CHORD, Chord
from seqgen_jazz.corpus import load_corpus
from seqgen_jazz.solo import TICKS_PER_QUARTER, Note, Solo
from seqgen_jazz.text import solo_text
from seqgen_jazz.writing.files import write_solos
from seqgen_jazz.writing.midi import TICKS, comping, midi_bytes
from seqgen_jazz.writing.picture import piano_roll_png
from seqgen_jazz.writing.roll import roll
from seqgen_jazz.writing.voicing import HIGH, LOW, voicing
from symusic import Score

from .solos import chords, solos

CHART = parse_chart("F7 | Bb7 Bdim7 | 3/4: N.C. | 6/8: D7b9/F#")
SCALE = TICKS // TICKS_PER_QUARTER
PLAYED = Solo(
    CHART,
    (Note(0, 12, 65), Note(12, 8, 69), Note(20, 4, 70), Note(90, 100, 72), Note(300, 1, 63)),
    title="Rain & <Sun>",
    tempo=212.5,
    instrument="trumpet",
)


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
