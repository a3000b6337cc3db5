"""Shell to first sample: the wall time of ``seqgen generate MODEL -n 1`` as a process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.timing import Spread


def train_briefly(folder: Path) -> Path:
    """A dinos model of the default size after one epoch; how good it is changes no time.

    Returns:
        The model file.
    """
    command = ["seqgen", "train", "dinos", "--epochs", "1", "--out", str(folder)]
    run(in_python(command))
    return next(folder.rglob("*.safetensors"))


def start_times(model: Path, repeats: int) -> dict[str, Spread]:
    """Wall seconds of a sample, of a bare interpreter and of one that imports NumPy.

    The three take turns; each is run once before, so that all files are in memory.
    """
    commands = {
        "`seqgen generate MODEL -n 1`": in_python(["seqgen", "generate", str(model), "-n", "1"]),
        "of this: `import numpy`": [sys.executable, "-c", "import numpy"],
        "of this: the interpreter": [sys.executable, "-c", "pass"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(repeats + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            run(command)
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: Spread.of(values) for name, values in seconds.items()}


def in_python(command: Sequence[str]) -> list[str]:
    """A seqgen command with the script that stands beside this interpreter."""
    return [str(Path(sys.executable).with_name(command[0])), *command[1:]]


def run(command: Sequence[str]) -> None:
    """Run a command to its end.

    Raises:
        RuntimeError: It failed; its output is told.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()}")
