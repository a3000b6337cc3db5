"""The record of a run folder: it runs no file that the user has not named."""

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
from seqgen.io.run_folder import RunFolder, RunRecord
from seqgen.models.model_file import FORMAT_VERSION, MANIFEST_KEY


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A run folder of another person, whose domain file would leave a trace."""
    trace = tmp_path / "trace"
    file = tmp_path / "foreign.py"
    file.write_text(f"open({str(trace)!r}, 'w').close()\n", encoding="utf-8")
    RunRecord(str(file), None, {}).save(RunFolder(tmp_path))
    return tmp_path


def test_resume_runs_no_file_that_only_the_folder_names(foreign: Path) -> None:
    result = CliRunner().invoke(command, ["--resume", str(foreign)])
    assert isinstance(result.exception, SeqgenError)
    assert "only when you name it" in str(result.exception)
    assert not (foreign / "trace").exists()


def test_a_named_file_is_loaded(foreign: Path) -> None:
    named = str(foreign / "foreign.py")
    assert RunRecord.load(RunFolder(foreign)).domain_to_load(named) == named
    CliRunner().invoke(command, [named, "--resume", str(foreign)])
    assert (foreign / "trace").exists()


def test_an_installed_domain_is_loaded_by_name(tmp_path: Path) -> None:
    RunRecord("dinos", None, {}).save(RunFolder(tmp_path))
    record = RunRecord.load(RunFolder(tmp_path))
    assert record.domain_to_load(None) == record.domain_to_load("other.py") == "dinos"


def test_a_name_is_no_file(foreign: Path) -> None:
    with pytest.raises(SeqgenError, match="--domain"):
        RunRecord.load(RunFolder(foreign)).domain_to_load("dinos")


def test_missing_data_is_reported_with_its_path(tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    record = RunRecord("dinos", names, {})
    record.save(RunFolder(tmp_path))
    for args in (["train", "--resume"], ["report"]):
        if args == ["report"]:
            write_manifest(tmp_path / "model.safetensors")
        done = CliRunner().invoke(cli, [*args, str(tmp_path)])
        message = str(done.exception)
        assert message.endswith(f"no longer at {names}; restore it there, unchanged"), message
    names.touch()
    record.check_data(tmp_path)


def write_manifest(path: Path) -> None:
    """A model file without weights."""
    manifest = {"format": FORMAT_VERSION, "domain": {"name": "dinos"}}
    save_file({"a": np.zeros(1, np.float32)}, path, {MANIFEST_KEY: json.dumps(manifest)})
