"""The first full bar of a phrase, with or without a pickup, is aligned with the chart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.prompting.read_phrase_file import read_phrase
from seqgen_jazz.prompting.resolve_options import resolve

from .bands import performed
from .conditions import condition, notices
from .files import ATTRIBUTES, meter, midi, musicxml, note, track, xml_note
from .test_phrase_reader import saved

HEAD = "X:1\nM:4/4\nL:1/8\nK:C\n"
#: A pickup of a quarter and two bars.
LED = "D2 | F2 A2 c2 e2 | d4 B4 |]\n"
PLAIN = "F2 A2 c2 e2 | d4 B4 |]\n"


def onsets(prompt: GenerationOptions) -> list[int]:
    """Onsets of the phrase in ticks from the first full bar of the chart."""
    found = condition(prompt)
    return [one.onset - found.chart.first_full_bar for one in found.fixed.notes]


def files(folder: Path) -> list[str]:
    """The phrase with a pickup, as ABC, MusicXML and MIDI."""
    short = ATTRIBUTES.replace("<time>", '<time print-object="no">')
    rest = "".join(xml_note(name, 12) for name in ("F4", "A4", "C5", "E5"))
    end = xml_note("D5", 24) + xml_note("B4", 24)
    page = musicxml([short + xml_note("D4", 12), rest, end])
    notes = [note(at, at + 1, 62) for at in range(5)] + [note(5, 7, 74), note(7, 9, 71)]
    events = [meter(0, 1, 2), meter(1, 4, 2), *(event for one in notes for event in one)]
    return [
        saved(folder, "led.abc", HEAD + LED),
        saved(folder, "led.musicxml", page),
        saved(folder, "led.mid", midi(track(events))),
    ]


@pytest.mark.parametrize("chart", ["Dm7 | G7 | C6", "1/4: N.C. | 4/4: Dm7 | G7 | C6"])
def test_a_phrase_with_a_pickup_keeps_its_bars(tmp_path: Path, chart: str) -> None:
    expected = [-24, 0, 24, 48, 72, 96, 144]
    for path in files(tmp_path):
        prompt = GenerationOptions(chart, prime=path)
        assert onsets(prompt) == expected, path
        resolved = resolve(prompt)
        assert resolved.chart is not None and resolved.chart.endswith(
            "1/4: N.C. | 4/4: Dm7 | G7 | C6"
        )
        Path(path).unlink()
        assert onsets(resolved) == expected and resolve(resolved) == resolved
        words = ["of the phrase: the chart gets its pickup of 1 quarter"]
        assert notices(resolved)[1:] == ([] if chart.startswith("1/4") else words)


def test_a_shorter_pickup_of_the_chart_is_extended(tmp_path: Path) -> None:
    path = saved(tmp_path, "led.abc", HEAD + LED)
    prompt = GenerationOptions("[A] 1/8: G7 | 4/4: Dm7 | G7 | C6", prime=path, trade=4)
    chart = condition(prompt).chart
    assert onsets(prompt)[:2] == [-24, 0] and len(chart.bars) == 1 + 8
    assert chart.sections[0] == (0, "A")
    assert str(chart.chord_at(12)) == "G7" and str(chart.chord_at(11)) == "N.C."


def test_a_phrase_without_a_pickup_begins_after_that_of_the_chart(tmp_path: Path) -> None:
    path = saved(tmp_path, "plain.abc", HEAD + PLAIN)
    prompt = GenerationOptions("3/4: N.C. | 4/4: Dm7 | G7 | C6", prime=path)
    assert onsets(prompt)[0] == 0
    words = "its first full bar is aligned with that of the chart, 3 quarters later"
    assert notices(prompt)[1:] == [f"of the phrase: {words}"]


def test_a_pickup_without_room_causes_a_notice(tmp_path: Path) -> None:
    path = saved(tmp_path, "led.abc", HEAD + LED)
    prompt = GenerationOptions("3/4: Dm7 | 4/4: G7 | 5/4: C6 | 4/4: C6", prime=path)
    assert onsets(prompt)[0] == 0
    words = "this chart has no room for its pickup; its bars begin 1 quarter late"
    assert notices(prompt)[1] == f"of the phrase: {words}"
    resting = saved(tmp_path, "rest.abc", HEAD + LED.replace("D2", "z2"))
    quiet = GenerationOptions("Dm7 | G7 | C6", prime=resting)
    assert onsets(quiet)[0] == 0 and notices(quiet)[1:] == [], "silence needs no room"


def test_a_file_of_a_solo_contains_its_pickup(tmp_path: Path) -> None:
    solo: Solo = performed("blues", seed=3)
    lead = GenerationOptions("1/4: N.C. | 4/4: Dm7 | G7 | C6").chart
    chart = condition(GenerationOptions(lead)).chart
    line = replace(solo, chart=chart, notes=tuple(n for n in solo.notes if n.end <= 180))
    path = saved(tmp_path, "own.mid", midi_bytes(line))
    first = read_phrase(path).notes[0].onset
    assert onsets(GenerationOptions("Dm7 | G7 | C6 | F7", prime=path))[0] == first - 24
    assert onsets(GenerationOptions(lead, prime=path))[0] == first - 24
