"""The real command line, run in this process, with what it answered."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """What a command gave.

    Args:
        code: Its exit code: 0 done, 1 a SeqgenError, 2 wrong usage.
        out: What it wrote to stdout.
        err: What it wrote to stderr.
        files: The files that it made or changed, sorted, where somebody looked.
    """

    code: int
    out: str
    err: str
    files: tuple[Path, ...] = ()


def run_command(*args: object) -> Answer:
    """Run ``seqgen *args`` in this process.

    An exception that is no SeqgenError is a bug, of the host or of a plugin, and passes through.
    """
    from seqgen.cli.main import _run

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = _run([str(arg) for arg in args])
    return Answer(code, out.getvalue(), err.getvalue())
