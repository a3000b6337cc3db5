"""Folk tunes: the normal form of what is read, bars that add up, repeats that balance."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
import seqgen_tunes as tunes
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_tunes.guide import TuneGuide
from seqgen_tunes.reading import EIGHTH, PITCH, Unreadable, bar_ticks, ticks_of, tokens_of
from seqgen_tunes.writing import abc_text, midi, pdf, played, write

import seqgen

HEAD = "X:1\nT:Test\nM:2/4\nL:1/8\nK:G\n"
#: A pickup, a repeat that only ends, and first and second endings.
FOLK = HEAD + "d|GABc|dBGd|GABc|d3:|\n|:e|c2 (3BAG|1 A3:|2 G3|]\n"


def normal(body: str) -> str:
    return " ".join(tokens_of(HEAD + body))


def units(tune: str) -> list[int]:
    """The ticks between the bar signs of a tune, by a count of its own."""
    found, ticks, left, scale = [], 0, 0, 1
    tokens = tune.split(" ")[2:]
    for token, after in zip(tokens, [*tokens[1:], "|"], strict=True):
        if token == "(3":
            left = 3
        elif token in ("|", "|:", ":|", "||", "|1", ":|2"):
            found += [ticks] * bool(ticks)
            ticks = 0
        elif token[0] not in "/0123456789":
            size = ticks_of(after) if after[0] in "/0123456789" else EIGHTH
            scale = 3 if left else 1
            ticks += size * 2 // 3 if scale == 3 else size
            left -= scale == 3
    return found


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("GABc|d4|]", "G A B c | d 4 ||"),
        ("G>A B<c|d4|]", "G 3/2 A /2 B /2 c 3/2 | d 4 ||"),
        ('"G"(GA).B{d}c|!fermata!d4|]', "G A B c | d 4 ||"),
        ("G/A/ B//c// d2|(3efg d2|]", "G /2 A /2 B /4 c /4 d 2 | (3 e f g d 2 ||"),
        ("d|GABc|d3:|", "|: d | G A B c | d 3 :|"),
        ("d|:GABc|d3:|", "|: d | G A B c | d 3 :|"),
        ("GABc|d4::e4|d4:|", "|: G A B c | d 4 :| |: e 4 | d 4 :|"),
        ("GABc||d4|]", "G A B c || d 4 ||"),
    ],
)
def test_the_normal_form(written: str, tokens: str) -> None:
    assert normal(written) == f"M:2/4 K:G {tokens}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("[GB]ABc|", "chords"),
        ("G4-|G4|", "ties"),
        ("|:GABc|d4|]", "not closed"),
        ("(5GABcd|", "tuplets"),
    ],
)
def test_what_has_no_tokens_is_told(body: str, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        tokens_of(HEAD + body)


@settings(deadline=None, derandomize=True)
@given(st.text("GAbz234/ |:(3<>[]-1{}\"^,'~\n", max_size=40))
def test_any_text_is_read_or_refused(body: str) -> None:
    try:
        tokens = tokens_of(HEAD + body)
    except Unreadable:
        return
    assert tokens[:2] == ["M:2/4", "K:G"]
    known = rf"{PITCH}|\d+(/\d+)?|/\d+|\(3|\|:?|:\||\|\||\|1|:\|2"
    assert all(re.fullmatch(known, token) for token in tokens[2:])


def test_what_does_not_add_up_is_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.abc").write_text(FOLK + "\n" + HEAD + "GAB|d4|G4|]\n" + "\n" + HEAD + "[GB]4|")
    read = tunes.corpus(tmp_path)
    assert len(read.items) == 1 and read.licence == ""
    assert sorted(left.what for left in read.left_out) == ["1 tunes", "1 tunes"]
    assert any("do not add up" in left.why for left in read.left_out)


def test_a_folder_without_abc(tmp_path: Path) -> None:
    with pytest.raises(seqgen.DataError, match=r"no \.abc file"):
        tunes.corpus(tmp_path)


def test_music21_without_its_corpus_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Spec:
        origin = str(tmp_path / "music21" / "__init__.py")

    monkeypatch.setattr(tunes, "find_spec", lambda name: Spec)
    with pytest.raises(seqgen.DataError, match=r"came without its corpus.*--data"):
        tunes.corpus(None)


@pytest.fixture(scope="module")
def shipped() -> seqgen.Corpus[str]:
    return tunes.corpus(None)


def test_bars_of_the_shipped_tunes_add_up(shipped: seqgen.Corpus[str]) -> None:
    assert len(shipped.items) > 1800
    for tune in shipped.items[::10]:
        bar = bar_ticks(tune.split(" ")[0][2:])
        lengths = units(tune)
        assert max(lengths) == bar
        short = {length for length in lengths if length < bar}
        assert len(short) <= 2 and (not short or sum(short) in (bar, bar // 2)), tune


@pytest.mark.parametrize("seed", range(8))
def test_bars_add_up_whatever_is_drawn(shipped: seqgen.Corpus[str], seed: int) -> None:
    encoder = tunes.TuneEncoder().fit(shipped.items)
    guide = tunes.guide(encoder, tunes.Wishes(meter="9/8", key="D", bars=12), None)
    rng, state, tokens = np.random.default_rng(seed), guide.row_start(), []
    while (
        token := int(rng.choice(np.flatnonzero(guide.row_allowed(state))))
    ) != encoder.vocabulary.end:
        tokens.append(token)
        state = guide.row_advance(state, token)
    tune = encoder.decode(tokens)
    assert tune.startswith("M:9/8 K:D ") and max(units(tune)) == bar_ticks("9/8")
    assert tune.count("|:") == tune.count(":|") and len(tokens) <= (guide.max_tokens or 0)


def test_an_unknown_meter_is_named(shipped: seqgen.Corpus[str]) -> None:
    vocabulary = tunes.TuneEncoder().fit(shipped.items).vocabulary
    with pytest.raises(seqgen.UnknownSymbol, match="'M:5/8'; nearest known: 'M:"):
        TuneGuide(vocabulary, "5/8", None)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    tune = " ".join(tokens_of(FOLK))
    assert " ".join(tokens_of(abc_text(tune))) == tune
    paths = write([tune], tmp_path)
    assert [path.name for path in paths][:2] == ["tunes.abc", "tune-001.mid"]


@pytest.mark.parametrize(
    ("body", "pitches"),
    [
        ("GABc|d4:|", [67, 69, 71, 72, 74] * 2),
        ("d|GABc|d3:|", [74, 67, 69, 71, 72, 74] * 2),
        ("|:G4|A4|1B4:|2c4|]", [67, 69, 71, 67, 69, 72]),
        ("|:G3d|^f2 (3gag|1=f4:|2d4|]", [67, 74, 78, 79, 81, 79, 77, 67, 74, 78, 79, 81, 79, 74]),
    ],
)
def test_midi_plays_the_repeats(body: str, pitches: list[int]) -> None:
    from symusic import Score

    tune = normal(body)
    score = Score.from_midi(midi(tune))
    (notes,) = [track.notes for track in score.tracks if track.notes]
    assert [note.pitch for note in notes] == pitches
    end = notes[-1].time + notes[-1].duration
    assert end / score.ticks_per_quarter == sum(units(played(tune))) / (2 * EIGHTH)


def test_a_pdf_is_made_by_the_programs_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for name, out in (("abcm2ps", "3"), ("ps2pdf", "2")):
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\necho made by {name} > "${out}"\n')
        program.chmod(0o755)
    book = seqgen.write_file(tmp_path / "tunes.abc", FOLK)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    (made,) = pdf(book)
    assert made == tmp_path / "tunes.pdf" and made.read_text() == "made by ps2pdf\n"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf(book) == []
