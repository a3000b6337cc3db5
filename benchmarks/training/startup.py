"""Start to first step: a new process that builds a trainer and ends after one step.

Run as a module, it prints the times of every stage as JSON; ``measure_stages`` starts such
processes.
"""

from __future__ import annotations

import json
import sys
import time
from itertools import pairwise

from benchmarks.timing import Spread, run_command

TOTAL = "start to first step, measured from the shell"
#: Keras imports it if it is installed, for image galleries. seqgen and seqgen-dinos do not depend
#: on it; music21, and with it seqgen-jazz, does.
OPTIONAL = "matplotlib"
WITHOUT = f"the same without {OPTIONAL}"


def measure_stages(repeats: int) -> dict[str, tuple[Spread, Spread]]:
    """Wall and CPU seconds of each stage, and of the entire process up to its first step.

    Args:
        repeats: The number of measured processes; one before them brings the files into memory.
    """
    return {
        **_measure_processes(repeats),
        WITHOUT: _measure_processes(repeats, "without")[TOTAL],
    }


def _measure_processes(repeats: int, *arguments: str) -> dict[str, tuple[Spread, Spread]]:
    stages: dict[str, list[tuple[float, float]]] = {}
    for repeat in range(repeats + 1):
        start = time.time()
        command = [sys.executable, "-m", "benchmarks.training.startup", *arguments]
        marks = [("", start, 0.0), *json.loads(run_command(command))]
        if repeat:
            for before, after in pairwise(marks):
                spent = (after[1] - before[1], after[2] - before[2])
                stages.setdefault(after[0], []).append(spent)
            stages.setdefault(TOTAL, []).append((marks[-1][1] - start, marks[-1][2]))
    return {
        name: (Spread.of([wall for wall, _ in spent]), Spread.of([cpu for _, cpu in spent]))
        for name, spent in stages.items()
    }


def main() -> None:
    """Import, build, do one step of size A; print the time of day and the CPU time of each stage.

    The validation after the step is not included.
    """
    marks: list[tuple[str, float, float]] = []

    def mark(name: str) -> None:
        marks.append((name, time.time(), time.process_time()))

    mark("Python startup")
    if "without" in sys.argv:
        sys.modules[OPTIONAL] = None  # type: ignore[assignment]  # as if it were not installed
    import tensorflow  # noqa: F401, timed separately

    mark("`import tensorflow`")
    from seqgen.training.backend import prepare_backend

    prepare_backend(0)
    mark("Keras and backend setup")
    from dataclasses import replace

    import keras

    from benchmarks.training.peers import SIZES, seqgen_peer

    first = "building, tracing, compiling and the first step"
    step = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: mark(first))
    seqgen_peer(replace(SIZES["A"], steps=1), callbacks=[step])
    print(json.dumps(marks))


if __name__ == "__main__":
    main()
