"""The domain through its functions: options, condition, guide, augmentation and imports."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqgen_jazz.charts.chart import Bar, Chart
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.encoding.encoder import JazzEncoder
from seqgen_jazz.encoding.solo import ANY, INSTRUMENTS, Note, Solo
from seqgen_jazz.encoding.solo_condition import FixedSpans, SoloCondition
from seqgen_jazz.options import BLUES, GenerationOptions
from seqgen_jazz.plugin import seqgen_domain

from seqgen import SeqgenError

from .conditions import condition
from .solos import solos

DOMAIN = seqgen_domain()
ENCODER = JazzEncoder(fitted=True)


def play(options: GenerationOptions, seed: int) -> Solo:
    """A solo of random allowed tokens, by the functions of the domain only."""
    assert DOMAIN.resolve and DOMAIN.condition and DOMAIN.guide
    options = DOMAIN.resolve(options)
    condition = DOMAIN.condition(options)
    guide = DOMAIN.guide(ENCODER, options, condition)
    rng, state, tokens = random.Random(seed), guide.start(1), []
    while True:
        token = rng.choice(guide.allowed(state)[0].nonzero()[0].tolist())
        if token == ENCODER.vocabulary.end:
            return ENCODER.decode(tokens, condition)
        tokens.append(token)
        state = guide.advance(state, np.array([token]))


def test_importing_the_plugin_loads_nothing_heavy() -> None:
    heavy = ["numpy", "music21", "symusic", "matplotlib", "rich", "keras", "tensorflow"]
    code = (
        "import sys, seqgen_jazz.plugin as p; p.seqgen_domain().generation_options()\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_options_determine_the_solo_and_its_files(tmp_path: Path) -> None:
    options = GenerationOptions(chart="Dm7 | G7", instrument="trumpet", tempo=200, choruses=3)
    solo = play(options, 1)
    assert (solo.instrument, solo.tempo) == ("trumpet", 200.0)
    assert solo.chart.bars == parse_chart("Dm7 | G7 | Dm7 | G7 | Dm7 | G7").bars
    trumpet = INSTRUMENTS["trumpet"]
    assert all(trumpet.low <= note.pitch <= trumpet.high for note in solo.notes)
    assert DOMAIN.render is not None and DOMAIN.write is not None
    assert "Dm7" in DOMAIN.render(solo)["text/plain"]()
    assert DOMAIN.text(solo).count("|") == 5
    assert len(DOMAIN.write([solo], tmp_path, [""])) == 2
    again = ENCODER.encode(solo)
    back = ENCODER.decode(again.tokens.tolist(), again.condition)
    assert back == solo and back.instrument == "trumpet"


@given(solos(), st.integers(0, 99))
def test_augmentation_transposes_notes_and_chords_within_the_range(solo: Solo, seed: int) -> None:
    assert DOMAIN.augment is not None
    moved = DOMAIN.augment(solo, random.Random(seed))
    steps = {after.pitch - note.pitch for note, after in zip(solo.notes, moved.notes, strict=True)}
    assert len(steps) <= 1 and steps <= set(range(-6, 6))
    assert all(ANY.low <= note.pitch <= ANY.high for note in moved.notes)
    if steps:
        assert moved.chart == solo.chart.transpose(steps.pop())
    ENCODER.encode(moved)


def test_augmentation_reaches_all_keys() -> None:
    assert DOMAIN.augment is not None
    solo = Solo(parse_chart("C7"), (Note(0, 12, 60),))
    rng = random.Random(0)
    assert {DOMAIN.augment(solo, rng).notes[0].pitch for _ in range(300)} == set(range(54, 66))


def test_a_chart_can_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "tune.txt"
    path.write_text("Dm7 | G7\nCmaj7 | %\n", encoding="utf-8")
    assert condition(GenerationOptions(chart=str(path))).chart == parse_chart(
        "Dm7 | G7 | Cmaj7 | %"
    )
    with pytest.raises(SeqgenError, match="there is no chart file"):
        condition(GenerationOptions(chart=str(tmp_path / "other.txt")))
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SeqgenError, match="not UTF-8"):
        condition(GenerationOptions(chart=str(path)))
    path.write_text("C|" * 60_000, encoding="utf-8")
    with pytest.raises(SeqgenError, match="longer than 100,000"):
        condition(GenerationOptions(chart=str(path)))


@pytest.mark.parametrize(
    ("chart", "style", "tempo"),
    [
        ("Dm7 | G7", "swing", 160.0),
        ("style: Bossa Nova\ntempo: 130\nDm7 | G7", "bossa", 130.0),
        ("style: Slow Blues\ntempo: 20\nF7 | Bb7", "blues", 40.0),
        ("style: Ballad\n3/4: Dm7", "ballad", 160.0),
        ("3/4: Dm7 | G7", "waltz", 160.0),
    ],
)
def test_a_chart_can_state_style_and_tempo(chart: str, style: str, tempo: float) -> None:
    found = condition(GenerationOptions(chart=chart))
    assert found.performance is not None
    assert (found.performance.style, found.tempo) == (style, tempo)
    found = condition(GenerationOptions(chart=chart, style="swing", tempo=99))
    assert found.performance is not None and (found.performance.style, found.tempo) == (
        "swing",
        99.0,
    )


def test_an_unreadable_chord_is_named_with_its_bar() -> None:
    with pytest.raises(SeqgenError, match=r"bar 2 .*H7"):
        condition(GenerationOptions(chart="Dm7 | H7"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"tempo": 39.0}, "tempo must be >= 40, was 39"),
        ({"tempo": 361.0}, "tempo must be <= 360, was 361"),
        ({"choruses": 0}, "choruses must be >= 1, was 0"),
        ({"choruses": 17}, "choruses must be <= 16, was 17"),
        ({"instrument": "kazoo"}, "instrument must be one of any, alto-sax, .*kazoo"),
    ],
)
def test_options_out_of_bounds_are_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(SeqgenError, match=message):
        replace(GenerationOptions(), **values)


def test_every_chorus_begins_without_a_chord_if_the_first_does() -> None:
    silent = Chart((Bar(), *parse_chart("C7").bars))
    assert [chord.text for _, chord in silent.repeat(2).changes] == ["N.C.", "C7"] * 2
    assert parse_chart("C7 | F7").repeat(1) == parse_chart("C7 | F7")


def test_the_default_chart_is_a_blues_in_f() -> None:
    found = condition(GenerationOptions())
    assert len(found.chart.bars) == 12 and found.chart.text == BLUES
    assert found == SoloCondition(found.chart, fixed=FixedSpans(((1128, 1152),), ()), lands=True)
