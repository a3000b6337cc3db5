"""Tests of seqgen new: its files, names and errors.

tests/helpers/wheels.py tests that the package installs, passes its tests and runs.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import stat
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import seqgen as public
from seqgen.errors import SeqgenError
from seqgen.registry.installed_plugins import load_domain
from seqgen.scaffold.new_plugin import KINDS, SHARED_FILES, NewPlugin
from seqgen.testing import checks_of

from ..conftest import Install, Run
from ..helpers.plugin_code import GOOD

TEST = """\
import seqgen.testing


@seqgen.testing.parametrize_with_checks("pasta")
def test_conformance(check):
    check()
"""
WRITTEN = [
    ".github/workflows/publish.yml",
    ".github/workflows/test.yml",
    ".gitignore",
    "LICENSE",
    "README.md",
    "pyproject.toml",
    "seqgen_pasta/__init__.py",
    "seqgen_pasta/items.txt",
    "tests/test_pasta.py",
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def files_in(folder: Path) -> list[str]:
    """The paths of all files of a folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def names_in(folder: Path) -> list[str]:
    """The names in a folder, hidden ones included."""
    return sorted(path.name for path in folder.iterdir())


def test_new_writes_a_package(seqgen: Run, here: Path) -> None:
    answer = seqgen("new", "pasta")
    assert (answer.code, answer.err) == (0, "")
    assert files_in(here / "seqgen-pasta") == WRITTEN
    assert len(SHARED_FILES) + len(KINDS["domain"].files) == len(WRITTEN)
    for name in WRITTEN:
        assert f"wrote {Path('seqgen-pasta', name)}" in answer.out
    end = 'cd seqgen-pasta\n  pip install -e ".[dev]"\n  pytest\n  seqgen run pasta\n'
    assert answer.out.endswith(end)
    assert names_in(here) == ["seqgen-pasta"], "no temporary file is left"


def test_json_names_the_files(seqgen: Run) -> None:
    found = json.loads(seqgen("new", "pasta", "--json").out)
    assert found["folder"] == "seqgen-pasta"
    assert found["files"] == [f"seqgen-pasta/{name}" for name in WRITTEN]


def test_the_test_runs_the_conformance_kit(seqgen: Run, here: Path) -> None:
    seqgen("new", "pasta")
    assert (here / "seqgen-pasta/tests/test_pasta.py").read_text() == TEST


def test_the_package_has_a_valid_domain(seqgen: Run, here: Path) -> None:
    seqgen("new", "folk-tunes_2")
    module = here / "seqgen-folk-tunes_2/seqgen_folk_tunes_2/__init__.py"
    domain = load_domain(str(module)).domain
    assert (domain.name, domain.summary) == ("folk-tunes_2", "Folk tunes 2")
    assert domain.api == public.API_VERSION
    items = list(domain.corpus(None, None))  # type: ignore[arg-type]
    assert len(items) == len(set(items)) > 100
    assert items == sorted(items) and items == [item.strip() for item in items]
    encoder = domain.encoder(None).fit(items)
    assert [encoder.decode(encoder.encode(item).tokens) for item in items] == items
    code = ast.parse(module.read_text())
    assert len(code.body) <= 8 and len(module.read_text().splitlines()) < 35, "a short module"


def test_the_readme_does_not_describe_the_items(seqgen: Run, here: Path) -> None:
    seqgen("new", "pasta")
    assert "bird" not in (here / "seqgen-pasta/README.md").read_text()


