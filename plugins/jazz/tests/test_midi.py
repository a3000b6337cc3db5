"""MIDI files: their contents, and three programs read them alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from seqgen_jazz.band.band_style import STYLES
from seqgen_jazz.charts.chart import estimate_key
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.solo import Note, Performance, Solo
from seqgen_jazz.output.midi import SCALE, TICKS, midi_bytes
from symusic import Score

from .bands import CHARTS, performed
from .other_readers import midi_mismatches
from .solos import solos

CHART = parse_chart("F7 | Bb7 Bdim7 | 3/4: N.C. | 6/8: D7b9/F#")
PLAYED = Solo(
    CHART,
    (Note(0, 12, 65), Note(12, 8, 69), Note(20, 4, 70), Note(90, 100, 72), Note(300, 1, 63)),
    title="Rain & <Sun>",
    tempo=212.5,
    instrument="trumpet",
)


def test_midi_contains_line_tempo_meters_key_and_markers() -> None:
    written = midi_bytes(PLAYED)
    assert written[:4] == b"MThd" and written[8:10] == b"\x00\x01", "type 1"
    score = Score.from_midi(written)
    assert score.ticks_per_quarter == TICKS == 480
    assert [(t.time, round(t.qpm, 2)) for t in score.tempos] == [(0, 212.5)]
    meters = [(m.time // SCALE, m.numerator, m.denominator) for m in score.time_signatures]
    assert meters == [(0, 4, 4), (192, 3, 4), (264, 6, 8)]
    markers = [(m.time // SCALE, m.text) for m in score.markers]
    assert markers == [(tick, chord.text) for tick, chord in CHART.changes]
    (line,) = [track for track in score.tracks if len(track.notes)]
    assert (line.program, line.name) == (56, "Solo (trumpet)")


@pytest.mark.parametrize(
    ("meter", "click"),
    [("4/4", 24), ("3/4", 24), ("2/2", 24), ("6/8", 36), ("12/8", 36), ("7/8", 12), ("6/16", 18)],
)
def test_a_metronome_clicks_on_the_beats(meter: str, click: int) -> None:
    upper, unit = (int(part) for part in meter.split("/"))
    said = bytes((0xFF, 0x58, 4, upper, unit.bit_length() - 1))
    written = midi_bytes(Solo(parse_chart(f"{meter}: C7"), ()))
    assert written[written.index(said) + 5] == click


@given(solos())
def test_every_note_of_a_line_is_read_back_from_midi(solo: Solo) -> None:
    score = Score.from_midi(midi_bytes(solo))
    found = [
        Note(note.time // SCALE, note.duration // SCALE, note.pitch)
        for track in score.tracks
        for note in track.notes
    ]
    assert tuple(sorted(found)) == solo.notes


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (CHARTS["blues"], (5, False)),
        (CHARTS["rhythm"], (10, False)),
        ("Cm7 | Fm7 | Dm7b5 G7b9 | Cm6", (0, True)),
        ("Dm7 | G7 | Cmaj7 | %", (0, False)),
        ("N.C.", (0, False)),
    ],
)
def test_the_key_is_estimated_from_the_chords(text: str, key: tuple[int, bool]) -> None:
    assert estimate_key(parse_chart(text)) == key


def test_choruses_and_sections_are_marked() -> None:
    solo = performed("rhythm")
    score = Score.from_midi(midi_bytes(solo))
    forms = [(m.time // (96 * SCALE), m.text) for m in score.markers if "Chorus" in m.text]
    assert forms == [
        *((0, "Chorus 1"), (8, "Chorus 1, bar 9"), (16, "Chorus 1, bar 17")),
        (24, "Chorus 1, bar 25"),
    ]


def test_sections_and_key_of_the_chart_are_marked() -> None:
    chart = parse_chart("title: Tune\nkey: D-\n[A] Dm7 | A7 | [B] Gm7 | A7")
    solo = Solo(chart.loop(8), (Note(0, 12, 62),), performance=Performance(form=4))
    score = Score.from_midi(midi_bytes(solo))
    forms = [(m.time // (96 * SCALE), m.text) for m in score.markers if "Chorus" in m.text]
    assert forms == [
        *((0, "Chorus 1, section A"), (2, "Chorus 1, section B")),
        *((4, "Chorus 2, section A"), (6, "Chorus 2, section B")),
    ]
    assert estimate_key(chart) == (2, True)
    assert b"\xff\x59\x02\xff\x01" in midi_bytes(solo), "one flat, minor"
    assert b"\xff\x03\x04Tune" in midi_bytes(solo)


@pytest.mark.parametrize("style_name", STYLES)
@pytest.mark.parametrize("name", ["blues", "waltz", "five", "seven", "silent", "slash"])
def test_three_programs_read_every_file_alike(name: str, style_name: str, tmp_path: Path) -> None:
    solo = performed(name, style_name, seed=1)
    path = tmp_path / "solo.mid"
    path.write_bytes(midi_bytes(solo, 'seqgen-receipt {"no": 1}'))
    assert midi_mismatches(path, solo) == []


def test_music21_reads_it_as_a_score(tmp_path: Path) -> None:
    from music21 import converter

    path = tmp_path / "solo.mid"
    solo = performed("blues")
    path.write_bytes(midi_bytes(solo))
    score = converter.parse(path)
    assert len(score.parts) >= 4
    assert score.recurse().getElementsByClass("MetronomeMark").first().number == 160


def test_a_performance_is_read_back_without_swing(tmp_path: Path) -> None:
    from seqgen_jazz.readers.read_file import read_file

    line = tuple(Note(12 * place, 12, 60 + place % 7) for place in range(32))
    solo = Solo(
        parse_chart("C7 | F7 | G7 | C7"), line, performance=Performance("swing", "2", form=4)
    )
    path = tmp_path / "solo.mid"
    data = midi_bytes(solo)
    path.write_bytes(data)
    assert read_file(path).solos[0].notes == line
    # The file of another program is read as it sounds: swung eighths are triplets.
    path.write_bytes(data.replace(b"seqgen-jazz-solo", b"another-jazz-one"))
    (swung,) = read_file(path).solos
    assert [note.onset % 24 for note in swung.notes[1:8:2]] == [16, 16, 16, 16]
