"""NewPlugin: writes a new domain as a publishable package, from templates."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import final

from seqgen.domains.domain import API_VERSION
from seqgen.errors import SeqgenError
from seqgen.io.atomic_files import write_file
from seqgen.registry.installed_plugins import installed_plugins

#: The name of a domain that can also be part of a distribution's name.
NAME = re.compile(r"[a-z]([a-z0-9_-]{0,48}[a-z0-9])?\Z")
#: The file of each template; both contain fields.
FILES = {
    "pyproject.toml": "pyproject.toml",
    "module.py": "$package/__init__.py",
    "items.txt": "$package/items.txt",
    "test.py": "tests/test_$module.py",
    "README.md": "README.md",
    "LICENSE": "LICENSE",
    "gitignore": ".gitignore",
    "test.yml": ".github/workflows/test.yml",
    "publish.yml": ".github/workflows/publish.yml",
}


@final
@dataclass(frozen=True, slots=True)
class NewPlugin:
    """A new plugin.

    Args:
        name: The domain's name: 1 to 50 lower-case letters, digits, ``-`` and ``_``; the first
            is a letter, the last a letter or digit.
        year: The year of the copyright line.
        seqgen: The version of seqgen for which it is written (``0.1.0``).

    Raises:
        SeqgenError: The name is invalid, or an installed plugin has it.
    """

    name: str
    year: int
    seqgen: str

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise SeqgenError(
                "the name of a domain must be 1 to 50 lower-case letters, digits, - and _, start "
                f"with a letter and not end with - or _, was {self.name!r}"
            )
        for plugin in installed_plugins(restricted=False).get(self.name, []):
            raise SeqgenError(
                f"{plugin} already has this name; choose another name, or uninstall "
                f"{plugin.distribution}"
            )

    @property
    def distribution(self) -> str:
        """The name of the distribution and of its folder."""
        return f"seqgen-{self.name}"

    def write(self, parent: Path) -> list[Path]:
        """Write all files of the package into a new folder, or none.

        Args:
            parent: The folder in which ``seqgen-NAME`` is created.

        Returns:
            The files, sorted.

        Raises:
            SeqgenError: The folder exists, or cannot be written.
        """
        folder = parent / self.distribution
        if folder.exists() or folder.is_symlink():
            raise SeqgenError(
                f"{folder} already exists and is not overwritten; move it, or choose another name"
            )
        try:
            # The package is written into a hidden folder and then moved.
            with tempfile.TemporaryDirectory(
                prefix=f".{folder.name}.", dir=parent, ignore_cleanup_errors=True
            ) as temporary:
                package = Path(temporary) / folder.name  # with the default mode
                package.mkdir()
                self._write_files(package)
                package.rename(folder)
        except OSError as error:
            raise SeqgenError(
                f"cannot write {folder}: {error.strerror or error}; choose another folder"
            ) from error
        return sorted(path for path in folder.rglob("*") if path.is_file())

    def _write_files(self, folder: Path) -> None:
        module = self.name.replace("-", "_")
        major, minor = (int(part) for part in self.seqgen.split(".")[:2])
        # Incompatible releases change the minor version before 1.0, then the major version.
        bound = f"0.{minor + 1}" if major == 0 else f"{major + 1}"
        values = {
            "name": self.name,
            "title": re.sub("[_-]+", " ", self.name).capitalize(),
            "distribution": self.distribution,
            "module": module,
            "package": f"seqgen_{module}",
            "bounds": f">={self.seqgen},<{bound}",
            "oldest": self.seqgen,
            "api": str(API_VERSION),
            "year": str(self.year),
        }
        for template, place in FILES.items():
            source = files("seqgen.scaffold").joinpath("templates", f"{template}.tmpl")
            content = Template(source.read_text(encoding="utf-8")).substitute(values)
            write_file(folder / Template(place).substitute(values), content)