def test_metadata(seqgen: Run, here: Path) -> None:
    seqgen("new", "folk-tunes")
    about = tomllib.loads((here / "seqgen-folk-tunes/pyproject.toml").read_text())
    project = about["project"]
    assert (project["name"], project["license"]) == ("seqgen-folk-tunes", "MIT")
    assert project["entry-points"]["seqgen"] == {"folk-tunes": "seqgen_folk_tunes"}
    assert about["build-system"]["requires"] == ["setuptools>=77"], (
        "the first with license expressions"
    )
    assert project["optional-dependencies"]["dev"] == ["seqgen[tensorflow,testing]"]
    assert project["dependencies"] == [f"seqgen>={public.__version__},<0.2"]
    assert about["tool"]["setuptools"]["packages"] == ["seqgen_folk_tunes"]
    licence = (here / "seqgen-folk-tunes/LICENSE").read_text()
    assert re.search(r"Copyright \(c\) 20\d\d the authors of seqgen-folk-tunes", licence)


@pytest.mark.slow
def test_a_new_cell_passes_its_checks(
    seqgen: Run, here: Path, monkeypatch: pytest.MonkeyPatch, keras_rnn: ModuleType
) -> None:
    """The checks that the package's own test runs."""
    answer = seqgen("new", "plain-tanh", "--kind", "cell")
    end = 'pip install -e ".[dev]"\n  pytest\n  seqgen run dinos --cell plain-tanh\n'
    assert (answer.code, answer.err) == (0, "") and answer.out.endswith(end)
    folder = here / "seqgen-plain-tanh"
    shared = [name for name in WRITTEN if not name.endswith("items.txt")]
    assert files_in(folder) == [name.replace("pasta", "plain_tanh") for name in shared]
    monkeypatch.syspath_prepend(str(folder))
    package = importlib.import_module("seqgen_plain_tanh")
    cell = package.PlainTanhCell()
    assert (
        f"parametrize_with_checks(seqgen_plain_tanh.{type(cell).__name__}())"
        in (folder / "tests/test_plain_tanh.py").read_text()
    )
    subject, checks = checks_of(cell)
    assert {check.outcome(subject).status for check in checks} <= {"passed", "not applicable"}


def test_metadata_of_a_cell(seqgen: Run, here: Path) -> None:
    seqgen("new", "plain-tanh", "--kind", "cell")
    folder = here / "seqgen-plain-tanh"
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert project["entry-points"] == {"seqgen.cells": {"plain-tanh": "seqgen_plain_tanh"}}
    workflow = (folder / ".github/workflows/test.yml").read_text()
    assert "- run: seqgen check --cell plain-tanh\n" in workflow
    assert 'pip install "seqgen[tensorflow,testing]==' in workflow
    readme = (folder / "README.md").read_text()
    assert "seqgen run dinos --cell plain-tanh" in readme and "$" not in readme


@pytest.mark.parametrize(("kind", "name"), [("cell", "gru"), ("sampler", "stochastic-beam")])
def test_the_name_of_a_built_in_component(seqgen: Run, here: Path, kind: str, name: str) -> None:
    answer = seqgen("new", name, "--kind", kind)
    assert answer.code == 1 and f"seqgen has a {kind} '{name}'; choose another name" in answer.err
    assert files_in(here) == []


def test_a_new_sampler_passes_its_checks(
    seqgen: Run, here: Path, monkeypatch: pytest.MonkeyPatch, dinos_model: Path
) -> None:
    assert seqgen("new", "half-greedy", "--kind", "sampler").code == 0
    folder = here / "seqgen-half-greedy"
    monkeypatch.syspath_prepend(str(folder))
    kind = importlib.import_module("seqgen_half_greedy").HalfGreedySampler
    subject, checks = checks_of(kind())
    assert {check.outcome(subject).status for check in checks} == {"passed"}
    model = public.load(dinos_model)
    assert model.generate(3, sampler=kind(half_greedy_share=1)).texts == (
        model.generate(3, sampler="greedy").texts
    )
    test = (folder / "tests/test_half_greedy.py").read_text()
    assert "parametrize_with_checks(seqgen_half_greedy.HalfGreedySampler())" in test
    assert "seqgen check --sampler half-greedy" in (folder / "README.md").read_text()
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert project["entry-points"] == {"seqgen.samplers": {"half-greedy": "seqgen_half_greedy"}}
    assert project["optional-dependencies"]["dev"] == ["seqgen[testing]"]
    with pytest.raises(SeqgenError, match=r"half_greedy_share must be <= 1\.0, was 2"):
        kind(half_greedy_share=2)


