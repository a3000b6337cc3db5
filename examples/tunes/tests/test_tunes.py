"""Folk tunes: the normal form of the reader, full bars, balanced repeats."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import seqgen_tunes as tunes
from hypothesis import given, settings
from hypothesis import strategies as st
from seqgen_tunes.guide import TuneGuide
from seqgen_tunes.reading import EIGHTH, PITCH, bar_ticks, normal, ticks_of
from seqgen_tunes.writing import abc_text, midi, pdf, played, write

import seqgen

HEAD = "X:1\nT:Test\nM:2/4\nL:1/8\nK:G\n"
#: A pickup, a repeat without an opening, and first and second endings.
FOLK = HEAD + "d|GABc|dBGd|GABc|d3:|\n|:e|c2 (3BAG|1 A3:|2 G3|]\n"


def read(body: str) -> str:
    return normal(HEAD + body)


def units(tune: str) -> list[int]:
    """The ticks between the bar signs of a tune, counted independently."""
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
    assert read(written) == f"M:2/4 K:G {tokens}"


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
    with pytest.raises(seqgen.DataError, match=message):
        read(body)


@settings(deadline=None, derandomize=True)
@given(st.text("GAbz234/ |:(3<>[]-1{}\"^,'~\n", max_size=40))
def test_any_text_is_read_or_refused(body: str) -> None:
    try:
        tokens = read(body).split(" ")
    except seqgen.DataError:
        return
    assert tokens[:2] == ["M:2/4", "K:G"]
    known = rf"{PITCH}|\d+(/\d+)?|/\d+|\(3|\|:?|:\||\|\||\|1|:\|2"
    assert all(re.fullmatch(known, token) for token in tokens[2:])


def test_malformed_tunes_are_skipped_and_counted(tmp_path: Path) -> None:
    (tmp_path / "a.abc").write_text(FOLK + "\n" + HEAD + "GAB|d4|G4|]\n" + "\n" + HEAD + "[GB]4|")
    (tmp_path / "b.ABC").write_text(FOLK + "\n" + HEAD + "GA|d4|A4|]\n")
    found = tunes.corpus(tmp_path, seqgen.NoOptions())
    assert len(found.items) == 1 and found.licence == ""
    assert [left.why.split(",")[0] for left in found.skipped] == [
        "ties",
        "bars or repeats do not add up",
    ]
    assert found.skipped[1].what == "X:1 T:Test M:2/4 L:1/8 K:G GAB|d4|G4|] and 1 more"


def test_a_folder_without_abc(tmp_path: Path) -> None:
    with pytest.raises(seqgen.DataError, match=r"contains no \.abc file"):
        tunes.corpus(tmp_path, seqgen.NoOptions())


def test_music21_without_its_corpus_is_an_error_that_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Spec:
        origin = str(tmp_path / "music21" / "__init__.py")

    monkeypatch.setattr(tunes, "find_spec", lambda name: Spec)
    with pytest.raises(seqgen.DataError, match=r"came without its corpus.*--data"):
        tunes.corpus(None, seqgen.NoOptions())


@pytest.fixture(scope="module")
def shipped() -> seqgen.Corpus[str]:
    return tunes.corpus(None, seqgen.NoOptions())


def test_bars_of_the_shipped_tunes_add_up(shipped: seqgen.Corpus[str]) -> None:
    assert len(shipped.items) > 1800
    for tune in shipped.items[::10]:
        bar = bar_ticks(tune.split(" ")[0][2:])
        lengths = units(tune)
        assert max(lengths) == bar
        short = {length for length in lengths if length < bar}
        assert len(short) <= 2 and (not short or sum(short) in (bar, bar // 2)), tune


@pytest.mark.parametrize("seed", range(8))
def test_bars_add_up_in_random_tunes(shipped: seqgen.Corpus[str], seed: int) -> None:
    encoder = tunes.TuneEncoder().fit(shipped.items)
    guide = tunes.guide(encoder, tunes.Options(meter="9/8", key="D", bars=12), None)
    rng, state, tokens = np.random.default_rng(seed), guide.row_start(), []
    end = encoder.vocabulary.end
    while (token := int(rng.choice(np.flatnonzero(guide.row_allowed(state))))) != end:
        tokens.append(token)
        state = guide.row_advance(state, token)
    tune = encoder.decode(tokens)
    assert seqgen.accepts(guide, tokens, end)
    assert tune.startswith("M:9/8 K:D ") and max(units(tune)) == bar_ticks("9/8")
    assert tune.count("|:") == tune.count(":|") and len(tokens) <= (guide.max_tokens or 0)


def test_an_unknown_meter_is_named(shipped: seqgen.Corpus[str]) -> None:
    vocabulary = tunes.TuneEncoder().fit(shipped.items).vocabulary
    with pytest.raises(seqgen.UnknownSymbol, match="'M:5/8'; nearest known: 'M:"):
        TuneGuide(vocabulary, tunes.Options(meter="5/8"))


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    tune = normal(FOLK)
    assert normal(abc_text(tune)) == tune
    paths = write([tune], tmp_path, [""])
    assert [path.name for path in paths][:2] == ["tunes.abc", "tune-001.mid"]


@pytest.mark.parametrize("tokens", [1, 2, 3, 5, 8, 13, 21])
def test_a_tune_that_was_cut_off_is_written_all_the_same(tokens: int, tmp_path: Path) -> None:
    tune = " ".join(normal(FOLK).split(" ")[:tokens])
    assert all(path.is_file() for path in write([tune], tmp_path, [""]))


@pytest.mark.parametrize(
    ("body", "pitches"),
    [
        ("GABc|d4:|", [67, 69, 71, 72, 74] * 2),
        ("d|GABc|d3:|", [74, 67, 69, 71, 72, 74] * 2),
        ("|:G4|A4|1B4:|2c4|]", [67, 69, 71, 67, 69, 72]),
        ("G4|(3A>Bc d2|]", [67, 69, 71, 72, 74]),
        ("|:G3d|^f2 (3gag|1=f4:|2d4|]", [67, 74, 78, 79, 81, 79, 77, 67, 74, 78, 79, 81, 79, 74]),
    ],
)
def test_midi_plays_the_repeats(body: str, pitches: list[int]) -> None:
    from symusic import Score

    tune = read(body)
    score = Score.from_midi(midi(tune))
    (notes,) = [track.notes for track in score.tracks if track.notes]
    assert [note.pitch for note in notes] == pitches
    end = notes[-1].time + notes[-1].duration
    assert end / score.ticks_per_quarter == sum(units(played(tune))) / (2 * EIGHTH)


#: Substitutes for the programs: each implements the part of its manual that is used here.
PROGRAMS = {
    # abcm2ps FILE -O FILE: PostScript; exit code 1 for a file that is not ABC
    "abcm2ps": 'grep -q "^X:" "$1" || { echo "error: no tune" >&2; exit 1; }\n'
    '[ "$2" = -O ] && { echo "%!PS"; cat "$1"; } > "$3"',
    # ps2pdf FILE FILE
    "ps2pdf": 'head -1 "$1" | grep -q "^%!PS" && { echo "%PDF by ps2pdf"; cat "$1"; } > "$2"',
    # abc2ly -o FILE FILE
    "abc2ly": '[ "$1" = -o ] && { echo "\\\\score"; cat "$3"; } > "$2"',
    # lilypond -o NAME -dOPTION FILE: writes NAME.pdf
    "lilypond": '[ "$1" = -o ] && { echo "%PDF by lilypond"; cat "$4"; } > "$2.pdf"',
}
Installed = Callable[..., None]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Puts programs, and only what they need themselves, on PATH."""
    home = tmp_path / "bin"

    def install(*names: str, **scripts: str) -> None:
        home.mkdir()
        for tool in ("sh", "cat", "grep", "head"):
            (home / tool).symlink_to(shutil.which(tool) or "")
        for name, script in [*((n, PROGRAMS[n]) for n in names), *scripts.items()]:
            (home / name).write_text(f"#!{home / 'sh'}\n{script}\n")
            (home / name).chmod(0o755)
        monkeypatch.setenv("PATH", str(home))

    return install


