"""Readers: MIDI and the grid. What comes out is a valid solo, and every change is counted."""

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
from seqgen_jazz.corpus.cache import dump, load
from seqgen_jazz.corpus.reader_pool import ReaderChild
from seqgen_jazz.encoding.solo import Note, Solo, check_solo
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.readers.measures import Measure
from seqgen_jazz.readers.midi import read_midi
from seqgen_jazz.readers.quantize import PLACES, fit
from seqgen_jazz.readers.raw_tune import FileRead, RawNote, RawSolo
from seqgen_jazz.readers.read_file import read_file

from seqgen import DataError

from .files import SHARED, meter, midi, note, text, track
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
def test_fitting_any_notes_gives_a_valid_line_on_the_grid(notes: list[RawNote]) -> None:
    raw = RawSolo(tuple(notes), ((0.0, C7),), ((4, 4),) * 10)
    try:
        solo, counts = fit(raw)
    except DataError as error:
        assert "notes" in str(error)
        return
    check_solo(solo)
    assert all(n.onset % 6 in PLACES for n in solo.notes)
    assert counts["onsets"] == len(notes) == len(solo.notes) + counts["second voices dropped"]
    assert solo.chart.bars[0].ticks > solo.notes[0].onset
    gaps = [after.onset - n.end for n, after in zip(solo.notes, solo.notes[1:], strict=False)]
    assert not any(0 < gap < 4 for gap in gaps)


