"""run_program: the program creates its file, or a SeqgenError says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqgen import SeqgenError, run_program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that runs its argument as a shell script."""
    path = tmp_path / "program"
    path.write_text('#!/bin/sh\neval "$1"\n')
    path.chmod(0o755)
    return path


def test_it_creates_the_file_in_its_folder(program: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert run_program(program, "cat > made", makes=made, install="it") == made
    assert made.read_bytes() == b"", "its standard input is empty"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo one; echo two >&2; exit 3", "program failed with 3: two"),
        ("echo one; exit 3", "program failed with 3: one"),
        ("exit 3", "program failed with 3: no output"),
        ("echo done", "program did not create made: done"),
        ("sleep 9", "program was stopped: it took more than 0.1 seconds"),
        (f"echo {'x' * 400}; exit 1", f": {'x' * 300}$"),
    ],
)
def test_its_failure_is_an_error(
    script: str, message: str, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in script:
        monkeypatch.setattr("seqgen.io.run_program.TIME_LIMIT", 0.1)
    with pytest.raises(SeqgenError, match=message):
        run_program(program, script, makes=tmp_path / "made", install="it")


def test_a_missing_program_and_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SeqgenError, match=r"nothing-here is not installed; install Nothing \(a\)"):
        run_program("nothing-here", makes=tmp_path / "x", install="Nothing (a)")
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)
    with pytest.raises(SeqgenError, match="text cannot be run"):
        run_program(tmp_path / "text", makes=tmp_path / "x", install="it")


def test_the_date_of_files_is_fixed_unless_the_user_sets_one(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    for date, expected in ((None, "0"), ("86400", "86400")):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        if date:
            monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
        run_program(program, "printf %s $SOURCE_DATE_EPOCH > made", makes=made, install="it")
        assert made.read_text() == expected
