"""Drum patterns: grids are read and printed, bars are full, MIDI notes match the grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import seqgen_drums as drums
from seqgen_drums.pattern import KEYS, Pattern, read_patterns

import seqgen

CORPUS = drums.corpus(None, seqgen.NoOptions())
ENCODER = drums.PatternEncoder().fit(CORPUS.items)


def drawn(guide: seqgen.AutomatonGuide, seed: int) -> Pattern:
    """A pattern of tokens drawn at random under a guide."""
    rng, state, tokens = np.random.default_rng(seed), guide.start(1), []
    while (
        token := int(rng.choice(np.flatnonzero(guide.allowed(state)[0])))
    ) != ENCODER.vocabulary.end:
        tokens.append(token)
        state = guide.advance(state, np.array([token]))
    return ENCODER.decode(tokens)


def test_the_shipped_patterns_are_many_and_all_different() -> None:
    assert len(CORPUS.items) == len(read_patterns(drums.SHIPPED)) >= 60
    assert {p.style for p in CORPUS.items} >= {"rock", "funk", "swing", "bossa", "samba", "waltz"}


def test_a_picture_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "all.txt"
    path.write_text("\n".join(pattern.picture() for pattern in CORPUS.items))
    assert tuple(read_patterns(path)) == CORPUS.items


@pytest.mark.parametrize("bars", [1, 2])
@pytest.mark.parametrize("seed", range(5))
def test_bars_are_full_and_in_the_requested_style(bars: int, seed: int) -> None:
    guide = drums.guide(ENCODER, drums.Options(style="waltz", bars=bars), None)
    pattern = drawn(guide, seed)
    beats, of_beat = pattern.shape
    assert pattern.style == "waltz" and len(pattern.steps) == bars * beats * of_beat


def test_an_unknown_style_is_named() -> None:
    with pytest.raises(seqgen.SettingError, match=r"style must be one of .*waltz.*, was 'polka'"):
        drums.guide(ENCODER, drums.Options(style="polka"), None)


def test_midi_strikes_where_the_grid_does() -> None:
    from symusic import Score

    (track,) = Score.from_midi(
        drums.midi(Pattern("x", "2x3", ("HB", ".", "H", "S", ".", "S")))
    ).tracks
    struck = sorted((note.time, note.pitch) for note in track.notes)
    assert track.is_drum
    assert struck == sorted([(0, 42), (0, 36), (320, 42), (480, 38), (800, 38)])
    assert len(set(KEYS.values())) == len(KEYS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("H x.x.\n", "expected a head like"),
        ("rock 1x4\nH x.x.x\n", "every line must have 4 or 8 steps, was 5"),
        ("rock 1x4\n", "without lines"),
        ("rock 1x4\nZ x.x.\n", "not a line of a grid"),
        ("rock 1x4\nH x.x.\nH x.x.\n", "each at most once"),
    ],
)
def test_a_grid_that_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "bad.txt").write_text(text)
    with pytest.raises(seqgen.DataError, match=message):
        read_patterns(tmp_path / "bad.txt")


def test_files_are_written(tmp_path: Path) -> None:
    paths = drums.write(CORPUS.items[:2], tmp_path, ["", ""])
    assert [path.name for path in paths] == ["patterns.txt", "001-rock.mid", "002-rock.mid"]
    assert tuple(read_patterns(paths[0])) == CORPUS.items[:2]
