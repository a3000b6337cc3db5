"""What a run folder remembers of its training never runs a file that the user has not named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

from seqgen.cli.main import cli
from seqgen.cli.train import command
from seqgen.errors import SeqgenError
from seqgen.models.model_file import FORMAT_VERSION, MANIFEST_KEY
from seqgen.runs.run_request import Request


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A run folder from somebody else, whose domain file would leave a trace."""
    trace = tmp_path / "trace"
    file = tmp_path / "foreign.py"
    file.write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")
    Request.of(str(file), None, {}).save(tmp_path)
    return tmp_path


def test_resume_does_not_run_a_file_that_only_the_folder_names(foreign: Path) -> None:
    result = CliRunner().invoke(command, ["--resume", str(foreign)])
    assert isinstance(result.exception, SeqgenError)
    assert "only when you name it" in str(result.exception)
    assert not (foreign / "trace").exists()


def test_a_file_that_was_named_is_loaded(foreign: Path) -> None:
    named = str(foreign / "foreign.py")
    assert Request.load(foreign).domain_to_load(named) == named
    CliRunner().invoke(command, [named, "--resume", str(foreign)])
    assert (foreign / "trace").exists()


def test_an_installed_domain_needs_no_naming(tmp_path: Path) -> None:
    Request.of("dinos", None, {}).save(tmp_path)
    request = Request.load(tmp_path)
    assert request.domain_to_load(None) == request.domain_to_load("other.py") == "dinos"


def test_a_name_does_not_stand_in_for_a_file(foreign: Path) -> None:
    with pytest.raises(SeqgenError, match="--domain"):
        Request.load(foreign).domain_to_load("dinos")


def test_data_that_is_gone_is_told_with_where_it_was(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    request = Request.of("dinos", names, {})
    request.save(tmp_path)
    for args in (["train", "--resume"], ["report"]):
        if args == ["report"]:
            write_manifest(tmp_path / "model.safetensors")
        done = CliRunner().invoke(cli, [*args, str(tmp_path)])
        told = str(done.exception)
        assert told.endswith(f"no longer at {names}; bring it back there, as it was"), told
    names.touch()
    request.check_data(tmp_path)


def write_manifest(path: Path) -> None:
    """A model file without weights."""
    about = {MANIFEST_KEY: json.dumps({"format": FORMAT_VERSION})}
    save_file({"a": np.zeros(1, np.float32)}, path, about)
