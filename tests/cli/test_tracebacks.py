"""An error in a domain's own code keeps its traceback, whose last line names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..conftest import Install, Run

CODE = """import json

import seqgen


def corpus(source, options):
    return json.loads("{")


@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(name="birds", summary="B", corpus=corpus, encoder=seqgen.CharEncoder)
"""


def test_of_a_file(seqgen: Run, tmp_path: Path) -> None:
    path = tmp_path / "birds.py"
    path.write_text(CODE)
    with pytest.raises(ValueError) as error:
        seqgen("run", path)
    (note,) = error.value.__notes__
    assert f"raised this at {path}, line 7: seqgen check {path} looks for" in note


def test_of_a_plugin(seqgen: Run, install: Install) -> None:
    path = install(CODE)
    with pytest.raises(ValueError) as error:
        seqgen("run", "birds")
    assert f"raised this at {path}, line 7: seqgen check birds looks" in error.value.__notes__[0]


def test_seqgen_blames_nobody_for_its_own(seqgen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ValueError(name)

    monkeypatch.setattr("seqgen.cli.run.load_domain", broken)
    monkeypatch.setattr("seqgen.cli.options.load_domain", broken)
    with pytest.raises(ValueError) as error:
        seqgen("run", "dinos")
    assert not hasattr(error.value, "__notes__")
