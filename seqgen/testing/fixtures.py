"""pytest fixtures: the real command line in a temporary folder.

Ask for them in ``conftest.py``: ``pytest_plugins = ["seqgen.testing.fixtures"]``. They are not
registered by an entry point, because pytest would import that in every run of everybody who has
seqgen installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import final

import pytest

from seqgen.testing.command import Answer, run_command
from seqgen.testing.subject import Subject, few_items


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
        from seqgen.testing.untrained import untrained_model

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
