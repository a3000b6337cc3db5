"""pytest fixtures: the real command line in a temporary folder.

Ask for them in ``conftest.py``: ``pytest_plugins = ["seqgen.testing.fixtures"]``. They are not
registered by an entry point, because pytest would import that in every run of everybody who has
seqgen installed.
"""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pytest

from seqgen.testing.domain_under_test import Subject, few_items


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


@final
class DomainRunner:
    """Runs ``seqgen`` in a folder: ``domain_runner("generate", model, "-n", 3)``.

    Args:
        folder: The current folder while a command runs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *args: object) -> Answer:
        """Run the real command line in this process, with the folder as current folder.

        An exception that is no SeqgenError passes through, as it would end in a traceback.

        Returns:
            Exit code, output, and the files that were made or changed, as paths in the folder.
        """
        before = self._files()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.delenv("SEQGEN_RAISE", raising=False)
            answer = run_command(*args)
        after = self._files()
        files = tuple(
            path.relative_to(self.folder) for path in after if before.get(path) != after[path]
        )
        return Answer(answer.code, answer.out, answer.err, files)

    def model(self, domain: str | Path) -> Path:
        """A model file of random weights, made without training in well under a second.

        Args:
            domain: The name of an installed domain, or the path of its file; give that file to
                the command with ``--domain``.
        """
        from seqgen.models.model_file import save_model
        from seqgen.testing.random_model import untrained_model

        subject = Subject(domain)
        path = self.folder / f"{subject.domain.name}.safetensors"
        save_model(path, untrained_model(subject.loaded, few_items(subject)))
        return path

    def _files(self) -> dict[Path, bytes]:
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in found}


@pytest.fixture
def domain_runner(tmp_path: Path) -> DomainRunner:
    """Runs ``seqgen`` in a temporary folder; gives exit code, output and files."""
    return DomainRunner(tmp_path)
