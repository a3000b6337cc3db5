"""run_command: the real command line in this process; a model file for it."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, final

from seqgen.models.model_file import save_model
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.random_model import untrained_model


@final
@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a command.

    Args:
        code: Its exit code: 0 success, 1 a SeqgenError, 2 wrong usage.
        out: What it wrote to stdout.
        err: What it wrote to stderr.
        files: The files that it created or changed, sorted; only ``domain_runner`` fills this.
    """

    code: int
    out: str
    err: str
    files: tuple[Path, ...] = ()


@cache
def _entry_point() -> Callable[[list[str]], Any]:
    """The function of the console script ``seqgen``."""
    (script, *_) = entry_points(group="console_scripts", name="seqgen")
    function: Callable[[list[str]], Any] = script.load()
    return function


def run_command(*args: object) -> Answer:
    """Run ``seqgen *args`` in this process.

    An exception that is no SeqgenError is a bug, of seqgen or of a plugin, and passes through.
    """
    code = 0
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            _entry_point()([str(arg) for arg in args])
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Answer(code, out.getvalue(), err.getvalue())


def write_untrained_model(domain: DomainUnderTest, folder: Path) -> Path:
    """Write a model file with random weights into a folder, without training.

    Returns:
        The file, ``NAME.safetensors``.
    """
    path = folder / f"{domain.domain.name}.safetensors"
    save_model(path, untrained_model(domain.loaded, domain.model_items))
    return path
