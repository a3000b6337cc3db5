"""pytest fixtures: the real command line in a temporary folder.

Enable them in ``conftest.py``: ``pytest_plugins = ["seqgen.testing.fixtures"]``. They have no entry
point, because pytest would import it in every test run of every user who has seqgen installed.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import final

import pytest

from seqgen.testing.command_runner import Answer, run_command, write_untrained_model
from seqgen.testing.domain_under_test import DomainUnderTest


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

        An exception that is no SeqgenError passes through.

        Returns:
            Exit code, output, and the created or changed files as paths in the folder.
        """
        before = self._files()
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.folder)
            patch.delenv("SEQGEN_RAISE", raising=False)
            answer = run_command(*args)
        changed = (path for path, content in self._files().items() if before.get(path) != content)
        return replace(answer, files=tuple(path.relative_to(self.folder) for path in changed))

    def model(self, domain: str | Path) -> Path:
        """Write a model file with random weights, without training.

        Args:
            domain: The name of an installed domain, or the path of its file; pass that file to
                the command with ``--domain``.
        """
        return write_untrained_model(DomainUnderTest(domain), self.folder)

    def _files(self) -> dict[Path, bytes]:
        found = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in found}


@pytest.fixture
def domain_runner(tmp_path: Path) -> DomainRunner:
    """Run ``seqgen`` in a temporary folder."""
    return DomainRunner(tmp_path)
