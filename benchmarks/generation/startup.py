"""Shell to first sample: the wall time of ``seqgen generate MODEL -n 1`` as a process."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from benchmarks.timing import Spread, run_command, seqgen_command


def train_one_epoch(folder: Path) -> Path:
    """A dinos model file of the default size; its quality does not affect the times."""
    run_command(seqgen_command("train", "dinos", "--epochs", "1", "--out", str(folder)))
    return next(folder.rglob("*.safetensors"))


def measure_start(model: Path, repeats: int) -> dict[str, Spread]:
    """Wall seconds of a sample, of a bare interpreter and of one that imports NumPy.

    The three commands rotate. One run of each before the measurement brings all files into memory.
    """
    commands = {
        "`seqgen generate MODEL -n 1`": seqgen_command("generate", str(model), "-n", "1"),
        "of this: `import numpy`": [sys.executable, "-c", "import numpy"],
        "of this: the interpreter": [sys.executable, "-c", "pass"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(repeats + 1):
        for name, command in commands.items():
            start = time.perf_counter()
            run_command(command)
            if repeat:
                seconds[name].append(time.perf_counter() - start)
    return {name: Spread.of(values) for name, values in seconds.items()}