@given(st.lists(solos(), max_size=3), st.text(), st.floats(20, 400), st.sampled_from([0, 1 << 17]))
def test_the_stored_form_gives_all_back(
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
    read = FileRead(tuple(late), ((words, "why"),), Counter({words: 3, "notes": 0}))
    found = load(dump(read))
    assert found == read and load(dump(words)) == words
    assert not isinstance(found, str)
    for solo, other in zip(found.solos, late, strict=True):
        assert (solo.title, solo.tempo, solo.chart.title) == (words, tempo, words)
        assert {type(note) for note in solo.notes} <= {Note} and repr(solo) == repr(other)


def test_counts_say_what_was_changed() -> None:
    notes = [RawNote(at, at + 1.0, 60) for at in range(8)]
    notes[0] = RawNote(0.0, 1.5, 60)  # cut at the next onset
    notes[1] = RawNote(1.0, 1.9, 60)  # a gap of a tenth: closed
    notes[3] = RawNote(3.04, 4.0, 60)  # moved by a 25th
    notes.append(RawNote(5.0, 6.0, 52))  # a second voice
    solo, counts = fit(RawSolo(tuple(notes), ((0.0, C7),), ((4, 4),) * 2))
    named = ("notes trimmed", "short rests closed", "onsets moved", "second voices dropped")
    assert [counts[name] for name in named] == [1, 1, 1, 1]
    assert [n.onset for n in solo.notes] == [24 * at for at in range(8)]
    assert {n.pitch for n in solo.notes} == {60}


def test_chord_markers_are_read_in_their_dialect(tmp_path: Path) -> None:
    chords = [text(0, "Bbj7"), text(4, "C79b"), text(6, "F#o")]
    data = midi(track([*chords, meter(0, 4, 2)]), track([text(0, "melody", 3), *flat(LINE)]))
    read = read_midi(write(tmp_path, data))
    assert str(read.solos[0].chart) == "Bbmaj7 | C7b9 F#dim"
    assert [n.pitch for n in read.solos[0].notes] == [60 + at % 7 for at in range(16)]
    assert read.solos[0].title == "tune"


@pytest.mark.parametrize("kind", [1, 5, 6])
def test_chords_may_stand_in_any_kind_of_text(tmp_path: Path, kind: int) -> None:
    chords = [text(0, "Bb△7", kind), text(4, "Cm7", kind), text(0, "by someone", 2)]
    read = read_midi(write(tmp_path, midi(track(chords), track(flat(LINE)))))
    assert str(read.solos[0].chart) == "Bbmaj7 | Cm7"


def test_texts_that_are_no_chords_and_notes_that_never_end_are_counted(tmp_path: Path) -> None:
    marks = [text(0, "Intro"), text(0, "Bb7"), text(4, "Cm7")]
    hanging = (0, bytes((0x91, 40, 80)))
    data = midi(track(marks), track([*flat(LINE), hanging]))
    read = read_midi(write(tmp_path, data))
    assert read.counts["markers that are no chord"] == 1
    assert read.counts["notes that never end left out"] == 1


def test_chords_are_inferred_from_the_accompaniment(tmp_path: Path) -> None:
    comp = [note(0, 4, p, 1) for p in (48, 52, 55, 58)] + [note(4, 6, p, 1) for p in (50, 53, 57)]
    comp += [note(6, 8, p, 1) for p in (43, 59, 62, 65)]
    bass_first = midi(track(flat(comp)), track(flat(LINE)))
    read = read_midi(write(tmp_path, bass_first))
    assert str(read.solos[0].chart) == "C7 | Dm G7"
    assert read.counts["files with chords inferred from the accompaniment"] == 1


def test_rehearsal_letters_are_no_chords(tmp_path: Path) -> None:
    data = midi(track([text(0, "A"), text(4, "B"), *flat(LINE)]))
    with pytest.raises(DataError, match="no chords"):
        read_midi(write(tmp_path, data))


def test_meters_follow_the_file_and_a_cut_bar_keeps_its_length(tmp_path: Path) -> None:
    marks = [meter(0, 1, 2), meter(1, 3, 2), meter(7, 4, 2), text(0, "N.C."), text(1, "C7")]
    read = read_midi(write(tmp_path, midi(track(marks), track(flat(LINE)))))
    assert [bar.meter for bar in read.solos[0].chart.bars] == [(1, 4), (3, 4), (3, 4), (4, 4)]
    early = [meter(0, 4, 2), meter(3, 3, 2), text(0, "Dm7"), text(3, "C7")]
    read = read_midi(write(tmp_path, midi(track(early), track(flat(LINE)))))
    assert [bar.meter for bar in read.solos[0].chart.bars][:2] == [(3, 4), (3, 4)]


def test_a_pickup_without_a_sign_is_found_by_the_chords(tmp_path: Path) -> None:
    marks = [meter(0, 4, 2), *(text(1 + 4 * bar, "Cm7" if bar % 2 else "F7") for bar in range(10))]
    notes = flat([note(at, at + 1, 60) for at in range(40)])
    read = read_midi(write(tmp_path, midi(track(marks), track(notes))))
    bars = read.solos[0].chart.bars
    assert [bar.meter for bar in bars[:3]] == [(1, 4), (4, 4), (4, 4)]
    assert all(bar.changes[0][0] == 0 for bar in bars)
    assert read.counts["pickups found by the chords"] == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\x89PNG\r\n", "does not begin with MThd"),
        (b"MThd\x00\x00", "cut short"),
        (midi(track(flat(LINE)))[:60], "damaged"),
        (midi(track([])), "no notes"),
        (midi(track(flat(LINE)), kind=2), "format 2"),
        (midi(track(flat(LINE))), "no chords"),
        (midi(track(flat([note(0, 4, 50 + p) for p in range(12)]))), "no track is a line"),
        (midi(track([text(0, "Cm7"), text(1, "F7"), meter(0, 0, 2), *flat(LINE)])), "meter of 0/4"),
        (midi(track([*flat(LINE), *note(250_000, 250_001, 60)])), "damaged"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_file(write(tmp_path, data))


def test_damage_anywhere_raises_nothing_else(tmp_path: Path) -> None:
    whole = midi(track([text(0, "Cm7"), text(4, "F7")]), track([text(0, "melody", 3), *flat(LINE)]))
    rng = random.Random(7)
    outcomes: Counter[str] = Counter()
    for _ in range(150):
        data = bytearray(whole[: rng.randrange(1, len(whole) + 1)])
        for _ in range(rng.randrange(3)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            for solo in read_file(write(tmp_path, bytes(data))).solos:
                check_solo(solo)
            outcomes["read"] += 1
        except DataError:
            outcomes["refused"] += 1
    assert outcomes["refused"] > 0


@pytest.mark.skipif(not (SHARED / "midi-edge").exists(), reason="no ../shared/data/midi-edge")
def test_odd_midi_files_give_a_solo_or_a_reason() -> None:
    solos: list[Solo] = []
    for path in sorted((SHARED / "midi-edge").iterdir()):
        try:
            solos += read_file(path).solos
        except DataError as error:
            assert str(error)
    for solo in solos:
        check_solo(solo)


@pytest.mark.skipif(not (SHARED / "jazz").exists(), reason="no ../shared/data/jazz")
def test_real_midi_solos_keep_every_note() -> None:
    from music21 import midi as bytes_of

    path = next((SHARED / "jazz" / "solos_midi").glob("LionelHampton*"))
    file = bytes_of.MidiFile()
    file.open(str(path))
    file.read()
    file.close()
    pitches = [[e.pitch for e in part.events if e.isNoteOn()] for part in file.tracks]
    assert [n.pitch for n in read_file(path).solos[0].notes] in pitches


def measures(text: str) -> list[Measure]:
    """Bars like "|: . 1. 2. :|": each word is one, ":" at a side a repeat, a digit its ending."""
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


def test_a_reader_that_hangs_is_ended(tmp_path: Path) -> None:
    child = ReaderChild((sys.executable, "-c", "import time; time.sleep(60)"))
    answer = child.ask(tmp_path / "slow.xml", limit=0.3)
    assert "more than 0.3 seconds" in answer["error"]
    assert answer["passing"]


@pytest.mark.parametrize("printed", ["3 warnings", "3", "{}", "[1]"])
def test_what_else_a_readers_process_prints_is_no_answer(printed: str) -> None:
    child = ReaderChild((sys.executable, "-c", f"input(); print({printed!r})"))
    told = child.ask(Path("a"), limit=20)
    assert "gave no answer" in told["error"] and told["passing"]


def test_a_reader_that_dies_is_told_and_the_next_file_is_read(tmp_path: Path) -> None:
    program = (
        "import sys; line = input(); print('{\"error\": \"x\"}') if 'b' in line else sys.exit(3)"
    )
    child = ReaderChild((sys.executable, "-c", program))
    assert "gave no answer" in child.ask(Path("a"), limit=20)["error"]
    assert child.ask(Path("b"), limit=20) == {"error": "x"}
    child.close()
