"""Bad input to seqgen run: one line that says what, where and what to do, and nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", "contains no usable item"),
        ("blank.txt", b"\n \n\t\n", "contains no usable item"),
        ("one.txt", b"minmi\n", "at least 3 are needed"),
        ("same.txt", b"minmi\n" * 50, "1 different item"),
        ("two.txt", b"minmi\nyi\n" * 20, "2 different item"),
        ("letter.txt", b"a\naa\naaa\naaaa\n", "holds only one symbol ('a')"),
        ("image.txt", b"\x89PNG\r\n\x1a\n\0\0\0", "line 1: byte 0x89 is not UTF-8 text"),
        ("zeros.txt", bytes(3000), "contains a NUL byte, so this is a binary file"),
        ("page.json", b"<html></html>", "not JSON"),
        ("empty.json", b"[]", "contains no usable item"),
        ("numbers.json", b"[1, 2, 3]", "expected a JSON array of strings"),
        ("table.csv", b"a,b\n1,2\n", "choose a column with --column"),
    ],
)
@pytest.mark.parametrize("flags", [[], ["--json"]], ids=["text", "json"])
def test_a_bad_corpus_is_one_line(
    seqgen: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    words: str,
    flags: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content)
    answer = seqgen("run", "dinos", "--data", name, *flags)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("Error: ") and answer.err.count("\n") == 1
    assert words in answer.err
    assert [path.name for path in tmp_path.iterdir()] == [name], "nothing is left behind"


def test_a_path_that_is_not_there(seqgen: Run, tmp_path: Path) -> None:
    missing = tmp_path / "none.txt"
    for command in ("run", "train"):
        answer = seqgen(command, "dinos", "--data", missing, "--out", tmp_path / "out")
        assert answer.code == 1
        assert (
            answer.err
            == f"Error: no data at {missing}; give an existing file or folder to --data\n"
        )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_where_a_file_is_wanted(seqgen: Run, tmp_path: Path) -> None:
    answer = seqgen("run", "dinos", "--data", tmp_path)
    assert answer.code == 1 and "is a folder; give a text file" in answer.err


def test_a_run_folder_that_cannot_be_created_is_reported_before_training(
    seqgen: Run, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("mine")
    answer = seqgen("run", "dinos", "--epochs", 1, "--out", tmp_path / "file")
    assert answer.code == 1 and "Error: " in answer.err
    assert "trained" not in answer.out and "epoch" not in answer.err
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["names.txt", "names.csv", "names.json"])
def test_a_file_that_may_not_be_read(
    seqgen: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / name
    path.write_text("[]")

    # Modes would not do: the tests may be run by root, who may read everything.
    def guarded(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(self: Path, *args: Any, **kwargs: Any) -> Any:
            if self == path:
                raise PermissionError(13, "Permission denied", str(self))
            return method(self, *args, **kwargs)

        return call

    monkeypatch.setattr(Path, "open", guarded(Path.open))
    monkeypatch.setattr(Path, "read_bytes", guarded(Path.read_bytes))
    answer = seqgen("run", "dinos", "--data", path)
    assert answer.code == 1 and answer.err.count("\n") == 1
    assert str(path) in answer.err and "Permission denied" in answer.err


def test_an_option_that_cannot_be_satisfied_is_reported_before_training(
    seqgen: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    wish = ("--starts-with", "tri", "--max-length", 2)
    answer = seqgen("run", "dinos", "--out", out, *wish)
    assert answer.code == 1 and "no item of 1 to 2 tokens" in answer.err
    assert seqgen("run", "dinos", "--out", out, "--prompt", "tr?").code == 1
    assert not out.exists()
