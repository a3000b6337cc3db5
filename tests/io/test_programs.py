"""run_program: other programs do their work, or a SeqgenError says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqgen import SeqgenError, run_program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Does with its arguments what a shell does with a script."""
    path = tmp_path / "program"
    path.write_text('#!/bin/sh\neval "$1"\n')
    path.chmod(0o755)
    return path


def test_it_makes_the_file_in_its_folder(program: Path, tmp_path: Path) -> None:
    made = tmp_path / "made"
    assert run_program(program, "cat > made", makes=made, install="it") == made
    assert made.read_bytes() == b"", "there is nothing to read for it"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo one; echo two >&2; exit 3", "program failed with 3: two"),
        ("echo one; exit 3", "program failed with 3: one"),
        ("exit 3", "program failed with 3: it said nothing"),
        ("echo done", "program made no made: done"),
        ("sleep 9", "program was stopped: it took more than 0.1 seconds"),
        (f"echo {'x' * 400}; exit 1", f": {'x' * 300}$"),
    ],
)
def test_its_failure_is_told(
    script: str, message: str, program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in script:
        monkeypatch.setattr("seqgen.io.programs.LONGEST", 0.1)
    with pytest.raises(SeqgenError, match=message):
        run_program(program, script, makes=tmp_path / "made", install="it")


def test_a_program_that_is_missing_or_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SeqgenError, match=r"nothing-here is not installed; install Nothing \(a\)"):
        run_program("nothing-here", makes=tmp_path / "x", install="Nothing (a)")
    (tmp_path / "text").write_text("no program")
    (tmp_path / "text").chmod(0o755)
    with pytest.raises(SeqgenError, match="text cannot be run"):
        run_program(tmp_path / "text", makes=tmp_path / "x", install="it")


def test_a_program_is_asked_to_write_no_time_unless_it_is_told_one(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "made"
    for told, wanted in ((None, "0"), ("86400", "86400")):
        monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
        if told:
            monkeypatch.setenv("SOURCE_DATE_EPOCH", told)
        run_program(program, "printf %s $SOURCE_DATE_EPOCH > made", makes=made, install="it")
        assert made.read_text() == wanted
