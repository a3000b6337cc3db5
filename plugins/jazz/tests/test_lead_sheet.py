"""The lead sheet: what MusicXML says is the solo, written as a musician would write it."""

from __future__ import annotations

import warnings
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import example, given, settings
from seqgen_jazz.charts.chart import TICKS_PER_QUARTER, Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.encoding.solo import Note, Solo
from seqgen_jazz.harmony.chord import NO_CHORD, Chord
from seqgen_jazz.harmony.chord_parser import parse_chord
from seqgen_jazz.output.musicxml.score import musicxml
from seqgen_jazz.readers.read_file import read_file

from .solos import solos

PLAYED = Solo(
    parse_chart("F7 | Bb7 Bdim7 | 3/4: N.C. | 6/8: D7b9/F#"),
    (Note(0, 12, 65), Note(12, 8, 69), Note(20, 4, 70), Note(90, 100, 72), Note(300, 1, 63)),
    title="Rain & <Sun>",
    tempo=212.5,
    instrument="trumpet",
)
DIVISIONS = 24  # of a quarter note
NAMES = {"whole": 96, "half": 48, "quarter": 24, "eighth": 12, "16th": 6, "32nd": 3, "64th": 1.5}
STEPS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))
SLOW = settings(max_examples=40, deadline=None)


def measures(solo: Solo) -> list[Element]:
    return fromstring(musicxml(solo)).findall("part/measure")


def ticks_of(note: Element) -> Fraction:
    return Fraction(int(note.findtext("duration", "")), DIVISIONS) * TICKS_PER_QUARTER


def pitch_of(note: Element) -> tuple[str, int, int] | None:
    """Step, alteration and octave; None for a rest."""
    pitch = note.find("pitch")
    if pitch is None:
        return None
    alter, octave = pitch.findtext("alter", "0"), pitch.findtext("octave", "")
    return pitch.findtext("step", ""), int(alter), int(octave)


def is_tied(note: Element) -> bool:
    return any(tie.get("type") == "stop" for tie in note.findall("tie"))


@SLOW
@given(solos())
def test_musicxml_bars_are_full_and_hold_every_note(solo: Solo) -> None:
    """Read with nothing but the schema's meaning of its elements."""
    found: list[Note] = []
    tick = Fraction(0)
    for bar, measure in zip(solo.chart.bars, measures(solo), strict=True):
        start = tick
        for note in measure.findall("note"):
            length, named = ticks_of(note), pitch_of(note)
            if named is not None:
                step, alter, octave = named
                sounding = STEPS[step] + alter + 12 * (octave + 1)
                if is_tied(note):
                    assert (found[-1].end, found[-1].pitch) == (tick, sounding)
                    lasted = tick + length - found[-1].onset
                    found[-1] = found[-1]._replace(duration=int(lasted))
                else:
                    found.append(Note(int(tick), int(length), sounding))
            tick += length
        assert tick - start == bar.ticks
    assert tuple(found) == solo.notes


@SLOW
@given(solos())
def test_musicxml_looks_as_long_as_it_lasts_and_triplets_are_whole(solo: Solo) -> None:
    for measure in measures(solo):
        group: list[Element] = []
        for note in measure.findall("note"):
            marks = [mark.get("type") for mark in note.findall("notations/tuplet")]
            bent = note.find("time-modification") is not None
            assert ("start" in marks) == (bent and not group) and (bent or not marks)
            if note.findtext("type") is None:
                assert [rest.get("measure") for rest in measure.iter("rest")] == ["yes"]
                continue
            sign = Fraction(NAMES[note.findtext("type", "")])
            sign *= Fraction(3, 2) if note.find("dot") is not None else 1
            assert ticks_of(note) == sign * (Fraction(2, 3) if bent else 1)
            group += [note] * bent
            if "stop" in marks:
                assert sum(map(ticks_of, group)) in (3, 6, 12, 24)
                group = []
        assert not group


@SLOW
@given(solos())
def test_accidentals_are_drawn_where_a_reader_needs_them(solo: Solo) -> None:
    drawn = {"flat": -1, "natural": 0, "sharp": 1}
    for measure in measures(solo):
        holds: dict[tuple[str, int], int] = {}
        for note in measure.findall("note"):
            named, sign = pitch_of(note), note.findtext("accidental")
            if named is None:
                continue
            step, alter, octave = named
            if is_tied(note):
                assert sign is None
                continue
            if sign is not None:
                holds[step, octave] = drawn[sign]
            assert holds.get((step, octave), 0) == alter


