"""A peer of the training benchmark in a process of its own, and the processes from outside.

Run as a module, ``python -m benchmarks.training.worker PEER SIZE THREADS`` builds a peer and runs
it once, says so in one line of JSON, and then measures once for every line that it reads.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any, final

from benchmarks.training.page import Figures

#: What holds each library to so many threads, wherever it reads it.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
MISSING = "not installed"


@final
class Worker:
    """The process of one peer.

    Args:
        key: Which peer.
        size: The name of its size.
        threads: How many it may use.
    """

    def __init__(self, key: str, size: str, threads: int) -> None:
        command = [sys.executable, "-m", "benchmarks.training.worker", key, size, str(threads)]
        limits = dict.fromkeys(THREADS, str(threads))
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **limits},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def answer(self, seconds: float | None = None) -> dict[str, Any] | None:
        """The next answer; None where none comes in time. ``{"ended": code}`` at its end."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        found: dict[str, Any] = json.loads(line) if line else {"ended": self._process.wait()}
        return found

    def measure(self) -> dict[str, Any]:
        """Have it measure once: microseconds a token, ``cpu`` and ``wall``."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self.answer() or {}

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):  # a library may greet
                self._lines.put(line)
        self._lines.put("")


def interleaved(
    peers: Sequence[tuple[str, str]], size: str, rounds: int, threads: int, bound: float
) -> list[Figures]:
    """Every peer once a round, the order turning with it, each in its own process.

    Args:
        peers: Key and name of each.
        size: The name of the size.
        rounds: How many.
        threads: Of each process.
        bound: Seconds in which a peer must have been built and have run once.
    """
    figures, workers = [Figures(name) for _, name in peers], dict[int, Worker]()
    try:
        for place, (key, _) in enumerate(peers):
            workers[place] = Worker(key, size, threads)
            _note_first(figures[place], workers[place].answer(bound), bound)
            if figures[place].why:
                workers.pop(place).close()
        places = list(workers)
        for turn in range(rounds):
            for at in range(len(places)):
                place = places[(at + turn) % len(places)]
                found = workers[place].measure()
                figures[place].rounds.append(found["cpu"])
                figures[place].walls.append(found["wall"])
    finally:
        for worker in workers.values():
            worker.close()
    return figures


def _note_first(figures: Figures, told: dict[str, Any] | None, bound: float) -> None:
    """The first answer of a worker: how long it took, or why there is nothing to measure."""
    if told is None:
        figures.why = f"not built within {bound:.0f} s"
    elif "missing" in told:
        figures.why = MISSING
    elif "ended" in told:
        figures.why = f"failed, status {told['ended']}"
    else:
        figures.build = told["build"]


def main() -> None:
    """The process of a peer."""
    key, size_name, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    from benchmarks.timing import LEAST_SECONDS, measured, repeats_of
    from benchmarks.training import peers as training_peers

    size = next(one for one in training_peers.SIZES if one.name == size_name)
    try:
        peer = training_peers.made(key, size, threads)
    except ModuleNotFoundError as error:
        print(json.dumps({"missing": error.name}), flush=True)
        return
    print(json.dumps({"build": peer.compiled}), flush=True)
    repeats = repeats_of(peer, LEAST_SECONDS)
    for _ in sys.stdin:
        cpu, wall = measured(peer, repeats)
        print(json.dumps({"cpu": cpu, "wall": wall}), flush=True)


if __name__ == "__main__":
    main()
