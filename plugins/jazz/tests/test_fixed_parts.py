"""Fixed parts of a solo are kept exactly, and free parts fill their bars."""

from __future__ import annotations

import random
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.encoder import JazzEncoder
from seqgen_jazz.encoding.jazz_guide import JazzGuide, MusicalConstraints
from seqgen_jazz.encoding.solo import INSTRUMENTS, Note, Solo, check_solo
from seqgen_jazz.encoding.solo_condition import (
    SOLO_LINE_PREFIX,
    FixedSpans,
    Phrase,
    SoloCondition,
    format_solo_line,
)
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.prompting.fixed_spans import parse_bar_list
from seqgen_jazz.prompting.read_phrase_file import read_phrase
from seqgen_jazz.prompting.resolve_options import resolve

from seqgen import DataError, SeqgenError, SettingError

from .bands import performed
from .conditions import condition
from .files import midi, note, track
from .solos import solos
from .test_guide import all_constraints
from .test_plugin import play

ENCODER = JazzEncoder(fitted=True)


def inside(solo: Solo, start: int, end: int) -> tuple[Note, ...]:
    """The notes between two ticks."""
    return FixedSpans.cut(solo.notes, [(start, end)]).notes


@given(solos(), st.data())
@settings(deadline=None)
def test_fixed_spans_are_kept_and_the_rest_fills_the_chart(solo: Solo, data: st.DataObject) -> None:
    """Law 4 with fixed spans: any spans of any solo, any instrument, random tokens."""
    ticks = data.draw(st.lists(st.integers(0, solo.chart.ticks), max_size=6, unique=True))
    edges = sorted(ticks)[: len(ticks) // 2 * 2]
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    assume(spans)
    fixed = FixedSpans.cut(solo.notes, spans)
    requested, free_from = fixed.spans, fixed.spans[-1][1]
    silent_from = solo.chart.ticks - 24
    if data.draw(st.booleans()):
        fixed = fixed.with_silent_end(solo.chart.ticks)
    player = data.draw(st.sampled_from(list(INSTRUMENTS.values())))
    condition = SoloCondition(solo.chart, player.name, fixed=fixed)
    constraints = data.draw(all_constraints)
    guide = JazzGuide(solo.chart, player, fixed, constraints=constraints)
    rng, state, tokens = random.Random(data.draw(st.integers(0, 999))), guide.start(1), []
    while True:
        token = rng.choice(guide.allowed(state)[0].nonzero()[0].tolist())
        if token == ENCODER.vocabulary.end:
            break
        tokens.append(token)
        state = guide.advance(state, np.array([token]))
    assert guide.max_tokens is not None and len(tokens) <= guide.max_tokens
    played = ENCODER.decode(tokens, condition)
    check_solo(played)
    for start, end in requested:
        assert inside(played, start, end) == inside(solo, start, end)
    if len(fixed.spans) > len(requested):
        assert all(one.end <= silent_from for one in played.notes)
    lands = constraints.land and played.notes and played.notes[-1].onset >= free_from
    tones = solo.chart.chord_at(played.notes[-1].onset).chord_tones if lands else ()
    assert not tones or played.notes[-1].pitch % 12 in tones
    fixed_notes = set(fixed.notes)
    for one in played.notes:
        assert one in fixed_notes or player.low <= one.pitch <= player.high
        assert not any(one.onset < edge < one.end for edge in fixed.edges)


def test_a_note_across_an_edge_is_cut_and_struck_again() -> None:
    line = (Note(84, 24, 60), Note(180, 24, 64))
    fixed = FixedSpans.cut(line, [(96, 192)])
    assert fixed.notes == (Note(96, 12, 60), Note(180, 12, 64)) and fixed.edges == (96, 192)
    assert FixedSpans.cut(line, [(0, 96), (96, 192)]).spans == ((0, 192),), (
        "adjacent spans are joined"
    )


def test_a_due_rest_before_an_edge_has_no_dead_end_off_the_grid() -> None:
    """Ten ticks before the edge are too few for a breath; a rest of 9 needs a tie of 1."""
    chart = parse_chart("N.C. | % | %")
    fixed = FixedSpans.cut((Note(45, 48, 60),), [(58, 83)])
    guide = JazzGuide(
        chart, INSTRUMENTS["guitar"], fixed, constraints=MusicalConstraints(breathe=50, grid=True)
    )
    state, symbols = guide.start(1), ENCODER.vocabulary.symbols
    for symbol in ("8+", "X:+7", "d:32", "X:-11", "d:16", "R", "d:9", "T", "d:1"):
        token = symbols.index(symbol)
        assert guide.allowed(state)[0, token], symbol
        state = guide.advance(state, np.array([token]))


def test_some_bars_of_an_earlier_result_are_regenerated(tmp_path: Path) -> None:
    before = performed("blues", "blues", seed=3, tempo=132)
    path = tmp_path / "first.mid"
    path.write_bytes(midi_bytes(before))
    prompt = GenerationOptions(from_=str(path), redo="5-6, 12")
    after = play(prompt, 1)
    path.unlink()
    resolved = resolve_with_file(prompt, before, tmp_path)
    assert resolve(resolved) == resolved
    assert resolve(GenerationOptions(**asdict(resolved))) == resolved
    assert (after.chart, after.tempo, after.instrument) == (before.chart, 132.0, "tenor-sax")
    assert after.performance is not None and (after.performance.style, after.performance.form) == (
        "blues",
        12,
    )
    starts = before.chart.bar_starts
    for bar in range(12):
        was, now = (inside(one, starts[bar], starts[bar + 1]) for one in (before, after))
        assert (was == now) == (bar not in (4, 5, 11)), f"bar {bar + 1}"


def resolve_with_file(prompt: GenerationOptions, before: Solo, folder: Path) -> GenerationOptions:
    """The options, resolved while their file exists."""
    path = folder / "first.mid"
    path.write_bytes(midi_bytes(before))
    resolved = resolve(prompt)
    path.unlink()
    return resolved


def test_keep_and_redo_are_complements(tmp_path: Path) -> None:
    path = tmp_path / "first.mid"
    path.write_bytes(midi_bytes(performed("blues")))
    one = condition(GenerationOptions(from_=str(path), redo="5-6")).fixed
    assert one == condition(GenerationOptions(from_=str(path), keep="1-4,7-12")).fixed
    assert one.spans == ((0, 384), (576, 1152))
    for flags, message in (
        ({"redo": "13"}, "--redo: bars 13 must ascend within 1 to 12"),
        ({"keep": "1-x"}, "--keep takes bars such as 1-4,7, was '1-x'"),
        ({"keep": "1-5", "redo": "5"}, "bar 5 is in both --keep and --redo"),
        ({"keep": "1-12"}, "--keep includes all bars"),
        ({"redo": "1", "chart": "C7"}, "the earlier result ends after .* the chart after 4"),
    ):
        with pytest.raises(DataError, match=message):
            condition(GenerationOptions(from_=str(path), **flags))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"redo": "3"}, "redo requires --from"),
        ({"keep": "3"}, "keep requires --from"),
        ({"from_": "x.mid"}, "from_ requires --keep or --redo"),
        (
            {"from_": "x.mid", "redo": "1", "prime": "y.mid"},
            "from_ cannot be combined with --prime",
        ),
        (
            {"from_": "x.mid", "redo": "1", "choruses": 2},
            "choruses must be 1 with --from",
        ),
        ({"trade": 4}, "trade requires --prime"),
    ],
)
def test_conflicting_options_are_refused(flags: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        replace(GenerationOptions(), **flags)  # type: ignore[arg-type]


def phrase_file(folder: Path, *notes: tuple[float, float, int]) -> str:
    """A MIDI file of another program with one line, and drums."""
    path = folder / "phrase.mid"
    line = [event for start, end, pitch in notes for event in note(start, end, pitch)]
    path.write_bytes(midi(track(line), track(note(0, 1, 36, channel=9))))
    return str(path)


def test_a_solo_begins_with_a_phrase(tmp_path: Path) -> None:
    path = phrase_file(tmp_path, (0, 0.5, 60), (0.66, 1, 62), (1, 3.5, 64))
    prompt = GenerationOptions(chart="C7 | F7 | C7", prime=path)
    solo = play(prompt, 4)
    assert solo.notes[:3] == (Note(0, 12, 60), Note(16, 8, 62), Note(24, 60, 64))
    assert len(solo.notes) > 4
    with pytest.raises(DataError, match=r"ends after 3\.5 quarters, the chart after 3"):
        condition(GenerationOptions(chart="3/4: C7", prime=path))
    with pytest.raises(DataError, match=r"there is no file 'none\.mid'"):
        condition(GenerationOptions(prime="none.mid"))


def test_fours_are_answered_with_fours(tmp_path: Path) -> None:
    path = phrase_file(tmp_path, *((beat, beat + 1, 60 + beat) for beat in range(14)))
    solo = play(GenerationOptions(chart="C7 | F7 | C7", prime=path, trade=4), 2)
    assert len(solo.chart.bars) == 8 and solo.chart == parse_chart("C7 | F7 | C7").loop(8)
    assert inside(solo, 0, 384) == tuple(Note(24 * beat, 24, 60 + beat) for beat in range(14))
    assert inside(solo, 384, 768), "there is an answer"
    again = tmp_path / "again.mid"
    again.write_bytes(midi_bytes(solo))
    # Whether or not the answer fills its turn, both are two turns, answered by a third.
    longer = condition(GenerationOptions(chart="C7 | F7 | C7", prime=str(again), trade=4))
    assert len(longer.chart.bars) == 12
    assert longer.fixed == FixedSpans.cut(solo.notes, [(0, 768)]).with_silent_end(1152)


@pytest.mark.parametrize(
    ("start", "end", "bars", "fixed_to"),
    [(15, 16, 8, 384), (15, 16.05, 8, 384), (15, 19, 8, 384), (16, 17, 12, 768), (31, 33, 12, 768)],
)
def test_a_note_that_sounds_past_its_turn_leaves_no_turn_silent(
    start: float, end: float, bars: int, fixed_to: int, tmp_path: Path
) -> None:
    """Notes played by hand do not end at the bar line: onsets determine the turns."""
    path = phrase_file(tmp_path, (0, 1, 60), (start, end, 62))
    prompt = GenerationOptions(chart="C7 | F7 | C7", prime=path, trade=4)
    found = condition(prompt)
    silent = (96 * bars - 24, 96 * bars)
    assert (len(found.chart.bars), found.fixed.spans) == (bars, ((0, fixed_to), silent))
    assert found.fixed.notes[-1] == Note(
        24 * int(start), min(round(24 * end), fixed_to) - 24 * int(start), 62
    )
    assert condition(resolve(prompt)) == found


def test_the_text_of_a_phrase_is_not_changed() -> None:
    """Receipts contain the text of the phrase; earlier ones with a silent turn are replayed."""
    phrase = Phrase((Note(0, 24, 60), Note(360, 25, 62)), {})
    prompt = GenerationOptions(chart="C7 | F7 | C7", prime=phrase.text, trade=4)
    assert resolve(prompt).prime == phrase.text
    assert len(condition(prompt).chart.bars) == 12


def test_written_notes_are_read_exactly_unless_the_file_was_changed(tmp_path: Path) -> None:
    solo = performed("rhythm", seed=5)
    path = tmp_path / "solo.mid"
    path.write_bytes(midi_bytes(solo))
    phrase = read_phrase(str(path))
    assert phrase.notes == solo.notes and phrase.labels["chart"] == solo.chart.sheet
    assert read_phrase(phrase.text) == phrase
    edited = replace(solo, notes=(*solo.notes[:9], *solo.notes[10:]))
    old_text = format_solo_line(solo).encode()
    new_text = format_solo_line(edited).encode()
    data = midi_bytes(edited)
    assert new_text in data
    # The notes of one file with the text of another: the sounding notes count.
    length = len(old_text)
    head, tail = data.split(new_text)
    coded = bytes([0x80 | length >> 7, length & 0x7F])
    if length >= 1 << 14:
        coded = bytes([0x80 | length >> 14, 0x80 | length >> 7 & 0x7F, length & 0x7F])
    before_length = len(new_text)
    old_coded = 3 if before_length >= 1 << 14 else 2
    body = head[:-old_coded] + coded + old_text + tail
    size = int.from_bytes(body[18:22], "big") + len(body) - len(data)
    path.write_bytes(body[:18] + size.to_bytes(4, "big") + body[22:])
    changed = read_phrase(str(path))
    assert set(changed.labels) == {"notices"} and len(changed.notes) == len(edited.notes)
    with pytest.raises(DataError, match="was not written by this plugin, or its notes were"):
        condition(GenerationOptions(from_=str(path), redo="1"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not the notes of a solo"),
        ("{}", "not the notes of a solo"),
        ('{"notes": [[0, 1]]}', "not the notes of a solo"),
        ('{"notes": [[0, 1.5, 60]]}', "1.5 is no whole number"),
        ('{"notes": [[0, 9, 60], [3, 2, 61]]}', "note 2 starts at tick 3, before 9"),
        ('{"notes": [[0, 9, 999]]}', "note 1 has pitch 999; pitches must be from 0 to 127"),
        ('{"notes": [], "wav": true}', "unknown key 'wav'"),
        ("[" * 100_000, "there is no file"),
        ('{"notes": [' + "[" * 100_000, "not the notes of a solo"),
    ],
)
def test_invalid_phrase_text_is_refused(text: str, message: str) -> None:
    with pytest.raises(SeqgenError, match=message):
        read_phrase(text)


def test_the_labels_of_a_file_are_checked() -> None:
    labels = {"chart": "C7", "tempo": 1e9}
    with pytest.raises(DataError, match="the file of --from is damaged: tempo must be <= 360"):
        resolve(GenerationOptions(from_=Phrase((), labels).text, redo="1"))
    for name in ("chart", "style"):
        labels = {"chart": "C7", name: __file__}
        with pytest.raises(DataError, match=f"names a file as its {name}"):
            resolve(GenerationOptions(from_=Phrase((), labels).text, redo="1"))
    assert SOLO_LINE_PREFIX.isascii()


def test_bar_lists() -> None:
    assert parse_bar_list("1-3, 7", "keep", 8) == {0, 1, 2, 6}
    for wrong in ("", "0", "9", "3-2", "1,,2", "-"):
        with pytest.raises(DataError, match="keep"):
            parse_bar_list(wrong, "keep", 8)
