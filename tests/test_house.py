"""The house rules that no other tool holds: sizes, docstrings, public names, packages."""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

import pytest

import seqgen

ROOT = Path(__file__).parent.parent
ROOMS = ("seqgen", "plugins", "examples", "benchmarks", "tests", "docs")
LONGEST_FILE = 300
FILES = sorted(
    path.relative_to(ROOT)
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if not {"build", "runs", "__pycache__"}.intersection(path.parts)
)
#: Distributions with their folder and the folder of their package.
DISTRIBUTIONS = [
    (".", "seqgen"),
    ("plugins/dinos", "seqgen_dinos"),
    ("plugins/jazz", "seqgen_jazz"),
    ("examples/drums", "seqgen_drums"),
    ("examples/molecules", "seqgen_molecules"),
    ("examples/tunes", "seqgen_tunes"),
]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_tells_its_purpose_and_stays_short(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    assert ast.get_docstring(ast.parse(text)), "the first line of a file says what it is for"


def test_there_are_files() -> None:
    rooms = {path.parts[0] for path in FILES}
    assert {"seqgen", "plugins", "tests"} <= rooms


@pytest.mark.parametrize("name", seqgen.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(seqgen, name)
    assert name in dir(seqgen)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__ and value.__doc__.strip()
        assert not value.__doc__.startswith(f"{name}("), "written, not made by dataclass"


def test_types_are_told_the_same_names_as_programs() -> None:
    tree = ast.parse((ROOT / "seqgen" / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        (alias.asname, node.module)
        for branch in tree.body
        if isinstance(branch, ast.If)
        for node in branch.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("seqgen")
        for alias in node.names
    }
    assert imported == set(seqgen._HOMES.items())


def test_an_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = seqgen.Nothing
    assert seqgen.__version__[0].isdigit()


@pytest.mark.parametrize(("folder", "package"), DISTRIBUTIONS)
def test_every_package_is_shipped(folder: str, package: str) -> None:
    home = ROOT / folder
    settings = tomllib.loads((home / "pyproject.toml").read_text(encoding="utf-8"))
    found = {
        ".".join(path.parent.relative_to(home).parts)
        for path in (home / package).rglob("__init__.py")
    }
    with_code = {
        ".".join(path.parent.relative_to(home).parts) for path in (home / package).rglob("*.py")
    }
    assert found == with_code, "a folder without __init__.py is not shipped"
    assert set(settings["tool"]["setuptools"]["packages"]) == found
    assert (home / package / "py.typed").is_file()


@pytest.mark.parametrize(("folder", "package"), DISTRIBUTIONS)
def test_versions_go_together(folder: str, package: str) -> None:
    settings = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["version"] == seqgen.__version__
    assert settings["project"]["license"].startswith("Apache-2.0")
    assert settings["project"]["requires-python"] == ">=3.11"
