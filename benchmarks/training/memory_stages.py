"""Memory of an entire training against corpus size: peak resident memory, stage by stage.

    python -m benchmarks.training.memory_stages [--tokens 1000000 10000000 100000000]

For each size one process reads, encodes and splits a text file, trains on it for some seconds,
scores and saves, with the functions that ``seqgen train`` calls. The lines are identifiers of the
standard library, sampled by Zipf's law. Linux only: the peak is reset before every stage.
"""

from __future__ import annotations

import argparse
import functools
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import seqgen
from benchmarks.quality.word_lists import identifiers
from benchmarks.training.memory import read_memory
from seqgen.registry.installed_plugins import LoadedDomain

#: Maximum number of letters per line; about 29 tokens with the end token.
LETTERS = 28
#: Duration of the training in seconds.
SECONDS = 20.0


def write_text(path: Path, tokens: int) -> None:
    """Write lines of ``LETTERS`` letters, about ``tokens`` tokens in all."""
    words = np.array([name for name in identifiers() if "_" not in name])
    rng = np.random.default_rng(0)
    lines = tokens // (LETTERS + 1)
    with path.open("w") as file:
        for at in range(0, lines, 10_000):
            ranks = np.minimum(rng.zipf(1.2, (min(10_000, lines - at), 9)), len(words)) - 1
            file.writelines(" ".join(words[row])[:LETTERS].strip() + "\n" for row in ranks)


def read_lines(source: Path) -> list[str]:
    """The corpus as a list of all items, as in most domains."""
    with source.open() as file:
        return [line.rstrip("\n") for line in file]


def train_file(path: Path, folder: Path) -> None:
    """Train on a file and print a row."""
    from seqgen.io.run_folder import RunFolder
    from seqgen.runs.minutes_plan import Plan, plan_key
    from seqgen.runs.run_config import Run, RunConfig
    from seqgen.runs.train import TrainingCallbacks, train_run
    from seqgen.runs.train_networks import import_keras_rnn
    from seqgen.runs.training_batches import execution_for

    start, peaks = time.monotonic(), list[int]()

    def read(source: Any, options: object) -> list[str]:
        lines = read_lines(source)
        _record_peak(peaks)
        return lines

    domain = seqgen.Domain(name="lines", summary="Lines", corpus=read, encoder=seqgen.CharEncoder)
    loaded = LoadedDomain(domain, "benchmarks", "1")
    config = RunConfig.build(domain, {"minutes": 1.0, "preset": "tiny"})
    run = Run.prepare(loaded, config, path, RunFolder(folder))
    data = run.data
    _record_peak(peaks)
    import_keras_rnn(config.training.seed)
    # The training follows this saved plan: one epoch, stopped after ``SECONDS``.
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
    record = functools.partial(_record_peak, peaks)
    trained, _ = train_run(run, TrainingCallbacks(epoch=record))
    _record_peak(peaks)
    assert trained.manifest["training_ended"]["ended"] in ("minutes", "epochs")
    stages = " | ".join(f"{megabytes}" for megabytes in peaks)
    seconds = time.monotonic() - start
    print(
        f"| {data.card.tokens:,} | {data.card.items:,} | {stages} | {max(peaks)} | {seconds:.0f} |"
    )


def _record_peak(peaks: list[int], *_: object) -> None:
    """Append the peak of the stage that has ended, in MB; report it; reset the peak."""
    peaks.append(read_memory()["VmHWM"])
    Path("/proc/self/clear_refs").write_text("5")
    print(f"stage {len(peaks)} finished, peak {peaks[-1]} MB", file=sys.stderr, flush=True)


def main() -> None:
    """Print the table, one child process per row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="*", default=[10**6, 10**7, 10**8])
    parser.add_argument(
        "--child", type=Path, nargs=2, help="train on this file into this folder and print a row"
    )
    options = parser.parse_args()
    if options.child:
        train_file(*options.child)
        return
    print("| tokens | items | reading, MB | data, MB | training, MB | scoring, MB | peak, MB | s |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for tokens in options.tokens:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "text.txt"
            write_text(path, tokens)
            module = "benchmarks.training.memory_stages"
            command = [sys.executable, "-m", module, "--child", str(path), f"{folder}/run"]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
