"""Files: user data is read exactly or refused in one line; files are written atomically."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqgen import DataError, SeqgenError, read_items, replacing, write_file
from seqgen.io import atomic_files as files
from seqgen.io import read_data as reading

ITEMS = ["Aardonyx", "Zuul", "Épanterias", "恐龍", "a b"]


def test_one_item_per_line(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes("\r\n".join([*ITEMS, "", "   ", "  last\t"]).encode())
    assert read_items(path) == [*ITEMS, "last"], "stripped, and without empty ones"
    path.write_bytes("\r".join([*ITEMS, "", "last"]).encode())
    assert read_items(path) == [*ITEMS, "last"]


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".json", ".list", ""])
def test_a_byte_order_mark_is_not_part_of_an_item(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"names{suffix}"
    content = {".csv": "name\nZuul\n", ".json": '["Zuul"]'}.get(suffix, "Zuul\n")
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert read_items(path) == ["Zuul"]


def test_a_column_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('name,year\r\n"Zuul, the",2017\r\n"say ""roar""",1\r\nshort\r\n,5\r\n')
    assert read_items(path, "name") == ["Zuul, the", 'say "roar"', "short"]
    assert read_items(path, "year") == ["2017", "1", "5"]
    tabs = tmp_path / "t.TSV"
    tabs.write_text("name\tyear\nZuul, the\t2017\n")
    assert read_items(tabs, "name") == ["Zuul, the"]


def test_the_only_column_needs_no_name(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("name\nZuul\n")
    assert read_items(path) == ["Zuul"]


def test_a_json_array(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps([*ITEMS, " ", "\U0001f995"]))
    assert read_items(path) == [*ITEMS, "\U0001f995"]


@pytest.mark.parametrize(
    ("name", "content", "column", "words"),
    [
        ("t.csv", b"a,b\n1,2\n", None, "choose a column with --column; it has 'a', 'b'"),
        ("t.csv", b"a,b\n1,2\n", "c", "no column 'c'; it has 'a', 'b'"),
        ("t.csv", b"", None, "it has none"),
        ("t.csv", b"a;b\n1;2\n", None, "its only column is 'a;b', so the separator may be ';'"),
        ("t.csv", b'a\n"' + b"x" * 200_000 + b'"\n', None, "not readable as CSV"),
        ("t.txt", b"a\n", "a", "--column 'a' needs a .csv or .tsv file"),
        ("t.txt", "ok\nÉpanterias\n".encode("latin-1"), None, "line 2: byte 0xc9 is not UTF-8"),
        ("t.txt", b"ok\nab\0c\n", None, "line 2: contains a NUL byte"),
        ("t.txt", "name".encode("utf-16"), None, "line 1: byte 0xff is not UTF-8"),
        ("t.csv", b"a\n\xff\n", None, "line 2: byte 0xff is not UTF-8"),
        ("t.json", b"[1]", None, "expected a JSON array of strings"),
        ("t.json", b'{"a": "b"}', None, "expected a JSON array of strings"),
        ("t.json", b'["a", ', None, "not JSON"),
        ("t.json", b"", None, "not JSON"),
        ("t.json", b"\xff\xfe\xfd", None, "not JSON"),
        ("t.json", b"[" * 100_000, None, "not JSON"),
        ("t.json", b'["ok", "ab\\ud83d"]', None, "item 2: half a surrogate pair"),
    ],
)
def test_unreadable_files_give_one_line_with_the_place(
    tmp_path: Path, name: str, content: bytes, column: str | None, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_items(path, column)
    assert words in str(error.value) and str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.txt does not exist; give a text file"):
        read_items(tmp_path / "none.txt")
    with pytest.raises(DataError, match="is a folder; give a text file"):
        read_items(tmp_path)


@pytest.mark.parametrize("suffix", [".txt", ".csv"])
def test_an_endless_line_is_not_read_to_its_end(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"big{suffix}"
    with path.open("wb") as handle:
        handle.truncate(2 * 1024**3)  # a sparse file of two gigabytes without a line end
    with pytest.raises(DataError, match=r"line 1: longer than 1,000,000 bytes"):
        read_items(path)


def test_a_json_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_FILE", 10)
    (tmp_path / "t.json").write_text('["abcdefghij"]')
    with pytest.raises(DataError, match=r"14 bytes, more than the limit of 10 for JSON"):
        read_items(tmp_path / "t.json")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=8))
def test_any_text_survives_json(tmp_path: Path, items: list[str]) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(items))
    assert read_items(path) == [text.strip() for text in items if text.strip()]


@pytest.mark.parametrize("content", ["é\n", b"\0\1", ""])
def test_a_file_is_written_completely(tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "new" / "deep" / "file.txt"
    assert write_file(path, content) == path
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_disk_without_locks_is_not_reported_as_another_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with (
        pytest.raises(SeqgenError, match=r"cannot lock .*: No locks available"),
        files.held(tmp_path / ".lock", "x"),
    ):
        pass


def test_a_lock_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with (
        pytest.raises(SeqgenError, match=r"cannot lock .*; name another folder with --out"),
        files.held(tmp_path, "x"),
    ):
        pass


def test_a_file_has_the_default_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        path = write_file(tmp_path / "a", "x")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        assert os.umask(0o027) == 0o027, "the mask is as it was"
    finally:
        os.umask(mask)


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path: Path) -> None:
    path = write_file(tmp_path / "a", "old")
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_a_full_disk_gives_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with pytest.raises(SeqgenError, match=r"cannot write .*No space left"), replacing(path) as new:
        new.write_text("half")
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_paths_that_are_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "under", tmp_path / ("long" * 100), tmp_path):
        with pytest.raises(SeqgenError, match="cannot write"):
            write_file(path, "x")
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))
