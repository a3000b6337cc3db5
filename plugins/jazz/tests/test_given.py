"""What is given of a solo stays exactly, and what is free fills its bars."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from seqgen_jazz.charts.bar_ranges import looped, read_bar_list
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.condition import Setting
from seqgen_jazz.encoding.encoder import JazzEncoder
from seqgen_jazz.encoding.fixed_spans import Kept, with_silent_end
from seqgen_jazz.encoding.guide import JazzGuide
from seqgen_jazz.encoding.instruments import INSTRUMENTS
from seqgen_jazz.encoding.musical_constraints import Rules
from seqgen_jazz.encoding.phrase import MARK, Phrase, solo_line
from seqgen_jazz.encoding.solo import Note, Solo, check_solo
from seqgen_jazz.options import JazzPrompt
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.prompting.phrase_reader import read_phrase
from seqgen_jazz.prompting.resolve import condition, resolve

from seqgen import DataError, SeqgenError, SettingError

from .bands import performed
from .files import midi, note, track
from .solos import solos
from .test_guide import all_rules
from .test_plugin import play

ENCODER = JazzEncoder(fitted=True)


def inside(solo: Solo, start: int, end: int) -> tuple[Note, ...]:
    """What sounds between two ticks."""
    return Kept.of(solo.notes, [(start, end)]).notes


@given(solos(), st.data())
@settings(deadline=None)
def test_kept_spans_stay_and_the_rest_fills_the_chart(solo: Solo, data: st.DataObject) -> None:
    """Law 4 for what is given: any spans of any solo, any instrument, random tokens."""
    ticks = data.draw(st.lists(st.integers(0, solo.chart.ticks), max_size=6, unique=True))
    edges = sorted(ticks)[: len(ticks) // 2 * 2]
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    assume(spans)
    kept = Kept.of(solo.notes, spans)
    asked, free_from, silent_from = kept.spans, kept.spans[-1][1], solo.chart.ticks - 24
    if data.draw(st.booleans()):
        kept = with_silent_end(kept, solo.chart.ticks) or kept
    player = data.draw(st.sampled_from(list(INSTRUMENTS.values())))
    setting = Setting(solo.chart, player.name, kept=kept)
    rules = data.draw(all_rules)
    guide = JazzGuide(solo.chart, player, kept, rules=rules)
    rng, state, tokens = random.Random(data.draw(st.integers(0, 999))), guide.start(1), []
    while True:
        token = rng.choice(guide.allowed(state)[0].nonzero()[0].tolist())
        if token == ENCODER.vocabulary.end:
            break
        tokens.append(token)
        state = guide.advance(state, np.array([token]))
    assert guide.max_tokens is not None and len(tokens) <= guide.max_tokens
    played = ENCODER.decode(tokens, setting)
    check_solo(played)
    for start, end in asked:
        assert inside(played, start, end) == inside(solo, start, end)
    if len(kept.spans) > len(asked):
        assert all(one.end <= silent_from for one in played.notes)
    lands = rules.land and played.notes and played.notes[-1].onset >= free_from
    tones = solo.chart.chord_at(played.notes[-1].onset).chord_tones if lands else ()
    assert not tones or played.notes[-1].pitch % 12 in tones
    given_notes = set(kept.notes)
    for one in played.notes:
        assert one in given_notes or player.low <= one.pitch <= player.high
        assert not any(one.onset < seam < one.end for seam in kept.seams)


def test_a_note_over_a_seam_is_cut_and_struck_again() -> None:
    line = (Note(84, 24, 60), Note(180, 24, 64))
    kept = Kept.of(line, [(96, 192)])
    assert kept.notes == (Note(96, 12, 60), Note(180, 12, 64)) and kept.seams == (96, 192)
    assert Kept.of(line, [(0, 96), (96, 192)]).spans == ((0, 192),), "spans that touch are one"


def test_a_rest_that_is_due_before_a_seam_is_never_stuck_off_the_grid() -> None:
    """Ten ticks before the stop a breath has no room, and the rest of 9 needs a tie of 1."""
    chart = parse_chart("N.C. | % | %")
    kept = Kept.of((Note(45, 48, 60),), [(58, 83)])
    guide = JazzGuide(chart, INSTRUMENTS["guitar"], kept, rules=Rules(breathe=50, grid=True))
    state, symbols = guide.start(1), ENCODER.vocabulary.symbols
    for symbol in ("8+", "X:+7", "d:32", "X:-11", "d:16", "R", "d:9", "T", "d:1"):
        token = symbols.index(symbol)
        assert guide.allowed(state)[0, token], symbol
        state = guide.advance(state, np.array([token]))


def test_an_earlier_result_is_rewritten_in_some_bars(tmp_path: Path) -> None:
    before = performed("blues", "blues", seed=3, tempo=132)
    path = tmp_path / "first.mid"
    path.write_bytes(midi_bytes(before))
    prompt = JazzPrompt(from_=str(path), redo="5-6, 12")
    after = play(prompt, 1)
    path.unlink()
    assert resolve(settle_of(prompt, before, tmp_path)) == settle_of(prompt, before, tmp_path)
    assert (after.chart, after.tempo, after.instrument) == (before.chart, 132.0, "tenor-sax")
    assert after.playing is not None and (after.playing.style, after.playing.form) == ("blues", 12)
    starts = before.chart.bar_starts
    for bar in range(12):
        was, now = (inside(one, starts[bar], starts[bar + 1]) for one in (before, after))
        assert (was == now) == (bar not in (4, 5, 11)), f"bar {bar + 1}"


def settle_of(prompt: JazzPrompt, before: Solo, folder: Path) -> JazzPrompt:
    """The prompt settled while its file was there."""
    path = folder / "first.mid"
    path.write_bytes(midi_bytes(before))
    settled = resolve(prompt)
    path.unlink()
    return settled


def test_keep_and_redo_say_the_same_from_two_sides(tmp_path: Path) -> None:
    path = tmp_path / "first.mid"
    path.write_bytes(midi_bytes(performed("blues")))
    one = condition(JazzPrompt(from_=str(path), redo="5-6")).kept
    assert one == condition(JazzPrompt(from_=str(path), keep="1-4,7-12")).kept
    assert one is not None and one.spans == ((0, 384), (576, 1152))
    for flags, message in (
        ({"redo": "13"}, "redo names bars 13; bars go upwards from 1 to 12"),
        ({"keep": "1-x"}, "keep takes bars such as 1-4,7; cannot read '1-x'"),
        ({"keep": "1-5", "redo": "5"}, "bar 5 is to be kept and to be redone"),
        ({"keep": "1-12"}, "all bars are kept"),
        ({"redo": "1", "chart": "C7"}, "the earlier result ends after .* the chart after 4"),
    ):
        with pytest.raises(DataError, match=message):
            condition(JazzPrompt(from_=str(path), **flags))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"redo": "3"}, "redo needs an earlier result"),
        ({"keep": "3"}, "keep needs an earlier result"),
        ({"from_": "x.mid"}, "from needs the bars to keep or to redo"),
        ({"from_": "x.mid", "redo": "1", "prime": "y.mid"}, "--from and --prime both say"),
        ({"from_": "x.mid", "redo": "1", "choruses": 2}, "choruses was 2: leave it out"),
        ({"trade": 4}, "trade answers a phrase"),
    ],
)
def test_flags_that_do_not_go_together_are_refused(flags: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        replace(JazzPrompt(), **flags)  # type: ignore[arg-type]


def phrase_file(folder: Path, *notes: tuple[float, float, int]) -> str:
    """A MIDI file of another program with one line, and drums beside it."""
    path = folder / "phrase.mid"
    line = [event for start, end, pitch in notes for event in note(start, end, pitch)]
    path.write_bytes(midi(track(line), track(note(0, 1, 36, channel=9))))
    return str(path)


def test_a_solo_goes_on_from_a_phrase(tmp_path: Path) -> None:
    path = phrase_file(tmp_path, (0, 0.5, 60), (0.66, 1, 62), (1, 3.5, 64))
    prompt = JazzPrompt(chart="C7 | F7 | C7", prime=path)
    solo = play(prompt, 4)
    assert solo.notes[:3] == (Note(0, 12, 60), Note(16, 8, 62), Note(24, 60, 64))
    assert len(solo.notes) > 4
    with pytest.raises(DataError, match=r"ends after 3\.5 quarters, the chart after 3"):
        condition(JazzPrompt(chart="3/4: C7", prime=path))
    with pytest.raises(DataError, match=r"there is no file 'none\.mid'"):
        condition(JazzPrompt(prime="none.mid"))


def test_fours_are_answered_with_fours(tmp_path: Path) -> None:
    path = phrase_file(tmp_path, *((beat, beat + 1, 60 + beat) for beat in range(14)))
    solo = play(JazzPrompt(chart="C7 | F7 | C7", prime=path, trade=4), 2)
    assert len(solo.chart.bars) == 8 and solo.chart == looped(parse_chart("C7 | F7 | C7"), 8)
    assert inside(solo, 0, 384) == tuple(Note(24 * beat, 24, 60 + beat) for beat in range(14))
    assert inside(solo, 384, 768), "there is an answer"
    again = tmp_path / "again.mid"
    again.write_bytes(midi_bytes(solo))
    # The answer may fill its turn, or end before it; both are two turns, answered by a third.
    longer = condition(JazzPrompt(chart="C7 | F7 | C7", prime=str(again), trade=4))
    assert len(longer.chart.bars) == 12
    assert longer.kept == with_silent_end(Kept.of(solo.notes, [(0, 768)]), 1152)


@pytest.mark.parametrize(
    ("start", "end", "bars", "given_to"),
    [(15, 16, 8, 384), (15, 16.05, 8, 384), (15, 19, 8, 384), (16, 17, 12, 768), (31, 33, 12, 768)],
)
def test_a_note_that_rings_over_its_turn_leaves_no_turn_silent(
    start: float, end: float, bars: int, given_to: int, tmp_path: Path
) -> None:
    """What is played by hand is never cut at the bar line: a turn counts by where notes begin."""
    path = phrase_file(tmp_path, (0, 1, 60), (start, end, 62))
    prompt = JazzPrompt(chart="C7 | F7 | C7", prime=path, trade=4)
    asked = condition(prompt)
    assert asked.kept is not None
    silent = (96 * bars - 24, 96 * bars)
    assert (len(asked.chart.bars), asked.kept.spans) == (bars, ((0, given_to), silent))
    assert asked.kept.notes[-1] == Note(
        24 * int(start), min(round(24 * end), given_to) - 24 * int(start), 62
    )
    assert condition(resolve(prompt)) == asked


def test_a_phrase_that_was_settled_before_is_answered_as_it_was() -> None:
    """Receipts hold the text of the phrase; older ones with a turn of silence are made again."""
    phrase = Phrase((Note(0, 24, 60), Note(360, 25, 62)), {})
    prompt = JazzPrompt(chart="C7 | F7 | C7", prime=phrase.text, trade=4)
    assert resolve(prompt).prime == phrase.text
    assert len(condition(prompt).chart.bars) == 12


def test_what_was_written_is_read_again_exactly_unless_it_was_changed(tmp_path: Path) -> None:
    solo = performed("rhythm", seed=5)
    path = tmp_path / "solo.mid"
    path.write_bytes(midi_bytes(solo))
    phrase = read_phrase(str(path))
    assert phrase.notes == solo.notes and phrase.about["chart"] == solo.chart.sheet
    assert read_phrase(phrase.text) == phrase
    edited = replace(solo, notes=(*solo.notes[:9], *solo.notes[10:]))
    old_text = solo_line(solo).encode()
    new_text = solo_line(edited).encode()
    data = midi_bytes(edited)
    assert new_text in data
    # The notes of one file under the text of another: what sounds is what counts.
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
    assert set(changed.about) == {"told"} and len(changed.notes) == len(edited.notes)
    with pytest.raises(DataError, match="was not written by this plugin, or its notes were"):
        condition(JazzPrompt(from_=str(path), redo="1"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not the notes of a solo"),
        ("{}", "not the notes of a solo"),
        ('{"notes": [[0, 1]]}', "not the notes of a solo"),
        ('{"notes": [[0, 1.5, 60]]}', "1.5 is no whole number"),
        ('{"notes": [[0, 9, 60], [3, 2, 61]]}', "note 2 overlaps"),
        ('{"notes": [[0, 9, 999]]}', "note 1 overlaps, is empty, or has no MIDI pitch"),
        ('{"notes": [], "wav": true}', "unknown key 'wav'"),
        ("[" * 100_000, "there is no file"),
        ('{"notes": [' + "[" * 100_000, "not the notes of a solo"),
    ],
)
def test_nothing_in_a_file_is_trusted(text: str, message: str) -> None:
    with pytest.raises(SeqgenError, match=message):
        read_phrase(text)


def test_what_a_file_says_of_itself_is_held_against_the_bounds() -> None:
    about = {"chart": "C7", "tempo": 1e9}
    with pytest.raises(DataError, match="the file to rewrite is damaged: tempo must be <= 360"):
        resolve(JazzPrompt(from_=Phrase((), about).text, redo="1"))
    for name in ("chart", "style"):
        about = {"chart": "C7", name: __file__}
        with pytest.raises(DataError, match=f"names a file as its {name}"):
            resolve(JazzPrompt(from_=Phrase((), about).text, redo="1"))
    assert MARK.isascii()


def test_bar_lists() -> None:
    assert read_bar_list("1-3, 7", "keep", 8) == {0, 1, 2, 6}
    for wrong in ("", "0", "9", "3-2", "1,,2", "-"):
        with pytest.raises(DataError, match="keep"):
            read_bar_list(wrong, "keep", 8)
