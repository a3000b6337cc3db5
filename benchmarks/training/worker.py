"""Workers of the training benchmark: each peer runs in its own process.

``python -m benchmarks.training.worker PEER SIZE THREADS`` builds a peer, runs it once, reports this
in one line of JSON, and then measures once for every line that it reads.
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

#: Environment variables that limit the number of threads of the libraries.
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
        key: The key of the peer in ``PEERS``.
        size: The name of the size.
        threads: The maximum number of threads.
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

    def read_message(self, seconds: float | None = None) -> dict[str, Any] | None:
        """The next message, None after a timeout, ``{"ended": code}`` if the process has ended."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return None
        message: dict[str, Any] = json.loads(line) if line else {"ended": self._process.wait()}
        return message

    def measure(self) -> dict[str, Any]:
        """Measure once: microseconds per token, ``cpu`` and ``wall``."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self.read_message() or {}

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
            if line.startswith("{"):  # libraries can print other lines
                self._lines.put(line)
        self._lines.put("")


def interleave_workers(
    peers: Sequence[tuple[str, str]], size: str, rounds: int, threads: int, timeout: float
) -> list[Figures]:
    """Measure every peer once per round, in rotating order, each in its own process.

    Args:
        peers: The key and the name of each peer.
        size: The name of the size.
        rounds: The number of rounds.
        threads: The maximum number of threads of each process.
        timeout: The maximum time in seconds to build a peer and run it once.
    """
    figures, workers = [Figures(name) for _, name in peers], dict[int, Worker]()
    try:
        for place, (key, _) in enumerate(peers):
            workers[place] = Worker(key, size, threads)
            _record_first_run(figures[place], workers[place].read_message(timeout), timeout)
            if figures[place].failure:
                workers.pop(place).close()
        places = list(workers)
        for turn in range(rounds):
            for at in range(len(places)):
                place = places[(at + turn) % len(places)]
                times = workers[place].measure()
                figures[place].rounds.append(times["cpu"])
                figures[place].walls.append(times["wall"])
    finally:
        for worker in workers.values():
            worker.close()
    return figures


def _record_first_run(figures: Figures, message: dict[str, Any] | None, timeout: float) -> None:
    """Store the time of the first run, or why there is none, from the first message."""
    if message is None:
        figures.failure = f"not built within {timeout:.0f} s"
    elif "missing" in message:
        figures.failure = MISSING
    elif "ended" in message:
        figures.failure = f"failed, status {message['ended']}"
    else:
        figures.build = message["build"]


def main() -> None:
    """The process of a peer."""
    key, size, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    from benchmarks.timing import MIN_SECONDS, count_repeats, measure
    from benchmarks.training.peers import SIZES, build_peer

    try:
        peer = build_peer(key, SIZES[size], threads)
    except ModuleNotFoundError as error:
        print(json.dumps({"missing": error.name}), flush=True)
        return
    print(json.dumps({"build": peer.compiled}), flush=True)
    repeats = count_repeats(peer, MIN_SECONDS)
    for _ in sys.stdin:
        cpu, wall = measure(peer, repeats)
        print(json.dumps({"cpu": cpu, "wall": wall}), flush=True)


if __name__ == "__main__":
    main()
