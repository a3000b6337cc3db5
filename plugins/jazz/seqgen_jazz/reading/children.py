"""Several reader processes side by side, each with a hard time limit for every file."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Final, Self, final

#: Seconds a slow file may take; the longest real one measured took 57 (a whole tune book).
TIME_LIMIT: Final = 90.0


@final
class ReaderChild:
    """One process of ``seqgen_jazz.reading.worker``, started again when it had to be ended."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = tuple(command) or (sys.executable, "-m", "seqgen_jazz.reading.worker")
        self._process: subprocess.Popen[str] | None = None

    def ask(self, path: Path, limit: float = TIME_LIMIT) -> dict[str, Any]:
        """``{"read": base64 of its stored form}`` or ``{"error": reason}`` for a file; "passing"
        marks a reason that lies in the moment (time) and not in the file alone.
        """
        process = self._running()
        late: list[bool] = []

        def end() -> None:
            late.append(True)
            process.kill()

        timer = Timer(limit, end)
        timer.start()
        try:
            line = self._exchange(process, json.dumps(str(path)))
        finally:
            timer.cancel()
        answer = None if late else _answer(line)
        if answer is not None:
            return answer
        self.close()
        if late:
            return {"error": f"reading it took more than {limit:g} seconds", "passing": True}
        return {"error": "its reader's process gave no answer", "passing": True}

    def close(self) -> None:
        """End the process, if there is one, and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:  # what was still to be sent has no reader any more
                    continue

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # The child must find the package wherever this process found it.
            paths = os.pathsep.join(entry for entry in sys.path if entry)
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8"},
                encoding="utf-8",
            )
        return self._process

    @staticmethod
    def _exchange(process: subprocess.Popen[str], question: str) -> str:
        if process.stdin is None or process.stdout is None:
            return ""
        try:
            process.stdin.write(question + "\n")
            process.stdin.flush()
        except OSError:
            return ""
        return process.stdout.readline()


def _answer(line: str) -> dict[str, Any] | None:
    """The answer that a line is; None where it is cut short or something else has printed it."""
    if not line.endswith("\n"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and found.keys() & {"read", "error"} else None


@final
class ReaderPool:
    """``count`` reader processes; use it with ``with``, so that none is left behind."""

    def __init__(self, count: int) -> None:
        self._children: queue.Queue[ReaderChild] = queue.Queue()
        self._all = [ReaderChild() for _ in range(count)]
        self._threads = ThreadPoolExecutor(max_workers=count)
        for child in self._all:
            self._children.put(child)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for child in self._all:
            child.close()
        self._threads.shutdown()

    def read(self, paths: Sequence[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Each path with its answer (see ``ReaderChild.ask``), in the order they are done."""
        waiting = {self._threads.submit(self._ask, path): path for path in paths}
        for done in as_completed(waiting):
            yield waiting[done], done.result()

    def _ask(self, path: Path) -> dict[str, Any]:
        child = self._children.get()
        try:
            return child.ask(path)
        finally:
            self._children.put(child)
