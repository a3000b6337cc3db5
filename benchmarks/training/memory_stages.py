"""Memory of the whole of a training against corpus size: peak resident memory, stage by stage.

    python -m benchmarks.training.memory_stages [--tokens 1000000 10000000 100000000]

Each size is a plain text file, read, split, trained on for a few steps, scored and saved in a
process of its own, by the very functions that ``seqgen train`` calls. The lines are words of the
standard library's identifiers, drawn by Zipf's law. Linux only: the peak is set back for every
stage.
"""

from __future__ import annotations

import argparse
import functools
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import seqgen
from benchmarks.quality.word_lists import identifiers
from benchmarks.training.memory import memory
from seqgen.registry.registry import LoadedDomain

#: Letters of a line at most; some 29 tokens with the end token.
LETTERS = 28
#: Training goes on for so long, in seconds.
SECONDS = 20.0


def write_text(path: Path, tokens: int) -> None:
    """Lines of ``LETTERS`` letters, until they are ``tokens`` tokens."""
    words = np.array([name for name in identifiers() if "_" not in name])
    rng = np.random.default_rng(0)
    lines = tokens // (LETTERS + 1)
    with path.open("w") as file:
        for at in range(0, lines, 10_000):
            ranks = np.minimum(rng.zipf(1.2, (min(10_000, lines - at), 9)), len(words)) - 1
            file.writelines(" ".join(words[row])[:LETTERS].strip() + "\n" for row in ranks)


def read_lines(source: Path) -> list[str]:
    """The corpus as most domains give it: a list of all items."""
    with source.open() as file:
        return [line.rstrip("\n") for line in file]


def child(path: Path, folder: Path) -> None:
    """Train on a file and print a row."""
    from seqgen.io.run_folder import RunFolder
    from seqgen.runs.run_config import Run, RunConfig
    from seqgen.runs.time_budget import Plan, plan_key
    from seqgen.runs.train import TrainingCallbacks, train_run
    from seqgen.runs.train_networks import import_keras_rnn
    from seqgen.runs.training_batches import execution_for

    began, peaks = time.monotonic(), list[int]()

    def read(source: Path) -> list[str]:
        lines = read_lines(source)
        _note(peaks)
        return lines

    domain = seqgen.Domain(name="lines", summary="Lines", corpus=read, encoder=seqgen.CharEncoder)
    loaded = LoadedDomain(domain, "benchmarks", "1")
    config = RunConfig.build(domain, {"minutes": 1.0, "preset": "tiny"})
    run = Run.prepare(loaded, config, path, RunFolder(folder))
    data = run.data
    _note(peaks)
    import_keras_rnn(config.training.seed)
    # A plan that stands there is followed: one epoch, stopped in order after some seconds.
    plan = Plan(
        key=plan_key(run),
        minutes=1.0,
        preset="tiny",
        why="",
        epochs=1,
        networks=1,
        ema=0.9,
        training_seconds=SECONDS,
        expected_minutes=1.0,
        execution=execution_for(run, 1),
    )
    folder.mkdir()
    plan.save(folder)
    note = functools.partial(_note, peaks)
    trained, _ = train_run(run, TrainingCallbacks(epoch=note))
    _note(peaks)
    assert replace(trained).manifest["training_ended"]["ended"] in ("minutes", "epochs")
    stages = " | ".join(f"{megabytes}" for megabytes in peaks)
    seconds = time.monotonic() - began
    print(
        f"| {data.card.tokens:,} | {data.card.items:,} | {stages} | {max(peaks)} | {seconds:.0f} |"
    )


def _note(peaks: list[int], *_: object) -> None:
    """A stage is over; its peak goes to the list. Said on standard error, for long runs."""
    peaks.append(peak())
    print(f"stage {len(peaks)} over: peak {peaks[-1]} MB", file=sys.stderr, flush=True)


def peak() -> int:
    """Peak resident memory in MB since this was asked for last."""
    found = memory()["VmHWM"]
    Path("/proc/self/clear_refs").write_text("5")
    return found


def main() -> None:
    """Print the table, one child process a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="*", default=[10**6, 10**7, 10**8])
    parser.add_argument("--child", type=Path, nargs=2)
    given = parser.parse_args()
    if given.child:
        child(*given.child)
        return
    print("| tokens | items | reading, MB | data, MB | training, MB | scoring, MB | peak, MB | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for tokens in given.tokens:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text.txt"
            write_text(path, tokens)
            call = [
                "-m",
                "benchmarks.training.memory_stages",
                "--child",
                str(path),
                f"{folder}/run",
            ]
            subprocess.run([sys.executable, *call], check=True)


if __name__ == "__main__":
    main()
