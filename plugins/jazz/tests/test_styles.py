"""Style files: the shipped ones can be read, and errors name the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest
from seqgen_jazz.band.band_style import (
    STYLES,
    Stroke,
    parse_pattern,
    parse_style,
    shipped_style_text,
    strokes,
)
from seqgen_jazz.band.meter_and_swing import BeatGroup
from seqgen_jazz.options import GenerationOptions
from seqgen_jazz.prompting.resolve_options import resolve

from seqgen import DataError

from .conditions import condition

SWING = shipped_style_text("swing")


@pytest.mark.parametrize("name", STYLES)
def test_shipped_styles_have_patterns_of_every_length(name: str) -> None:
    style = parse_style(shipped_style_text(name), name)
    assert style.name == name
    assert set(style.comp.bars) == set(style.bass.bars) == {1, 2, 3, 4}
    assert {beats for drum in style.drums.values() for beats in drum.bars} >= {2, 3, 4}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name =", "nome =", r"my\.toml: unknown key nome; known are name"),
        ("even = false", "", r"my\.toml: the key even is missing"),
        ("even = false", "even = 1", r"my\.toml: even must be bool, was 1"),
        (
            "swing_limit = 3.5",
            "swing_limit = 9",
            r"swing_limit must be a number from 1 to 4, was 9",
        ),
        ('voicing = "rootless"', 'voicing = "wide"', "comp.voicing must be one of rootless, shell"),
        (
            "velocity = 56",
            "velocity = 200",
            "comp.velocity must be a number from 1 to 127, was 200",
        ),
        ('2 = ["x. .x", ".. x.", "x- x."]', "2 = []", r"comp\.2 must be a list of patterns"),
        ('1 = ["x.", "x-"]', "", r"the key comp\.1 is missing"),
        ('"x. .x .. .."', '"x. .x .."', r"comp\.4: 'x\. \.x \.\.' has 3 beats; 4 are expected"),
        ('"x. .x .. .."', '"x. .q .. .."', r"comp\.4: 'q' in .* is not a symbol of this part"),
        ('"x. .x .. .."', '"x. .xxxx .. .."', r"comp\.4: '\.xxxx' in .* has 5 parts"),
        ("[drums.ride]", "[drums.gong]", r"unknown key drums\.gong; known are kick"),
        ("even = false", "even = = false", r"my\.toml: .*line"),
    ],
)
def test_errors_name_the_file_and_the_key(old: str, new: str, message: str) -> None:
    assert old in SWING
    with pytest.raises(DataError, match=message):
        parse_style(SWING.replace(old, new, 1), "my.toml")


def test_a_style_file_is_read_and_stored_in_resolved_options(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(SWING.replace('name = "swing"', 'name = "mine"'), encoding="utf-8")
    resolved = resolve(GenerationOptions(style=str(path)))
    path.unlink()
    performance = condition(resolved).performance
    assert performance is not None and 'name = "mine"' in performance.style
    assert resolve(resolved) == resolved
    path.write_text("name = 3", encoding="utf-8")
    with pytest.raises(DataError, match=r"mine\.toml: the key even is missing"):
        resolve(GenerationOptions(style=str(path)))
    with pytest.raises(DataError, match="there is no style 'tango'; known are swing, bossa"):
        resolve(GenerationOptions(style="tango"))


def test_symbols_divide_a_beat_evenly() -> None:
    group = BeatGroup(0, (0, 24, 48), (24, 24, 36))
    found = strokes(parse_pattern("x.X x- -x", 3, "Xx"), group)
    assert found == [
        Stroke("x", 0, 0, 8, True, False),
        Stroke("X", 0, 16, 24, False, False),
        Stroke("x", 1, 24, 72, True, False),
        Stroke("x", 2, 72, 84, False, True),
    ], "a beat of three eighths has two and one"
