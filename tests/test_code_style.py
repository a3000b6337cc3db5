"""Rules that no other tool checks: sizes, docstrings, public names, packages."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from setuptools import find_packages

import seqgen

ROOT = Path(__file__).parent.parent
FOLDERS = ("seqgen", "plugins", "examples", "benchmarks", "tests", "docs")
#: Lines of a module. A longer one holds more than what changes together.
LONGEST_FILE = 400
#: A package with more modules than this is hard to look over.
MOST_MODULES = 18
#: A module with fewer lines costs its reader a door for little; few of them may be.
SHORT_MODULE = 60
SHORT_SHARE = 0.10
#: The most lines of code that an example may have, its tests not counted.
EXAMPLES = {"drums": 200, "mingru": 60, "molecules": 381, "towns": 200, "tunes": 271}
FILES = sorted(
    path.relative_to(ROOT)
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.py")
    if not {"build", "runs", "__pycache__"}.intersection(path.parts)
)
#: Distributions with their folder and the folder of their package.
DISTRIBUTIONS = [
    (".", "seqgen"),
    ("plugins/dinos", "seqgen_dinos"),
    ("plugins/jazz", "seqgen_jazz"),
    ("examples/drums", "seqgen_drums"),
    ("examples/mingru", "seqgen_mingru"),
    ("examples/molecules", "seqgen_molecules"),
    ("examples/tunes", "seqgen_tunes"),
]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_has_a_docstring_and_a_bounded_length(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    assert ast.get_docstring(ast.parse(text)), "a module begins with a docstring"


def code_lines(path: Path) -> int:
    """The lines of a file without blank ones, comments and docstrings."""
    text = path.read_text(encoding="utf-8")
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string.strip() and token.type != tokenize.COMMENT:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        first = getattr(node, "body", None)
        if isinstance(first, list) and first and isinstance(first[0], ast.Expr):
            value = first[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                lines -= set(range(first[0].lineno, (first[0].end_lineno or 0) + 1))
    return len(lines)


def test_code_is_counted_without_blank_lines_comments_and_docstrings(tmp_path: Path) -> None:
    path = tmp_path / "some.py"
    path.write_text(
        '"""About\n\nmore."""\n\nx = 1  # one\n# none\ny = """two\n\nhere"""\n\n'
        'def f(\n    a,\n):\n    """None."""\n    return a\n'
    )
    assert code_lines(path) == 1 + 3 + 4


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_stays_small(name: str) -> None:
    files = [f for f in FILES if f.parts[:2] == ("examples", name) and "tests" not in f.parts]
    assert files and sum(code_lines(ROOT / file) for file in files) <= EXAMPLES[name]


def test_there_are_files() -> None:
    folders = {path.parts[0] for path in FILES}
    assert {"seqgen", "plugins", "tests"} <= folders


def _modules() -> list[Path]:
    """The modules of seqgen and of the jazz plugin, packages' ``__init__`` not counted."""
    homes = (Path("seqgen"), Path("plugins/jazz/seqgen_jazz"))
    return [
        path
        for path in FILES
        if any(path.is_relative_to(home) for home in homes) and path.name != "__init__.py"
    ]


def test_no_package_has_too_many_modules() -> None:
    counts = Counter(path.parent for path in _modules())
    assert {str(folder): n for folder, n in counts.items() if n > MOST_MODULES} == {}


def test_few_modules_are_short() -> None:
    modules = _modules()
    short = [
        str(path)
        for path in modules
        if len((ROOT / path).read_text(encoding="utf-8").splitlines()) < SHORT_MODULE
    ]
    assert len(short) <= SHORT_SHARE * len(modules), short


@pytest.mark.parametrize("name", seqgen.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(seqgen, name)
    assert name in dir(seqgen)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__ and value.__doc__.strip()
        assert not value.__doc__.startswith(f"{name}("), "written, not made by dataclass"


def test_type_checkers_see_the_public_names() -> None:
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
    packages = settings["tool"]["setuptools"]["packages"]
    if isinstance(packages, dict):
        packages = find_packages(str(home), include=packages["find"]["include"])
    assert set(packages) == found
    assert (home / package / "py.typed").is_file()


@pytest.mark.parametrize(("folder", "package"), DISTRIBUTIONS)
def test_versions_go_together(folder: str, package: str) -> None:
    settings = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["version"] == seqgen.__version__
    assert settings["project"]["license"].startswith("Apache-2.0")
    assert settings["project"]["requires-python"] == ">=3.11"
