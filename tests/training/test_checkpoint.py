"""Checkpoints: replaced atomically, of one training only; locks of run folders."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqgen.errors import ModelFileError, SeqgenError
from seqgen.io.atomic_files import held
from seqgen.training.checkpoint import Checkpoint, TrainingState
from seqgen.training.history import EpochReport
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

STATE = TrainingState(
    (np.arange(6, dtype=np.float32).reshape(2, 3), np.array(7, np.int64)),
    {"readout.bias": np.ones(3, np.float32)},
    (EpochReport(1, 2.0, 2.5, True, 0.5, 0.25, 9),),
    steps=11,
    epochs=9,
    execution=Execution("tensorflow", 4, False, 0),
    versions={"NumPy": "2"},
)


def test_the_saved_state_is_loaded(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "mine")
    assert checkpoint.load() is None
    checkpoint.save(STATE)
    found = checkpoint.load()
    assert found is not None
    for name in ("history", "steps", "epochs", "execution", "versions", "ended"):
        assert getattr(found, name) == getattr(STATE, name)
    for one, other in zip(found.variables, STATE.variables, strict=True):
        assert one.dtype == other.dtype and one.shape == other.shape
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(found.best["readout.bias"], STATE.best["readout.bias"])
    checkpoint.save(replace(STATE, ended=StopReason.PATIENCE))
    ended = checkpoint.load()
    assert ended is not None and ended.ended is StopReason.PATIENCE
    checkpoint.remove()
    assert checkpoint.load() is None


def test_the_checkpoint_of_another_training_is_ignored(tmp_path: Path) -> None:
    Checkpoint(tmp_path / "c.safetensors", "mine").save(STATE)
    assert Checkpoint(tmp_path / "c.safetensors", "yours").load() is None


@pytest.mark.parametrize("keep", [0, 5, 300])
def test_a_damaged_checkpoint_is_an_error(tmp_path: Path, keep: int) -> None:
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "mine")
    checkpoint.save(STATE)
    checkpoint.path.write_bytes(checkpoint.path.read_bytes()[:keep])
    with pytest.raises(ModelFileError, match=r"damaged .*delete it to retrain"):
        checkpoint.load()


def test_a_crash_before_the_rename_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "mine")
    checkpoint.save(STATE)
    before = checkpoint.path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SeqgenError, match="No space left on device"):
        checkpoint.save(STATE)
    assert checkpoint.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["c.safetensors"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on file sizes")
def test_a_full_disk_is_an_error_and_keeps_the_last_checkpoint(tmp_path: Path) -> None:
    """A limit on file sizes simulates the disk; it needs its own process."""
    code = f"""
import resource, signal, numpy as np
from pathlib import Path
from seqgen.errors import SeqgenError
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.checkpoint import TrainingState
from seqgen.training.steps_per_execution import Execution
execution = Execution(\"tensorflow\", 1, False, 0)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
checkpoint = Checkpoint(Path({str(tmp_path / "c.safetensors")!r}), "mine")
checkpoint.save(TrainingState((np.zeros(10, np.float32),), {{}}, (), 1, 1, execution, {{}}))
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    checkpoint.save(TrainingState((np.zeros(100000, np.float32),), {{}}, (), 2, 1, execution, {{}}))
except SeqgenError as error:
    print(error)
print(checkpoint.load().steps)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    message, steps = done.stdout.splitlines()
    assert message.startswith("cannot write") and "c.safetensors" in message
    assert steps == "1", "the last checkpoint is kept"


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "run" / ".lock"
    code = f"""
from pathlib import Path
from seqgen.errors import SeqgenError
from seqgen.io.atomic_files import held
try:
    with held(Path({str(lock)!r}), "the run folder x"):
        print("in")
except SeqgenError as error:
    print(error)
"""
    run = [sys.executable, "-c", code]
    with held(lock, "the run folder x"):
        refused = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert refused.startswith("another process works in the run folder x")
    assert subprocess.run(run, capture_output=True, text=True, check=True).stdout == "in\n"
