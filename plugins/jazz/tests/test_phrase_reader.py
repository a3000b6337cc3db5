"""Phrases from files: any melody line, the right track, and notices on changes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from seqgen_jazz.encoding.solo import Note
from seqgen_jazz.encoding.solo_condition import Phrase
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.prompting.read_phrase_file import read_phrase
from seqgen_jazz.prompting.resolve_options import resolve

from seqgen import DataError, SettingError

from .bands import performed
from .conditions import condition, notices
from .files import ATTRIBUTES, Event, midi, musicxml, note, text, track, xml_note

REST = "<note><rest/><duration>48</duration></note>"
#: Three notes in its second bar, no chords: a lick.
LICK = (Note(96, 24, 60), Note(120, 24, 62), Note(144, 48, 64))


def saved(folder: Path, name: str, content: bytes | str) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def line(*notes: tuple[float, float, int], channel: int = 0, name: str = "") -> bytes:
    events: list[Event] = [text(0, name, 3)] if name else []
    return track([*events, *(event for one in notes for event in note(*one, channel))])


def test_a_lick_needs_neither_chords_nor_eight_notes(tmp_path: Path) -> None:
    written = xml_note("C4", 12) + xml_note("D4", 12) + xml_note("E4", 24)
    page = saved(tmp_path, "lick.musicxml", musicxml([ATTRIBUTES + REST, written]))
    abc = saved(tmp_path, "lick.abc", "X:1\nM:4/4\nL:1/4\nK:C\nz4|CDE2|\n")
    played = saved(tmp_path, "lick.mid", midi(line((4, 5, 60), (5, 6, 62), (6, 8, 64))))
    for path in (page, abc, played):
        assert read_phrase(path) == Phrase(LICK, {}), path
    solo = condition(GenerationOptions("C7 | F7 | C7", prime=page))
    assert solo.fixed.notes == LICK
    with pytest.raises(DataError, match=r"rests\.abc: it has no notes"):
        read_phrase(saved(tmp_path, "rests.abc", "X:1\nM:4/4\nL:1/4\nK:C\nz4|\n"))


def test_the_solo_track_is_used_and_not_the_bass(tmp_path: Path) -> None:
    """A note is changed, so that the text of the file no longer matches its notes."""
    solo = performed("blues", seed=3)
    first = solo.notes[0]
    changed = (first._replace(pitch=101), *solo.notes[1:])
    was, now = (f"[{first.onset},{first.duration},{pitch}]" for pitch in (101, 100))
    data = midi_bytes(replace(solo, notes=changed)).replace(was.encode(), now.encode())
    phrase = read_phrase(saved(tmp_path, "edited.mid", data))
    assert [one.pitch for one in phrase.notes] == [one.pitch for one in changed]
    assert phrase.notices[:2] == (
        "its notes were changed after it was written; they are read as they sound",
        "track 1 'Solo (tenor-sax)' is the melody; not used: track 2 'Piano', track 3 'Bass'",
    )


def test_a_short_lick_with_a_long_bass_line_is_the_phrase(tmp_path: Path) -> None:
    bass = line(*((beat, beat + 0.9, 36 + beat % 5) for beat in range(32)), channel=1)
    lick = line((0, 1.05, 72), (1, 2, 74), (2, 3, 76))
    chords = line(*((beat, beat + 4, 60 + third) for beat in (0, 4) for third in (0, 4, 7)))
    phrase = read_phrase(saved(tmp_path, "band.mid", midi(bass, chords, lick)))
    assert [one.pitch for one in phrase.notes] == [72, 74, 76]
    assert phrase.notices == (
        "track 3 is the melody; not used: track 1, track 2",
        "notes cut where the next one begins: 1",
    )


def test_changes_of_a_phrase_cause_notices(tmp_path: Path) -> None:
    played = midi(line((0, 1, 60), (0, 1, 64), (1.06, 2, 62), (3, 5, 64)))
    path = saved(tmp_path, "hand.mid", played)
    prompt = GenerationOptions("C7 | F7", prime=path, trade=1)
    lines = [
        "of the phrase: notes below others that begin with them, skipped: 1",
        "of the phrase: 1 of its 4 notes are moved to 12ths or 8ths of a quarter note",
        "of the phrase: its last note is cut at the end of its turn",
        "bar 1 is the phrase, bar 2 is the answer",
    ]
    resolved = resolve(prompt)
    assert notices(prompt)[1:] == lines
    Path(path).unlink()
    assert notices(resolved)[1:] == lines, "also from a receipt"
    book = "X:1\nT:One\nM:4/4\nL:1/4\nK:C\nCDE2|\n\nX:2\nT:Two\nM:4/4\nL:1/4\nK:C\nEDC2|\n"
    first = GenerationOptions("C7 | F7", prime=saved(tmp_path, "book.abc", book))
    assert notices(first)[1:] == [
        "of the phrase: 'One' is used, the first readable one of its 2 tunes",
    ]


def test_a_phrase_with_another_chart_causes_a_notice(tmp_path: Path) -> None:
    path = saved(tmp_path, "rhythm.mid", midi_bytes(performed("rhythm", seed=5)))
    words = "its file contains another chart, which is not used: --chart accepts this file too"
    lines = notices(GenerationOptions(prime=path, choruses=16))[1:]
    assert lines == [f"of the phrase: {words}"]
    with pytest.raises(DataError, match="fills the chart; use more choruses"):
        notices(GenerationOptions(path, prime=path))
    assert notices(GenerationOptions(path, prime=path, choruses=2))[1:] == []
    # As in earlier receipts, in which all samples were the phrase.
    resolved = resolve(GenerationOptions(path, prime=path, choruses=2))
    assert condition(replace(resolved, choruses=1)).fixed.spans


def test_conflicting_options_are_refused_or_cause_a_notice(tmp_path: Path) -> None:
    path = saved(tmp_path, "lick.mid", midi(line((0, 1, 60), (1, 2, 62))))
    with pytest.raises(SettingError, match="choruses must be 1 with --trade"):
        GenerationOptions(prime=path, trade=4, choruses=2)
    old = replace(resolve(GenerationOptions(prime=path, trade=4)), choruses=2)
    assert len(condition(old).chart.bars) == 8, "earlier receipts with both are replayed"
    notation = "the notation has a bass part that is not in the MIDI file, because "
    options = GenerationOptions(bass_part=True, band=False)
    assert notices(options)[1:] == [f"{notation}there is no band"]
    assert notices(GenerationOptions(bass_part=True, instrument="bass"))[1:] == [
        f"{notation}the soloist plays the bass"
    ]
    assert notices(GenerationOptions(bass_part=True))[1:] == []


def test_a_damaged_chart_of_a_phrase_is_named(tmp_path: Path) -> None:
    data = midi_bytes(performed("rhythm", seed=5)).replace(b"Bb6 G7 |", b"Bb6 H7 |")
    with pytest.raises(DataError, match="the file of the phrase is damaged: its chart: bar 1"):
        resolve(GenerationOptions(prime=saved(tmp_path, "damaged.mid", data)))


@pytest.mark.parametrize("words", ["one", ["\x1b[2J"], [1], ["x" * 401], ["x"] * 13])
def test_the_notices_of_a_phrase_are_bounded(words: object) -> None:
    with pytest.raises(DataError, match="notices must be a list of up to 12 lines"):
        read_phrase(json.dumps({"notes": [], "notices": words}))


TENOR_AND_BASS = (
    'V:1 name="Tenor"\nz d f a | c\'3 z | b2 g z |\n'
    'V:2 name="Bass" clef=bass\nD, F, A, C | G,, B,, D, F, | C, E, G, A, |\n'
)


@pytest.mark.parametrize("clef", ["name=Bass", "clef=bass", "name='Bass' clef=bass"])
def test_the_line_of_two_voices_is_not_the_bass(tmp_path: Path, clef: str) -> None:
    body = TENOR_AND_BASS.replace('name="Bass" clef=bass', clef)
    path = saved(tmp_path, "duo.abc", f"X:1\nT:Duo\nM:4/4\nL:1/4\nK:C\n{body}")
    phrase = read_phrase(path)
    assert [one.pitch for one in phrase.notes] == [74, 77, 81, 84, 83, 79]
    assert phrase.notices[0].startswith("voice 1 'Tenor' is the melody; not used: voice 2")


@pytest.mark.parametrize("bass", ["name", "clef"])
def test_the_line_of_two_parts_is_not_the_bass(tmp_path: Path, bass: str) -> None:
    clef = "<clef><sign>F</sign><line>4</line></clef></attributes>"
    head = ATTRIBUTES if bass == "name" else ATTRIBUTES.replace("</attributes>", clef)
    walk = head + "".join(xml_note(name, 12) for name in ("D3", "F3", "A3", "C4"))
    page = musicxml([ATTRIBUTES + xml_note("D5", 24) + xml_note("F5", 24)], [walk])
    name = "Bass" if bass == "name" else "Other"
    page = page.replace('"P1"><part-name>Part', f'"P1"><part-name>{name}')
    phrase = read_phrase(saved(tmp_path, "duo.musicxml", page))
    assert [one.pitch for one in phrase.notes] == [74, 77]
    assert phrase.notices == (f"part 1 'Part' is the melody; not used: part 2 '{name}'",)


def test_tracks_are_numbered_as_by_inspect(tmp_path: Path) -> None:
    drums = line(*((beat, beat + 0.5, 42) for beat in range(4)), channel=9)
    bass = line(*((beat, beat + 0.9, 36) for beat in range(4)), channel=1, name="Bass")
    lead = line((0, 1, 72), (1, 2, 74), name="Lead")
    path = Path(saved(tmp_path, "band.mid", midi(drums, bass, lead)))
    assert read_phrase(str(path)).notices == (
        "track 3 'Lead' is the melody; not used: track 2 'Bass'",
    )


@pytest.mark.parametrize("sign", ["n", "\\\\"])
def test_long_names_of_tracks_and_voices_are_cut_for_receipts(tmp_path: Path, sign: str) -> None:
    names = [f"{number}{sign * 60}" for number in range(9)]
    tracks = [line((0, 1, 60), (1, 2, 62), name=name) for name in names]
    voices = "".join(f'V:{name} name="{name}x"\nCDEF|\n' for name in names)
    tune = f"X:1\nM:4/4\nL:1/4\nK:C\n{voices}"
    for path in (saved(tmp_path, "t.mid", midi(*tracks)), saved(tmp_path, "v.abc", tune)):
        phrase = read_phrase(path)
        assert read_phrase(phrase.text).notices == phrase.notices
        assert phrase.notices[0].endswith(" more")
