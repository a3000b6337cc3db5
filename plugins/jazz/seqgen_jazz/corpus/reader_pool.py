"""Several reader processes side by side, each with a hard time limit for every file."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import warnings
from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Final, Self, TextIO, final

from seqgen import DataError
from seqgen_jazz.corpus.cache import dump
from seqgen_jazz.readers.read_file import read_file

#: Seconds a slow file may take; the longest real one measured took 57 (a whole tune book).
TIME_LIMIT: Final = 90.0


@final
class ReaderChild:
    """One process of ``seqgen_jazz.corpus.reader_pool``, started again when it had to be ended."""

    def __init__(self, command: Sequence[str] = ()) -> None:
        self._command = tuple(command) or (sys.executable, "-m", "seqgen_jazz.corpus.reader_pool")
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


def serve(questions: TextIO, answers: TextIO) -> None:
    """Answer each path (a JSON string) with ``{"read": base64}`` or ``{"error": reason}``."""
    for line in questions:
        answer: dict[str, object]
        try:
            content = dump(read_file(Path(json.loads(line))))
            answer = {"read": b2a_base64(content, newline=False).decode("ascii")}
        except DataError as error:
            answer = {"error": str(error)}
        except (RecursionError, MemoryError) as error:
            answer = {"error": f"its reader failed ({type(error).__name__})"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def main() -> None:
    """Serve standard input until it is closed; what libraries print goes elsewhere."""
    answers = sys.stdout
    sys.stdout = sys.stderr
    warnings.simplefilter("ignore")
    serve(sys.stdin, answers)


if __name__ == "__main__":
    main()
