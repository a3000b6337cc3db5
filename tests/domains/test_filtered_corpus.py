"""gather and find_files: a corpus from raw records, with every one of them accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqgen import CharEncoder, Corpus, DataError, find_files, gather, length_guide, read_text


def lowered(record: str) -> str:
    if not record.isalpha():
        raise DataError("not letters alone")
    return record.lower()


def gathered(records: list[str]) -> Corpus[str]:
    return gather(
        records,
        lowered,
        encoder=CharEncoder(),
        guide=lambda encoder: length_guide(encoder.vocabulary, 2, 3),
        unfit="shorter than 2 letters or longer than 3",
        licence="CC0-1.0",
    )


def test_records_are_used_once_or_skipped_with_the_reason() -> None:
    found = gathered(["Ab", "x1", "ab", "cde", "abcd", "y 2\nz", "c"])
    assert found.items == ("ab", "cde") and found.licence == "CC0-1.0"
    assert [(left.what, left.why, left.count) for left in found.skipped] == [
        ("x1 and 1 more", "not letters alone", 2),
        ("abcd and 1 more", "shorter than 2 letters or longer than 3", 2),
    ]


def test_skipped_records_are_shortened() -> None:
    (left,) = gathered(["1" * 100]).skipped
    assert left.what == "1" * 57 + "..."
    assert gathered([]).items == gathered(["1"]).items == ()


def test_files_of_a_folder_are_found_in_order_and_hidden_ones_are_not(tmp_path: Path) -> None:
    for name in ("b.abc", "a/c.ABC", "a/d.txt", ".git/e.abc", "f.abc/g.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find_files(tmp_path, (".abc",)) == [tmp_path / "a/c.ABC", tmp_path / "b.abc"]
    assert find_files(tmp_path / "b.abc", (".x",)) == [tmp_path / "b.abc"]
    with pytest.raises(DataError, match=r"contains no \.mid or \.xml file; give another folder"):
        find_files(tmp_path, (".mid", ".xml"))


def test_text_of_any_content_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"\xef\xbb\xbfa\xffb")
    assert read_text(path) == "a\ufffdb"
    with pytest.raises(DataError, match="cannot read"):
        read_text(tmp_path)
    with pytest.raises(DataError, match=r"cannot read .*none: No such file"):
        read_text(tmp_path / "none")
    monkeypatch.setattr("seqgen.io.read_data.LARGEST_FILE", 4)
    with pytest.raises(DataError, match="6 bytes, more than the limit of 4"):
        read_text(path)
