"""Read slow files in child processes, with a time limit for each file.

joblib.Parallel does not fit here: with it one file that hangs or crashes ends the entire call.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import Final, final

from seqgen_jazz.corpus.read_cache import dump
from seqgen_jazz.readers.errors import SkipReason
from seqgen_jazz.readers.raw_tune import FileRead
from seqgen_jazz.readers.read_file import read_file

#: Seconds per file; the slowest real one took 57 (a tune book).
TIME_LIMIT: Final = 90.0


@final
class ReaderProcess:
    """A child process that reads files; it is restarted after a crash or a timeout."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = tuple(command) or (sys.executable, "-m", "seqgen_jazz.corpus.reader_pool")
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, path: Path, limit: float = TIME_LIMIT) -> tuple[bytes, bool]:
        """The stored form of a file, and whether it depends on the file alone, so that it may be
        cached: a timeout or a crash does not."""
        process = self._running()
        message = "its reader process ended without an answer"

        def stop() -> None:
            nonlocal message
            message = f"reading it took more than {limit:g} seconds"
            process.kill()

        timer = Timer(limit, stop)
        timer.start()
        content = _ask(process, path)
        timer.cancel()
        if content is not None:
            return content, True
        self.close()
        return dump(FileRead.skip(message, SkipReason.NO_ANSWER)), False

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            with suppress(OSError), process:  # closes the pipes and waits
                pass

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # The child must find the package wherever this process found it.
            paths = os.pathsep.join(entry for entry in sys.path if entry)
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
            )
        return self._process


def _ask(process: subprocess.Popen[bytes], path: Path) -> bytes | None:
    """The answer of a child process; None if it is incomplete."""
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(json.dumps(str(path)).encode() + b"\n")
        process.stdin.flush()
        length = int(process.stdout.readline())
        content = process.stdout.read(length)
    except (OSError, ValueError):
        return None
    return content if len(content) == length else None


def read_in_processes(paths: Sequence[Path], count: int) -> Iterator[tuple[Path, bytes, bool]]:
    """Each path with the result of ``ReaderProcess.read``, in the order of completion.

    Args:
        paths: The files.
        count: The number of processes.
    """
    processes = [ReaderProcess() for _ in range(count)]
    free: SimpleQueue[ReaderProcess] = SimpleQueue()
    for process in processes:
        free.put(process)

    def read(path: Path) -> tuple[bytes, bool]:
        process = free.get()
        try:
            return process.read(path)
        finally:
            free.put(process)

    threads = ThreadPoolExecutor(max_workers=count)
    try:
        pending = {threads.submit(read, path): path for path in paths}
        for done in as_completed(pending):
            yield pending[done], *done.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.close()
        threads.shutdown()


def main() -> None:
    """Answer each path on standard input (a JSON string) with the stored form of its file."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print is not an answer
    warnings.simplefilter("ignore")
    for line in sys.stdin.buffer:
        content = dump(read_file(Path(json.loads(line))))
        answers.write(b"%d\n%b" % (len(content), content))
        answers.flush()


if __name__ == "__main__":
    main()
