"""A new plugin as a publishable package: which files, from which templates, with what filled in."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import final

from seqgen.errors import SeqgenError
from seqgen.io.files import write_file
from seqgen.registry.registry import installed_plugins
from seqgen.domains.domain import API_VERSION

#: A domain's name that is also the end of a distribution's name.
NAME = re.compile(r"[a-z]([a-z0-9_-]{0,48}[a-z0-9])?\Z")
#: Template -> the file that is made of it; both are filled in.
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
    """What a new plugin is called, and what stands in its files.

    Args:
        name: The domain's name: lower-case letters, digits, ``-`` and ``_``, at most 50, beginning
            with a letter and not ending with a sign.
        year: For the copyright line.
        seqgen: The version of seqgen that it is made for (``0.1.0``).

    Raises:
        SeqgenError: The name cannot be one, or an installed plugin has it.
    """

    name: str
    year: int
    seqgen: str

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise SeqgenError(
                "the name of a domain is 1 to 50 lower-case letters, digits, - and _, begins with "
                f"a letter and does not end with - or _, was {self.name!r}"
            )
        for plugin in installed_plugins(restricted=False).get(self.name, []):
            raise SeqgenError(
                f"{plugin} has that name already; choose another, or uninstall "
                f"{plugin.distribution}"
            )

    @property
    def distribution(self) -> str:
        """The name of the distribution and of its folder."""
        return f"seqgen-{self.name}"

    def write(self, parent: Path) -> list[Path]:
        """Write the package into a new folder, whole or not at all.

        Args:
            parent: Where the folder ``seqgen-NAME`` is made.

        Returns:
            The files, sorted.

        Raises:
            SeqgenError: Something of that name is there already, or nothing can be written.
        """
        folder = parent / self.distribution
        if folder.exists() or folder.is_symlink():
            raise SeqgenError(
                f"{folder} is there already, and is not overwritten; move it away, or choose "
                "another name"
            )
        values = self._values()
        with _new_folder(folder) as temporary:
            for template, place in FILES.items():
                content = _template(template).substitute(values)
                write_file(temporary / Template(place).substitute(values), content)
        return sorted(path for path in folder.rglob("*") if path.is_file())

    def _values(self) -> Mapping[str, str]:
        module = self.name.replace("-", "_")
        major, minor = (int(part) for part in self.seqgen.split(".")[:2])
        # Before 1.0 a minor release may break, after that a major one.
        above = f"0.{minor + 1}" if major == 0 else f"{major + 1}"
        return {
            "name": self.name,
            "title": re.sub("[_-]+", " ", self.name).capitalize(),
            "distribution": self.distribution,
            "module": module,
            "package": f"seqgen_{module}",
            "bounds": f">={self.seqgen},<{above}",
            "oldest": self.seqgen,
            "api": str(API_VERSION),
            "year": str(self.year),
        }


def _template(name: str) -> Template:
    text = files("seqgen.scaffold").joinpath("templates", f"{name}.tmpl")
    return Template(text.read_text(encoding="utf-8"))


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside ``folder``, which becomes it when all went well."""
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise SeqgenError(
            f"cannot write into {folder.parent}: {error.strerror}; change to another folder"
        ) from error
    try:
        inside = temporary / folder.name  # made with the usual mode, as mkdtemp's is for one alone
        inside.mkdir()
        yield inside
        inside.rename(folder)
    except OSError as error:
        raise SeqgenError(f"cannot write {folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
