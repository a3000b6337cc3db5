"""Start to first step: a fresh process that builds a trainer and stops after one step.

Run as a module it prints the seconds of every stage as JSON; ``stages`` starts such processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from itertools import pairwise

from benchmarks.timing import Spread

TOTAL = "start to first step, measured from the shell"
#: Keras imports it where it is installed, for galleries of pictures. seqgen and seqgen-dinos do not
#: ask for it; music21, and with it seqgen-jazz, does.
OPTIONAL = "matplotlib"
WITHOUT = f"the same without {OPTIONAL}"


def stages(repeats: int) -> dict[str, tuple[Spread, Spread]]:
    """Wall and CPU seconds of each stage, and of the whole process up to its first step.

    Args:
        repeats: Processes that are counted; one before them brings the files into memory.

    Raises:
        RuntimeError: The process failed; its output is told.
    """
    found = _stages(repeats)
    return {**found, WITHOUT: _stages(repeats, "without")[TOTAL]}


def _stages(repeats: int, *arguments: str) -> dict[str, tuple[Spread, Spread]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for repeat in range(repeats + 1):
        start = time.time()
        command = [sys.executable, "-m", "benchmarks.training.startup", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()}")
        marks = [("", start, 0.0), *json.loads(done.stdout)]
        if repeat:
            for before, after in pairwise(marks):
                spent = (after[1] - before[1], after[2] - before[2])
                found.setdefault(after[0], []).append(spent)
            found.setdefault(TOTAL, []).append((marks[-1][1] - start, marks[-1][2]))
    return {
        name: (Spread.of([wall for wall, _ in spent]), Spread.of([cpu for _, cpu in spent]))
        for name, spent in found.items()
    }


def main() -> None:
    """One process: import, build, one step of size A; times of day and CPU times go out.

    The validation behind the step is no part of it.
    """
    marks: list[tuple[str, float, float]] = []

    def mark(name: str) -> None:
        marks.append((name, time.time(), time.process_time()))

    mark("Python startup")
    if "without" in sys.argv:
        sys.modules[OPTIONAL] = None  # type: ignore[assignment]  # as if it were not installed
    import tensorflow  # noqa: F401, its share is wanted apart

    mark("`import tensorflow`")
    from seqgen.training.backend import prepare_backend

    prepare_backend(0)
    mark("Keras and backend setup")
    from dataclasses import replace

    import keras

    from benchmarks.training.peers import SIZES, seqgen_peer

    first = "building, tracing, compiling and the first step"
    step = keras.callbacks.LambdaCallback(on_train_batch_end=lambda step, logs: mark(first))
    seqgen_peer(replace(SIZES[0], steps=1), callbacks=[step])
    print(json.dumps(marks))


if __name__ == "__main__":
    main()
