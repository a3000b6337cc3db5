"""seqgen generate --stream: tokens are printed when they are generated; the items are the same."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqgen.cli.console_output import Output, TokenPrinter
from seqgen.models.model_file import save_model

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos, letters, model_by_hand


def events(out: str) -> list[dict[str, Any]]:
    """The JSON objects, one a line."""
    return [json.loads(line) for line in out.splitlines()]


def test_letters_have_no_spaces_and_precede_the_item(seqgen: Run, dinos_model: Path) -> None:
    plain = seqgen("generate", dinos_model, "-n", 4, "--seed", 3)
    streamed = seqgen("generate", dinos_model, "-n", 4, "--seed", 3, "--stream")
    lines = streamed.out.splitlines()
    assert streamed.code == 0 and lines[1::2] == plain.out.splitlines()
    for letters_line, item in zip(lines[::2], lines[1::2], strict=True):
        assert letters_line.capitalize() == item.partition("  (")[0]


@pytest.mark.parametrize("flags", [(), ("--prompt", "tri"), ("--only", 5), ("--match", "a?")])
def test_json_has_every_token_and_then_the_item(
    seqgen: Run, dinos_model: Path, flags: tuple[Any, ...]
) -> None:
    found = events(seqgen("generate", dinos_model, "--stream", "--json", *flags).out)
    tokens: dict[int, str] = {}
    items = []
    for event in found:
        if event.keys() == {"index", "token"}:
            assert event["index"] not in [item["index"] for item in items], "before its item"
            tokens[event["index"]] = tokens.get(event["index"], "") + event["token"]
        else:
            items.append(event)
            assert tokens.get(event["index"], "").capitalize() == event["text"]
    plain = events(seqgen("generate", dinos_model, "--json", *flags).out)
    assert [item["text"] for item in items] == [item["text"] for item in plain]
    assert [item["receipt"] for item in items] == [item["receipt"] for item in plain]


def test_other_symbols_have_spaces_between(seqgen: Run, jazz_model: Path) -> None:
    answer = seqgen("generate", jazz_model, "--only", 0, "--stream", "--prompt", "R d:6")
    symbols = answer.out.splitlines()[0].split(" ")
    assert answer.code == 0 and symbols[:2] == ["R", "d:6"]
    found = events(
        seqgen("generate", jazz_model, "--only", 0, "--stream", "--json", "--prompt", "R d:6").out
    )
    assert symbols == [event["token"] for event in found[:-1]]


class Pipe(io.StringIO):
    """Standard output that records its content at each flush."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed: list[str] = []

    def flush(self) -> None:
        self.flushed.append(self.getvalue())


@pytest.mark.parametrize(
    ("as_json", "wanted"),
    [
        (False, ["c", "ca", "cab", "cab\n", "cab\nc", "cab\nc\n"]),
        (True, ["c", "a", "b", "c"]),
    ],
)
def test_each_token_is_flushed(
    monkeypatch: pytest.MonkeyPatch, as_json: bool, wanted: list[str]
) -> None:
    pipe = Pipe()
    monkeypatch.setattr("sys.stdout", pipe)
    printer = TokenPrinter(Output(as_json), letters("abc"))
    printer.prompt = [2]
    printer.print(4, 0)
    printer.print(4, 1)
    printer.end(4)
    printer.end(9)  # an item that is only its prompt
    if as_json:
        printed = [json.loads(text.splitlines()[-1]) for text in pipe.flushed]
        assert [event["token"] for event in printed] == wanted
        assert [event["index"] for event in printed] == [4, 4, 4, 9]
    else:
        assert pipe.flushed == wanted


@pytest.mark.parametrize(("columns", "line"), [(4, "cab\r   \r"), (3, "cab\n")])
def test_a_terminal_shows_the_item_in_place_of_its_tokens(
    monkeypatch: pytest.MonkeyPatch, columns: int, line: str
) -> None:
    pipe = Pipe()
    monkeypatch.setattr(pipe, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdout", pipe)
    monkeypatch.setenv("COLUMNS", str(columns))
    printer = TokenPrinter(Output(False), letters("abc"))
    for index in (4, 5):
        for token in (2, 0, 1):
            printer.print(index, token)
        printer.end(index)
    assert pipe.getvalue() == line * 2


def test_an_item_is_complete_before_the_next_one(seqgen: Run, dinos_model: Path) -> None:
    found = events(
        seqgen("generate", dinos_model, "-n", 5, "--batch-size", 64, "--stream", "--json").out
    )
    indices = [event["index"] for event in found]
    assert indices == sorted(indices), "one item after the other"


def test_items_that_may_be_rejected_are_not_streamed(
    seqgen: Run, dinos_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "old.safetensors"
    save_model(path, replace(model_by_hand(dinos(), dino_names()), training_arrays={}))
    answer = seqgen("generate", path, "--stream", "--novel")
    assert (answer.code, answer.out) == (1, "")
    assert "does not contain its training items" in answer.err
    assert seqgen("generate", dinos_model, "--stream", "--novel", "-n", 1).code == 0
    assert seqgen("generate", dinos_model, "--stream", "--unbiased").code == 2
