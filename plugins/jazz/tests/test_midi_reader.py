"""The MIDI reader, quantization, the stored form of files, and reader processes."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.repeats import play_order
from seqgen_jazz.corpus.read_cache import dump, load
from seqgen_jazz.corpus.reader_pool import ReaderProcess, read_in_processes
from seqgen_jazz.encoding.solo import Note, Solo, check_solo
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.meters_and_measures import Measure
from seqgen_jazz.readers.quantize import GRID, quantize
from seqgen_jazz.readers.raw_tune import Count, FileRead, RawNote, RawTune, SkippedTune
from seqgen_jazz.readers.read_file import read_file

from seqgen import DataError

from .files import (
    ATTRIBUTES,
    SHARED,
    meter,
    midi,
    musicxml,
    note,
    text,
    track,
    xml_chord,
    xml_note,
)
from .solos import solos

C7 = parse_chord("C7")
LINE = [note(at / 2, at / 2 + 0.5, 60 + at % 7) for at in range(16)]


def write(folder: Path, data: bytes, name: str = "tune.mid") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def flat(events: list[list[tuple[int, bytes]]]) -> list[tuple[int, bytes]]:
    return [event for pair in events for event in pair]


raw_notes = st.builds(
    lambda onset, length, pitch: RawNote(onset, onset + length, pitch),
    st.floats(0, 40),
    st.floats(0, 6),
    st.integers(30, 100),
)


@given(st.lists(raw_notes, min_size=8, max_size=60))
def test_quantizing_any_notes_gives_a_valid_line_on_the_grid(notes: list[RawNote]) -> None:
    raw = RawTune(tuple(notes), ((0.0, C7),), ((4, 4),) * 10)
    try:
        solo, counts = quantize(raw)
    except DataError as error:
        assert "notes" in str(error)
        return
    check_solo(solo)
    assert all(n.onset % 6 in GRID for n in solo.notes)
    assert counts[Count.ONSETS] == len(notes) == len(solo.notes) + counts[Count.LOWER_NOTES]
    assert solo.chart.bars[0].ticks > solo.notes[0].onset
    gaps = [after.onset - n.end for n, after in zip(solo.notes, solo.notes[1:], strict=False)]
    assert not any(0 < gap < 4 for gap in gaps)


@given(st.lists(solos(), max_size=3), st.text(), st.floats(20, 400), st.sampled_from([0, 1 << 17]))
def test_the_stored_form_is_read_back(
    drawn: list[Solo], words: str, tempo: float, later: int
) -> None:
    bars = (Bar((), (64, 4)),) * (later // 1536)
    late = [
        replace(
            solo,
            chart=Chart(bars + solo.chart.bars, words),
            notes=tuple(n._replace(onset=n.onset + 1536 * len(bars)) for n in solo.notes),
            title=words,
            tempo=tempo,
        )
        for solo in drawn
    ]
    read = FileRead(tuple(late), (SkippedTune(words, words),), Counter({Count.NOTES: 3}))
    found = load(dump(read))
    assert found == read
    for solo, other in zip(found.solos, late, strict=True):
        assert (solo.title, solo.tempo, solo.chart.title) == (words, tempo, words)
        assert {type(note) for note in solo.notes} <= {Note} and repr(solo) == repr(other)


def test_counts_of_changes() -> None:
    notes = [RawNote(at, at + 1.0, 60) for at in range(8)]
    notes[0] = RawNote(0.0, 1.5, 60)  # cut at the next onset
    notes[1] = RawNote(1.0, 1.9, 60)  # a gap of a tenth: closed
    notes[3] = RawNote(3.04, 4.0, 60)  # moved by a 25th
    notes.append(RawNote(5.0, 6.0, 52))  # a second voice
    solo, counts = quantize(RawTune(tuple(notes), ((0.0, C7),), ((4, 4),) * 2))
    changes = (Count.NOTES_CUT, Count.RESTS_CLOSED, Count.ONSETS_MOVED, Count.LOWER_NOTES)
    assert [counts[change] for change in changes] == [1, 1, 1, 1]
    assert [n.onset for n in solo.notes] == [24 * at for at in range(8)]
    assert {n.pitch for n in solo.notes} == {60}


def test_chord_markers_in_several_notations(tmp_path: Path) -> None:
    chords = [text(0, "Bbj7"), text(4, "C79b"), text(6, "F#o")]
    data = midi(track([*chords, meter(0, 4, 2)]), track([text(0, "melody", 3), *flat(LINE)]))
    read = read_file(write(tmp_path, data))
    assert str(read.solos[0].chart) == "Bbmaj7 | C7b9 F#dim"
    assert [n.pitch for n in read.solos[0].notes] == [60 + at % 7 for at in range(16)]
    assert read.solos[0].title == "tune"


@pytest.mark.parametrize("kind", [1, 5, 6])
def test_chords_may_be_in_any_kind_of_text(tmp_path: Path, kind: int) -> None:
    chords = [text(0, "Bb△7", kind), text(4, "Cm7", kind), text(0, "by someone", 2)]
    read = read_file(write(tmp_path, midi(track(chords), track(flat(LINE)))))
    assert str(read.solos[0].chart) == "Bbmaj7 | Cm7"


def test_other_texts_and_notes_without_an_end_are_counted(tmp_path: Path) -> None:
    marks = [text(0, "Intro"), text(0, "Chorus 1, section A"), text(0, "Bb7"), text(4, "Cm7")]
    hanging = (0, bytes((0x91, 40, 80)))
    data = midi(track(marks), track([*flat(LINE), hanging]))
    read = read_file(write(tmp_path, data))
    assert read.counts[Count.OTHER_MARKERS] == 1, "our own markers of choruses are not counted"
    assert read.counts[Count.ENDLESS_NOTES] == 1


def test_chords_are_inferred_from_the_accompaniment(tmp_path: Path) -> None:
    comp = [note(0, 4, p, 1) for p in (48, 52, 55, 58)] + [note(4, 6, p, 1) for p in (50, 53, 57)]
    comp += [note(6, 8, p, 1) for p in (43, 59, 62, 65)]
    bass_first = midi(track(flat(comp)), track(flat(LINE)))
    read = read_file(write(tmp_path, bass_first))
    assert str(read.solos[0].chart) == "C7 | Dm G7"
    assert read.counts[Count.INFERRED_CHORDS] == 1


def test_rehearsal_letters_are_not_chords(tmp_path: Path) -> None:
    data = midi(track([text(0, "A"), text(4, "B"), *flat(LINE)]))
    assert "no chords" in read_file(write(tmp_path, data)).skipped[0].message


def test_meters_follow_the_file_and_an_incomplete_bar_keeps_its_length(tmp_path: Path) -> None:
    marks = [meter(0, 1, 2), meter(1, 3, 2), meter(7, 4, 2), text(0, "N.C."), text(1, "C7")]
    read = read_file(write(tmp_path, midi(track(marks), track(flat(LINE)))))
    assert [bar.meter for bar in read.solos[0].chart.bars] == [(1, 4), (3, 4), (3, 4), (4, 4)]
    early = [meter(0, 4, 2), meter(3, 3, 2), text(0, "Dm7"), text(3, "C7")]
    read = read_file(write(tmp_path, midi(track(early), track(flat(LINE)))))
    assert [bar.meter for bar in read.solos[0].chart.bars][:2] == [(3, 4), (3, 4)]


def test_a_pickup_without_a_meter_is_detected_from_the_chords(tmp_path: Path) -> None:
    marks = [meter(0, 4, 2), *(text(1 + 4 * bar, "Cm7" if bar % 2 else "F7") for bar in range(10))]
    notes = flat([note(at, at + 1, 60) for at in range(40)])
    read = read_file(write(tmp_path, midi(track(marks), track(notes))))
    bars = read.solos[0].chart.bars
    assert [bar.meter for bar in bars[:3]] == [(1, 4), (4, 4), (4, 4)]
    assert all(bar.changes[0][0] == 0 for bar in bars)
    assert read.counts[Count.PICKUPS] == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\x89PNG\r\n", "does not begin with MThd"),
        (b"MThd\x00\x00", "header is incomplete"),
        (midi(track(flat(LINE)))[:60], "damaged"),
        (midi(track([])), "no notes"),
        (midi(track(flat(LINE)), kind=2), "format 2"),
        (midi(track(flat(LINE))), "no chords"),
        (midi(track(flat([note(0, 4, 50 + p) for p in range(12)]))), "no track is a line"),
        (
            midi(track([text(0, "Cm7"), text(1, "F7"), meter(0, 0, 2), *flat(LINE)])),
            "the meter 0/4",
        ),
        (midi(track([*flat(LINE), *note(250_000, 250_001, 60)])), "lasts 250001 quarter notes"),
    ],
)
def test_a_file_that_cannot_be_used_has_a_reason(tmp_path: Path, data: bytes, words: str) -> None:
    read = read_file(write(tmp_path, data))
    assert not read.solos and words in read.skipped[0].message


def test_damage_anywhere_is_a_reason(tmp_path: Path) -> None:
    whole = midi(track([text(0, "Cm7"), text(4, "F7")]), track([text(0, "melody", 3), *flat(LINE)]))
    rng = random.Random(7)
    outcomes: Counter[str] = Counter()
    for _ in range(150):
        data = bytearray(whole[: rng.randrange(1, len(whole) + 1)])
        for _ in range(rng.randrange(3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        read = read_file(write(tmp_path, bytes(data)))
        for solo in read.solos:
            check_solo(solo)
        outcomes["read" if read.solos else "skipped"] += 1
    assert outcomes["skipped"] > 0


@pytest.mark.skipif(not (SHARED / "midi-edge").exists(), reason="no ../shared/data/midi-edge")
def test_odd_midi_files_have_a_solo_or_a_reason() -> None:
    for path in sorted((SHARED / "midi-edge").iterdir()):
        read = read_file(path)
        for solo in read.solos:
            check_solo(solo)
        assert read.solos or read.skipped[0].message


@pytest.mark.skipif(not (SHARED / "jazz").exists(), reason="no ../shared/data/jazz")
def test_real_midi_solos_have_every_note() -> None:
    from music21 import midi as bytes_of

    path = next((SHARED / "jazz" / "solos_midi").glob("LionelHampton*"))
    file = bytes_of.MidiFile()
    file.open(str(path))
    file.read()
    file.close()
    pitches = [[e.pitch for e in part.events if e.isNoteOn()] for part in file.tracks]
    assert [n.pitch for n in read_file(path).solos[0].notes] in pitches


def measures(text: str) -> list[Measure]:
    """Measures such as ":a 1: 2": ":" on a side is a repeat, a digit an ending."""
    found = []
    for word in text.split():
        bar = Measure((4, 4), begins_repeat=word.startswith(":"), ends_repeat=word.endswith(":"))
        bar.ending = frozenset(int(sign) for sign in word if sign.isdigit())
        found.append(bar)
    return found


@pytest.mark.parametrize(
    ("bars", "order"),
    [
        ("a b c", [0, 1, 2]),
        ("a b:", [0, 1, 0, 1]),
        ("a :b c: d", [0, 1, 2, 1, 2, 3]),
        ("a b: c d:", [0, 1, 0, 1, 2, 3, 2, 3]),
        (":a 1: 2 d", [0, 1, 0, 2, 3]),
        (":a 1: 2 d e:", [0, 1, 0, 2, 3, 4, 3, 4]),
        (":a 12: 3 d", [0, 1, 0, 1, 0, 2, 3]),
        (":a: :b:", [0, 0, 1, 1]),
    ],
)
def test_repeats_are_played_as_written(bars: str, order: list[int]) -> None:
    assert play_order(measures(bars)) == order


def answer(process: ReaderProcess, path: Path, limit: float = 20) -> tuple[str, bool]:
    """The message of a skipped file, and whether it may be cached."""
    content, lasting = process.read(path, limit)
    process.close()
    return load(content).skipped[0].message, lasting


def test_a_reader_that_hangs_is_stopped(tmp_path: Path) -> None:
    process = ReaderProcess((sys.executable, "-c", "import time; time.sleep(60)"))
    message, lasting = answer(process, tmp_path / "slow.xml", limit=0.3)
    assert "more than 0.3 seconds" in message and not lasting


@pytest.mark.parametrize("printed", ["3 warnings", "3", "{}", "[1]", "", "-1"])
def test_other_output_of_a_reader_process_is_not_an_answer(printed: str) -> None:
    process = ReaderProcess((sys.executable, "-c", f"input(); print({printed!r})"))
    message, lasting = answer(process, Path("a"))
    assert "ended without an answer" in message and not lasting


def test_a_reader_that_crashes_is_reported_and_the_next_file_is_read() -> None:
    program = (
        "import os, sys\n"
        "from seqgen_jazz.corpus.read_cache import dump\n"
        "from seqgen_jazz.readers.raw_tune import FileRead\n"
        "for line in sys.stdin:\n"
        "    if 'crash' in line: os.abort()\n"
        "    content = dump(FileRead.skip('no music'))\n"
        "    sys.stdout.buffer.write(b'%d\\n%b' % (len(content), content))\n"
        "    sys.stdout.flush()\n"
    )
    process = ReaderProcess((sys.executable, "-c", program))
    content, lasting = process.read(Path("crash"))
    assert "ended without an answer" in load(content).skipped[0].message and not lasting
    for _ in range(2):
        assert load(process.read(Path("b"))[0]) == FileRead.skip("no music")
    process.close()


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes(tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.xml" for name in "abcd"]
    for number, path in enumerate(paths):
        notes = "".join(xml_note(f"{step}{number + 2}", 6) for step in "CDEFGFED")
        path.write_text(musicxml([ATTRIBUTES + xml_chord("C", "major") + notes]))
    paths[2].write_text("<html/>")
    one, many = (
        {path: (content, lasting) for path, content, lasting in read_in_processes(paths, count)}
        for count in (1, 3)
    )
    assert one == many and set(one) == set(paths)
    assert [bool(load(one[path][0]).solos) for path in paths] == [True, True, False, True]
