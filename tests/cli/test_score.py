"""seqgen score: heat maps with numbers below every token, colours in a terminal, and --text."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.color import Color
from rich.console import Console

from seqgen.cli.score import BOUNDS, COLOURS, print_heat_map, print_legend, visible

from ..conftest import Run


def shown(
    tokens: Sequence[str], nats: Sequence[float], compact: bool, width: int = 40, **console: Any
) -> str:
    """The heat map of one item as text."""
    out = io.StringIO()
    terminal = Console(file=out, width=width, highlight=False, soft_wrap=True, **console)
    print_heat_map(terminal, "Title", tokens, nats, compact)
    return out.getvalue()


def test_letters_have_a_digit_below() -> None:
    text = shown(["a", "b", "c", "d", "<end>"], [0.2, 0.99, 3.7, 12.0, 1.25], compact=True)
    assert text.splitlines() == ["Title  18.1 nats, 3.628 per token", "abcd <end>", "003+ 1.2"]


def test_longer_symbols_have_a_number_below() -> None:
    text = shown(["C:+2", "R", "<end>"], [12.34, 0.0, 1.0], compact=False)
    assert text.splitlines()[1:] == ["C:+2 R    <end>", "12.3 0.0  1.0"]


def test_rows_are_folded_at_the_width_of_the_terminal() -> None:
    tokens, nats = [*"abcdefghijkl" * 3, "<end>"], [*map(float, range(36)), 2.0]
    lines = shown(tokens, nats, compact=True, width=10).splitlines()[1:]
    assert all(len(line) <= 10 for line in lines)
    assert "".join(lines[0::2]) == "".join(tokens)
    assert "".join(lines[1::2]) == "0123456789" + "+" * 26 + "2.0"
    pairs = shown(["C:+2", "d:12"] * 9, [1.5] * 18, compact=False, width=19).splitlines()[1:]
    assert pairs[0::2] == ["C:+2 d:12 C:+2 d:12"] * 4 + ["C:+2 d:12"]
    assert pairs[1::2] == ["1.5  1.5  1.5  1.5"] * 4 + ["1.5  1.5"]


def test_wide_and_unprintable_symbols_stay_aligned() -> None:
    lines = shown(["龍", "\n", "\u0301", " ", "x"], [1, 2, 3, 4, 5], compact=True).splitlines()
    # The first symbol takes two columns of a terminal.
    assert lines[1:] == ["龍 \\n   \\u0301␣x", "1  2.0  3.0   45"]
    assert [visible(one) for one in ("a", "\n", "\x1b", "\u0301", " ", "")] == [
        "a",
        "\\n",
        "\\x1b",
        "\\u0301",
        "␣",
        '""',
    ]


def colours(text: str) -> list[tuple[str, str]]:
    """Each styled piece of text with the code of its colours."""
    return [(piece, code) for code, piece in re.findall(r"\x1b\[([\d;]+)m(.*?)\x1b\[0m", text)]


def test_colours_correspond_to_the_numbers() -> None:
    nats = [0.0, 0.49, 0.5, 1.0, 2.0, 3.0, 4.9, 5.0, 40.0]
    text = shown(
        list("abcdefghi"), nats, compact=True, force_terminal=True, color_system="truecolor"
    )
    found = colours(text)
    assert [piece for piece, _ in found] == list("abcdefghi")
    bands = [0, 0, 1, 2, 3, 4, 4, 5, 5]
    for (_, code), band in zip(found, bands, strict=True):
        letters, ground = (Color.parse(name).get_truecolor() for name in reversed(COLOURS[band]))
        assert code == f"38;2;{';'.join(map(str, letters))};48;2;{';'.join(map(str, ground))}"
    assert text.splitlines()[2] == "00012345+", "the numbers are printed too"
    assert len(COLOURS) == len(BOUNDS) + 1 == len(set(COLOURS))


def luminance(name: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [value / 255 for value in Color.parse(name).get_truecolor()]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(("ground", "letters"), COLOURS)
def test_letters_have_enough_contrast(ground: str, letters: str) -> None:
    high, low = sorted((luminance(ground), luminance(letters)), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 7, "contrast of WCAG 2, level AAA"


def test_the_legend_explains_colours_only_if_the_terminal_has_them() -> None:
    for system, coloured in (("truecolor", True), (None, False)):
        out = io.StringIO()
        print_legend(Console(file=out, force_terminal=True, color_system=system, width=99), True)  # type: ignore[arg-type]
        text = out.getvalue()
        assert "Digits are nats rounded down; + is 10 or more." in text and "5 is 0.7 %" in text
        assert ("0.5 to 1" in text and "5 or more" in text) == coloured
        assert len(colours(text)) == (len(COLOURS) if coloured else 0)


def test_heat_on_the_command_line(
    seqgen: Run, dinos_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--text", "minmi", "--text", "zuul")
    scored = [
        json.loads(line) for line in seqgen("score", dinos_model, *words, "--json").out.splitlines()
    ]
    plain = seqgen("score", dinos_model, *words, "--heat")
    assert plain.code == 0 and "\x1b" not in plain.out
    lines = plain.out.splitlines()
    for at, item in zip((0, 4), scored, strict=True):
        assert lines[at].startswith(f"{item['text']}  {item['nats']:.1f} nats, ")
        assert lines[at + 1] == f"{''.join(item['tokens'][:-1])} <end>"
        digits = "".join(str(int(value)) for value in item["token_nats"][:-1])
        assert lines[at + 2] == f"{digits} {item['token_nats'][-1]:.1f}"
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert len(colours(seqgen("score", dinos_model, *words, "--heat").out)) == 5 + 4 + 2 + 6
    monkeypatch.setenv("NO_COLOR", "1")
    assert seqgen("score", dinos_model, *words, "--heat").out == plain.out


@pytest.mark.skipif(os.name == "nt", reason="Windows closes pipes differently")
@pytest.mark.parametrize("flags", [(), ("--heat",), ("--json",)], ids=str)
def test_a_closed_pipe_is_no_error(
    dinos_model: Path, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    path = tmp_path / "names.txt"
    path.write_text("minmi\n" * 5000)
    call = "import sys; from seqgen.cli.main import main; main(sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", call, "score", str(dinos_model), "--data", str(path), *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0 and err == ""


def test_heat_of_solos(seqgen: Run, jazz_model: Path, tmp_path: Path) -> None:
    assert seqgen("generate", jazz_model, "-n", 1, "--out", tmp_path).code == 0
    midi = next(tmp_path.glob("*.mid"))
    answer = seqgen("score", jazz_model, "--data", midi, "--heat")
    assert answer.code == 0, answer.err
    lines = answer.out.splitlines()
    assert len(lines[0]) <= 80, "a long line of text is cut"
    assert re.fullmatch(r"(\d+\.\d\s*)+", lines[2])
    assert len(lines[1].split()) == len(lines[2].split())


def test_text_is_scored_as_data_is(seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("minmi\nzuul\n")
    data = seqgen("score", dinos_model, "--data", path, "--json")
    text = seqgen("score", dinos_model, "--text", "minmi", "--text", "zuul", "--json")
    assert data.code == text.code == 0 and data.out == text.out
    assert "nats per token" in seqgen("score", dinos_model, "--text", "minmi").out


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        (("--text", "Minmi"), 1, "unknown symbol 'M'; nearest known: 'm'"),
        ((), 2, "give either --data or --text"),
        (("--text", "a", "--data", "x"), 2, "give either --data or --text"),
        (("--text", "a", "--heat", "--json"), 2, "omit --heat"),
    ],
)
def test_items_that_cannot_be_scored_are_refused(
    seqgen: Run, dinos_model: Path, flags: tuple[str, ...], code: int, words: str
) -> None:
    answer = seqgen("score", dinos_model, *flags)
    assert (answer.code, answer.out) == (code, "") and words in answer.err


def test_a_solo_cannot_be_given_as_text(seqgen: Run, jazz_model: Path) -> None:
    answer = seqgen("score", jazz_model, "--text", "R d:12")
    assert answer.code == 1 and "give a file to --data" in answer.err
