"""Law 5: a training that is killed anywhere ends with the bytes of one that never stopped."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ..conftest import Answer, in_process

pytestmark = pytest.mark.slow

CALL = "import sys; from seqgen.cli.main import main; main(sys.argv[1:])"
#: The workflow of the repository kills ten times, ``make test-jax-short`` twice.
KILLS = int(os.environ.get("SEQGEN_TEST_KILLS", "4"))
#: An epoch is five calls; the kills need enough of them to hit different states.
EPOCHS = max(10, KILLS + 4)
SETTINGS = (
    *("--units", 12, "--embedding", 6, "--epochs", EPOCHS, "--patience", EPOCHS, "--seeds", 2),
    *("--weight-drop", 0.3, "--dropout", 0.2, "--input-dropout", 0.1, "--embedding-dropout", 0.1),
    *("--ema", 0.9, "--batch-size", 16),
)
#: Prints a line at the end of each step.
PRINT_STEPS = (
    "import seqgen.training.trainer as t; step = t.Trainer._after_call; "
    "t.Trainer._after_call = lambda self: (print('step', flush=True), step(self))"
)


def seqgen(*args: object) -> Answer:
    return in_process(["-c", CALL, *map(str, args)])


def digest(folder: Path) -> str:
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """A run folder, and how many steps its training took."""
    out = tmp_path_factory.mktemp("whole") / "run"
    answer = in_process(
        [
            "-c",
            f"{PRINT_STEPS}; {CALL}",
            *map(str, ("train", "dinos", "--out", out)),
            *map(str, SETTINGS),
        ]
    )
    assert answer.code == 0, answer.err
    return out, answer.out.splitlines().count("step")


def test_a_finished_training_leaves_no_checkpoint(uninterrupted: tuple[Path, int]) -> None:
    names = sorted(path.name for path in uninterrupted[0].iterdir())
    assert names == [".lock", "history.csv", "model.safetensors", "request.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_killed_many_times_it_ends_with_the_same_bytes(
    uninterrupted: tuple[Path, int], tmp_path: Path
) -> None:
    whole, steps = uninterrupted
    rng, found = random.Random(5), set()
    args: list[object] = ["train", "dinos", "--out", tmp_path / "run", *SETTINGS]
    most = min(3 * steps // (2 * KILLS), steps // 4)  # few kills must not outlast the training
    for _ in range(KILLS):
        found.add(_killed(args, tmp_path / "run", rng.randint(1, most)))
        if (tmp_path / "run" / "request.json").exists():
            args = ["train", "--resume", tmp_path / "run"]
    assert not (tmp_path / "run" / "model.safetensors").exists(), "it was killed while training"
    assert len(found) >= max(2, KILLS // 2), "the kills hit different states"
    answer = seqgen(*args)
    assert answer.code == 0, answer.err
    assert digest(tmp_path / "run") == digest(whole)


def _killed(args: list[object], folder: Path, steps: int) -> str:
    """Kill a training after a number of steps; returns a hash of its checkpoints.

    It counts steps, not seconds, so that the result does not depend on the load of the machine.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", f"{PRINT_STEPS}; {CALL}", *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    while steps:
        line = process.stdout.readline()
        assert line, "it ended before it was killed"
        steps -= line == "step\n"
    process.kill()
    process.communicate()
    parts = sorted(folder.glob("checkpoint*"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()


def test_resume_needs_a_run_folder_and_nothing_else(
    uninterrupted: tuple[Path, int], tmp_path: Path
) -> None:
    nothing = seqgen("train", "--resume", tmp_path)
    assert nothing.code == 1 and "is no run folder" in nothing.err
    more = seqgen("train", "--resume", uninterrupted[0], "--units", 9)
    assert more.code == 2 and "omit --units" in more.err
    done = seqgen("train", "--resume", uninterrupted[0])
    assert done.code == 0 and "up to date" in done.out