@pytest.mark.parametrize(
    ("version", "bounds"),
    [("0.1.0", ">=0.1.0,<0.2"), ("0.12.3", ">=0.12.3,<0.13"), ("2.3.1", ">=2.3.1,<3")],
)
def test_the_bounds_of_the_dependency(version: str, bounds: str, here: Path) -> None:
    NewPlugin("pasta", 2026, version).write(here)
    project = tomllib.loads((here / "seqgen-pasta/pyproject.toml").read_text())["project"]
    assert project["dependencies"] == [f"seqgen{bounds}"]
    workflow = (here / "seqgen-pasta/.github/workflows/test.yml").read_text()
    assert f'seqgen: ["{version}", "newest"]' in workflow
    assert "python-version: ${{ matrix.python }}" in workflow
    assert 'pip install "seqgen[testing]==${{ matrix.seqgen }}"' in workflow


def test_publishing_needs_no_password(seqgen: Run, here: Path) -> None:
    seqgen("new", "pasta")
    workflow = (here / "seqgen-pasta/.github/workflows/publish.yml").read_text()
    assert "id-token: write" in workflow and "environment: release" in workflow
    assert "secrets." not in workflow and "password:" not in workflow


@pytest.mark.parametrize("name", ["Pasta", "2nd", "pa sta", "pasta-", "a_", "", "-a", "a/b", "..",
                                  "a" * 51, "nüdeln", "pasta\n", "$name"])  # fmt: skip
def test_an_invalid_name(name: str, here: Path) -> None:
    with pytest.raises(SeqgenError, match=re.escape(f"was {name!r}")):
        NewPlugin(name, 2026, "0.1.0")
    assert files_in(here) == []


def test_the_longest_name(seqgen: Run, here: Path) -> None:
    assert seqgen("new", "a" * 50).code == 0
    assert len(files_in(here)) == len(WRITTEN)


def test_the_name_of_an_installed_plugin(
    seqgen: Run, install: Install, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(GOOD.format(name="birds"))
    monkeypatch.setenv("SEQGEN_PLUGINS", "dinos")  # hidden, but installed
    answer = seqgen("new", "birds")
    assert (answer.code, answer.out) == (1, "")
    assert "plugin 'birds' (seqgen-birds 1.5) already has this name; choose another" in answer.err
    assert files_in(here) == []


def test_nothing_is_overwritten(seqgen: Run, here: Path) -> None:
    (here / "seqgen-pasta").mkdir()
    (here / "seqgen-pasta" / "mine.txt").write_text("mine")
    answer = seqgen("new", "pasta")
    assert answer.code == 1 and "seqgen-pasta already exists and is not overwritten" in answer.err
    assert files_in(here) == ["seqgen-pasta/mine.txt"]
    (here / "seqgen-bread").write_text("a file")
    assert seqgen("new", "bread").code == 1
    assert (here / "seqgen-bread").read_text() == "a file"


def test_no_partial_package_is_left(
    seqgen: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: str) -> None:
        if path.name == "README.md":
            raise OSError(28, "No space left on device")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    monkeypatch.setattr("seqgen.scaffold.new_plugin.write_file", full)
    answer = seqgen("new", "pasta")
    assert answer.code == 1 and "cannot write seqgen-pasta: No space left on device" in answer.err
    assert names_in(here) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other modes")
def test_default_modes(seqgen: Run, here: Path) -> None:
    mask = os.umask(0o022)
    try:
        seqgen("new", "pasta")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((here / "seqgen-pasta").stat().st_mode) == 0o755
    assert stat.S_IMODE((here / "seqgen-pasta/README.md").stat().st_mode) == 0o644