@pytest.mark.parametrize(
    ("names", "by"),
    [
        (("abcm2ps", "ps2pdf"), "ps2pdf"),
        (("abc2ly", "lilypond"), "lilypond"),
        (tuple(PROGRAMS), "ps2pdf"),
    ],
)
def test_the_installed_programs_write_a_pdf_of_each_tune(
    names: tuple[str, ...], by: str, installed: Installed, tmp_path: Path
) -> None:
    installed(*names)
    tune, folder = normal(FOLK), tmp_path / "made"
    paths = write([tune, tune], folder, ["", ""])
    kinds = [("tune-001.mid", "tune-001.pdf"), ("tune-002.mid", "tune-002.pdf")]
    assert [path.name for path in paths] == ["tunes.abc", *kinds[0], *kinds[1]]
    assert sorted(folder.iterdir()) == sorted(paths), "no other file remains"
    made = paths[-1].read_text()
    assert made.startswith(f"%PDF by {by}\n") and abc_text(tune, 2) in made


def test_without_a_program_there_is_no_pdf_and_the_error_names_the_program(
    installed: Installed, tmp_path: Path
) -> None:
    installed()
    assert all(path.suffix != ".pdf" for path in write([normal(FOLK)], tmp_path / "made", [""]))
    with pytest.raises(seqgen.SeqgenError, match=r"not installed; install abcm2ps .*or LilyPond"):
        pdf(FOLK, tmp_path / "tune.pdf")


@pytest.mark.parametrize(
    ("names", "scripts", "message"),
    [
        (("abcm2ps",), {}, "ps2pdf is not installed; install Ghostscript"),
        (("lilypond",), {}, "abc2ly is not installed; install abcm2ps"),
        (("ps2pdf",), {"abcm2ps": "echo bad bar >&2; exit 1"}, "abcm2ps failed with 1: bad bar"),
        (("abcm2ps",), {"ps2pdf": "echo half > $2; exit 2"}, "ps2pdf failed with 2: no output"),
        (("abc2ly",), {"lilypond": "echo tried"}, r"lilypond did not create tune\.pdf: tried"),
        (("lilypond",), {"abc2ly": "echo oops; exit 1"}, "abc2ly failed with 1: oops"),
    ],
)
def test_a_failing_program_is_reported_and_leaves_no_file(
    names: tuple[str, ...],
    scripts: dict[str, str],
    message: str,
    installed: Installed,
    tmp_path: Path,
) -> None:
    installed(*names, **scripts)
    folder = tmp_path / "made"
    with pytest.raises(seqgen.SeqgenError, match=message):
        write([normal(FOLK)], folder, [""])
    assert sorted(path.name for path in folder.iterdir()) == ["tune-001.mid", "tunes.abc"]
