"""Start to first step: a fresh process that builds a trainer and stops after one step.

Run as a module it prints the seconds of every stage as JSON; ``stages`` starts such processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time

from benchmarks.timing import Spread

TOTAL = "start to first step, as the shell sees it"


def stages(repeats: int) -> dict[str, Spread]:
    """Wall seconds of each stage, and of the whole process up to its first step.

    Raises:
        RuntimeError: The process failed; its output is told.
    """
    found: dict[str, list[float]] = {}
    for repeat in range(repeats + 1):
        start = time.time()
        command = [sys.executable, "-m", "benchmarks.training_start"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()}")
        told = json.loads(done.stdout)
        told[TOTAL] = told.pop("stepped") - start
        for name, seconds in told.items():
            if repeat:  # the first brings the files into memory
                found.setdefault(name, []).append(seconds)
    return {name: Spread.of(values) for name, values in found.items()}


def main() -> None:
    """One process: import, build, one step of size A; the times of day go out as JSON."""
    marks = {"": time.time()}
    import tensorflow  # noqa: F401, its share is wanted apart

    marks["`import tensorflow`"] = time.time()
    from seqgen.training.backend import prepare_backend

    prepare_backend(0)
    marks["Keras, and the backend set up"] = time.time()
    from dataclasses import replace

    from benchmarks.training_peers import SIZES, seqgen_peer

    seqgen_peer(replace(SIZES[0], steps=1))
    marks["building, tracing, compiling, the first step and a validation"] = time.time()
    names = list(marks)
    spent = {names[k]: marks[names[k]] - marks[names[k - 1]] for k in range(1, len(names))}
    print(json.dumps({**spent, "stepped": time.time()}))


if __name__ == "__main__":
    main()
