"""NewPlugin: writes a new domain, cell or sampler as a publishable package, from templates."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import final

from seqgen.domains.domain import API_VERSION
from seqgen.errors import SeqgenError
from seqgen.io.atomic_files import write_file
from seqgen.registry.components import builtin_components
from seqgen.registry.installed_plugins import installed_plugins

#: A name that can also be part of a distribution's name.
NAME = re.compile(r"[a-z]([a-z0-9_-]{0,48}[a-z0-9])?\Z")
#: The files of every package by template; both contain fields.
SHARED_FILES = {
    "pyproject.toml": "pyproject.toml",
    "LICENSE": "LICENSE",
    "gitignore": ".gitignore",
    "test.yml": ".github/workflows/test.yml",
    "publish.yml": ".github/workflows/publish.yml",
}
MODULE, TEST = "$package/__init__.py", "tests/test_$module.py"


@final
@dataclass(frozen=True, slots=True)
class PackageKind:
    """What is different in the package of a domain, a cell or a sampler.

    Args:
        group: The group of its entry point.
        files: More files by template; both contain fields.
        check: The command that checks it.
        use: A command that uses it.
        dev: The distributions that its authors need, as strings of TOML.
        testing: The extras of seqgen that its tests need.
        data: The data file of its package.
        others: The other distributions that ``use`` needs.
    """

    group: str
    files: Mapping[str, str]
    check: str
    use: str
    dev: str = '"seqgen[tensorflow,testing]"'
    testing: str = "testing"
    data: str = ""
    others: str = ""


#: By the value of ``--kind``.
KINDS = {
    "domain": PackageKind(
        "seqgen",
        {
            "domain.py": MODULE,
            "domain_items.txt": "$package/items.txt",
            "domain_test.py": TEST,
            "domain_README.md": "README.md",
        },
        "seqgen check $name",
        "seqgen run $name",
        data="items.txt",
    ),
    "cell": PackageKind(
        '"seqgen.cells"',
        {"cell.py": MODULE, "component_test.py": TEST, "component_README.md": "README.md"},
        "seqgen check --cell $name",
        "seqgen run dinos --cell $name",
        testing="tensorflow,testing",
        others='seqgen-dinos "seqgen[tensorflow]"',
    ),
    "sampler": PackageKind(
        '"seqgen.samplers"',
        {"sampler.py": MODULE, "component_test.py": TEST, "component_README.md": "README.md"},
        "seqgen check --sampler $name",
        "seqgen generate dinos --sampler $name",
        dev='"seqgen[testing]"',
        others="seqgen-dinos",
    ),
}


@final
@dataclass(frozen=True, slots=True)
class NewPlugin:
    """A new plugin.

    Args:
        name: The name of the domain or component: 1 to 50 lower-case letters, digits, ``-`` and
            ``_``; the first is a letter, the last a letter or digit.
        year: The year of the copyright line.
        seqgen: The version of seqgen for which it is written (``0.1.0``).
        kind: A key of ``KINDS``.

    Raises:
        SeqgenError: The name is invalid, or seqgen or an installed plugin has it.
    """

    name: str
    year: int
    seqgen: str
    kind: str = "domain"

    def __post_init__(self) -> None:
        if not NAME.match(self.name):
            raise SeqgenError(
                f"the name of a {self.kind} must be 1 to 50 lower-case letters, digits, - and _, "
                f"start with a letter and not end with - or _, was {self.name!r}"
            )
        if self.name in _builtin_names(self.kind):
            raise SeqgenError(f"seqgen has a {self.kind} {self.name!r}; choose another name")
        group = KINDS[self.kind].group.strip('"')
        for plugin in installed_plugins(restricted=False, group=group).get(self.name, []):
            raise SeqgenError(
                f"{plugin} already has this name; choose another name, or uninstall "
                f"{plugin.distribution}"
            )

    @property
    def distribution(self) -> str:
        """The name of the distribution and of its folder."""
        return f"seqgen-{self.name}"

    @property
    def commands(self) -> list[str]:
        """Commands that check and use the installed plugin."""
        kind = KINDS[self.kind]
        return [Template(command).substitute(name=self.name) for command in (kind.check, kind.use)]

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
        kind, (check, use) = KINDS[self.kind], self.commands
        words = re.split("[_-]+", self.name)
        class_name = "".join(word.capitalize() for word in [*words, self.kind])
        data = f'package-data = {{ seqgen_{module} = ["{kind.data}"] }}\n'
        values = {
            "kind": self.kind,
            "group": kind.group,
            "name": self.name,
            "title": " ".join(words).capitalize(),
            "class_name": class_name,
            "distribution": self.distribution,
            "module": module,
            "package": f"seqgen_{module}",
            "package_data": data if kind.data else "",
            "others": kind.others,
            "check": check,
            "use": use,
            "dev": kind.dev,
            "testing": kind.testing,
            "bounds": f">={self.seqgen},<{bound}",
            "oldest": self.seqgen,
            "api": str(API_VERSION),
            "year": str(self.year),
        }
        for template, place in {**SHARED_FILES, **kind.files}.items():
            source = files("seqgen.scaffold").joinpath("templates", f"{template}.tmpl")
            content = Template(source.read_text(encoding="utf-8")).substitute(values)
            write_file(folder / Template(place).substitute(values), content)


def _builtin_names(kind: str) -> Iterable[str]:
    """The names of this kind that seqgen itself has."""
    from seqgen.generation.components import SAMPLER
    from seqgen.models.cells.builtin_cells import CELL

    components = {"cell": CELL, "sampler": SAMPLER}
    return builtin_components(components[kind]) if kind in components else ()