def test_beams_join_within_a_beat() -> None:
    lengths = [12, 6, 6, 18, 6, 12, 12, 24]
    ends = accumulate(lengths)
    notes = (Note(end - length, length, 72) for end, length in zip(ends, lengths, strict=True))
    (measure,) = measures(Solo(parse_chart("C7"), tuple(notes)))
    beams = [[beam.text for beam in note.findall("beam")] for note in measure.findall("note")]
    assert beams == [
        *(["begin"], ["continue", "begin"], ["end", "end"]),
        *(["begin"], ["end", "backward hook"]),
        *(["begin"], ["end"], []),
    ]


def test_the_lead_sheet_says_who_plays_what_how_fast() -> None:
    score = fromstring(musicxml(PLAYED))
    assert score.findtext("work/work-title") == "Rain & <Sun>"
    assert score.findtext("part-list/score-part/score-instrument/instrument-name") == "trumpet"
    assert score.findtext("part-list/score-part/midi-instrument/midi-program") == "57"
    assert score.findtext(".//per-minute") == "212.5"
    meters = [(time.findtext("beats"), time.findtext("beat-type")) for time in score.iter("time")]
    assert meters == [("4", "4"), ("3", "4"), ("6", "8")]
    assert score.find(".//transpose") is None and score.find(".//key") is None, "concert pitch"
    assert [bar.text for bar in score.iter("bar-style")] == ["light-heavy"]
    assert score.find(".//creator") is None and score.find(".//encoding-date") is None
    assert musicxml(replace(PLAYED, title="a\x00b\x1f")).count(b"<work-title>ab<") == 1


def test_low_lines_stand_in_the_bass_clef_and_chords_do_not_count() -> None:
    chart = parse_chart("C13")
    for pitch, sign in ((40, "F"), (60, "G"), (80, "G")):
        (measure,) = measures(Solo(chart, (Note(0, 96, pitch),)))
        assert measure.findtext("attributes/clef/sign") == sign


def test_symbols_between_notes_stand_at_their_very_tick() -> None:
    """A third of a quarter is no binary fraction; places are summed up in floats."""
    notes = tuple(Note(start, 8, 60) for start in range(0, 88, 8))
    for tick in range(96):
        bar = Bar(((tick, parse_chord("G7")),))
        (measure,) = measures(Solo(Chart((bar,)), (*notes, Note(88, 8, 62))))
        at = Fraction(0)
        for element in measure:
            if element.tag == "note":
                at += ticks_of(element)
            if element.tag == "harmony":
                offset = Fraction(int(element.findtext("offset", "0")), DIVISIONS)
                assert at + offset * TICKS_PER_QUARTER == tick


@pytest.mark.parametrize(
    ("text", "kind", "said", "degrees"),
    [
        ("Bb7", "dominant", "7", []),
        ("Ebm7b5", "half-diminished", "m7b5", []),
        ("C7b9#11", "dominant", "7", [("9", "-1", "add"), ("11", "1", "add")]),
        ("F#13", "dominant-13th", "13", []),
        ("Gsus4", "suspended-fourth", "sus4", []),
        ("C7b5", "dominant", "7b5", [("5", "-1", "alter")]),
        ("Am6", "minor-sixth", "m6", []),
    ],
)
def test_chords_are_written_by_their_parts(
    text: str, kind: str, said: str, degrees: list[tuple[str, str, str]]
) -> None:
    chord = parse_chord(text)
    (measure,) = measures(Solo(Chart((Bar(((0, chord),)),)), ()))
    (symbol,) = measure.findall("harmony")
    root = symbol.findtext("root/root-step", ""), int(symbol.findtext("root/root-alter", "0"))
    assert (STEPS[root[0]] + root[1]) % 12 == chord.root
    written = symbol.find("kind")
    assert written is not None and (written.text, written.get("text")) == (kind, said)
    assert [tuple(part.text for part in degree) for degree in symbol.findall("degree")] == degrees
    hidden = {degree.get("print-object") for degree in symbol.findall("degree")}
    assert hidden <= ({None} if said == "7" else {"no"}), "no degree is said twice"
    assert symbol.find("bass") is None and symbol.find("inversion") is None


@settings(max_examples=12, deadline=None)
@given(solos())
@example(Solo(Chart((Bar((), (4, 4)), *(Bar((), (5, 4)),) * 2)), (Note(96, 3, 60),)))  # a pickup
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


def test_lead_sheets_are_read_back_by_the_plugin_itself(tmp_path: Path) -> None:
    """Law 1 through a file: what was written is a corpus of the same solos."""
    path = tmp_path / "solo.musicxml"
    for solo in load_corpus(None).items[::16]:
        path.write_bytes(musicxml(solo))
        (again,) = read_file(path).solos
        assert again == solo and (again.title, again.tempo) == (solo.title, solo.tempo)
