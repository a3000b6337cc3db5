"""Built wheels in a new environment, outside the checkout: everything that a user does with them.

    python -m tests.helpers.wheels dist

installs the wheels of seqgen and its plugins without a backend, and does all that needs no training
(``tests.helpers.without_backend``). Then it installs TensorFlow and the other wheels, looks that
nothing is imported from the checkout, and runs every domain's conformance checks (of plugins by
``seqgen check``, of examples by their own tests), the tests of plugins and examples, the one-file
example, the tutorial on publishing, command by command as it is printed, and new packages of
a cell and a sampler.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from tests.helpers.pages import blocks
from tests.helpers.without_backend import (
    LARGEST_CORE,
    LARGEST_WITH_PLUGINS,
    check_size,
    check_without_backend,
)

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorials" / "publish.md"
#: No single command may take longer, in seconds.
LIMIT = 900
#: The tests of plugins draw the same examples every time, and no clock fails them.
CONFTEST = '''\
"""What the repository's own conftest sets for the tests of plugins."""

from hypothesis import settings

settings.register_profile("wheels", derandomize=True, deadline=None, max_examples=20)
settings.load_profile("wheels")
'''
#: The tests of every domain that run the conformance checks.
CONFORMANCE = "test_conformance.py"
#: The tests of plugins that look at the installed package.
INSTALLED = ("test_plugin.py", "test_export.py")
MARKERS = "slow: trains a model or starts several processes"
IGNORED = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"


@final
@dataclass(frozen=True)
class Distribution:
    """A distribution of this repository: its folder, name, packages, domains and extras."""

    folder: Path
    name: str
    packages: tuple[str, ...]
    domains: tuple[str, ...]
    extras: tuple[str, ...]


@final
@dataclass(frozen=True)
class Environment:
    """A virtual environment, and a folder to work in that is not in the checkout."""

    home: Path
    work: Path

    @property
    def programs(self) -> Path:
        """Where its programs are."""
        return self.home / ("Scripts" if sys.platform == "win32" else "bin")

    def run(self, *command: str | Path, inside: Path | None = None) -> None:
        """Run one of its programs, and end everything where that fails."""
        print(f"$ {' '.join(map(str, command)).strip()}", flush=True)
        self._run(command, inside, None)

    def output(self, *command: str | Path) -> str:
        """What one of its programs writes to stdout."""
        return str(self._run(command, None, subprocess.PIPE).stdout)

    def error(self, *command: str | Path) -> str:
        """What a program that has to fail writes to stderr."""
        print(f"$ {' '.join(map(str, command))}", flush=True)
        try:
            self._run(command, None, subprocess.PIPE, subprocess.PIPE)
        except subprocess.CalledProcessError as failure:
            print(failure.stderr, flush=True)
            return str(failure.stderr)
        raise AssertionError(f"{command} did not fail")

    def _run(
        self,
        command: tuple[str | Path, ...],
        inside: Path | None,
        stdout: int | None,
        stderr: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("PYTHON", "SEQGEN", "VIRTUAL_ENV"))
        }
        path = f"{self.programs}{os.pathsep}{kept.get('PATH', '')}"
        program = shutil.which(str(command[0]), path=path) or str(command[0])
        return subprocess.run(
            [program, *map(str, command[1:])],
            cwd=inside or self.work,
            env={**kept, "PATH": path, "VIRTUAL_ENV": str(self.home), "PIP_QUIET": "1"},
            check=True,
            text=True,
            stdout=stdout,
            stderr=stderr,
            timeout=LIMIT,
        )


@contextmanager
def timed(what: str, table: dict[str, float]) -> Iterator[None]:
    """Note how long a step takes."""
    print(f"\n== {what}", flush=True)
    start = time.monotonic()
    yield
    table[what] = time.monotonic() - start


def distributions() -> list[Distribution]:
    """Every distribution of the repository, seqgen first."""
    found = [ROOT / "pyproject.toml", *sorted(ROOT.glob("plugins/*/pyproject.toml"))]
    found += sorted(ROOT.glob("examples/*/pyproject.toml"))
    return [_distribution(path) for path in found]


def _distribution(path: Path) -> Distribution:
    about = tomllib.loads(path.read_text(encoding="utf-8"))
    return Distribution(
        path.parent,
        about["project"]["name"],
        _packages(path.parent, about["tool"]["setuptools"]["packages"]),
        tuple(about["project"].get("entry-points", {}).get("seqgen", {})),
        tuple(about["project"].get("optional-dependencies", {})),
    )


def _packages(folder: Path, described: Any) -> tuple[str, ...]:
    """The packages of a distribution: listed in its pyproject.toml, or found by a pattern."""
    if isinstance(described, list):
        return tuple(described)
    patterns = [
        folder.glob(f"{pattern}/**/__init__.py") for pattern in described["find"]["include"]
    ]
    files = sorted(path for found in patterns for path in found)
    return tuple(".".join(path.parent.relative_to(folder).parts) for path in files)


def wheel_of(distribution: Distribution, folder: Path, *extras: str) -> str:
    """The one wheel of a distribution in a folder, with those of the extras that it has."""
    wheels = list(folder.glob(f"{distribution.name.replace('-', '_')}-*.whl"))
    assert len(wheels) == 1, f"{distribution.name}: one wheel in {folder}, found {wheels}"
    chosen = ",".join(extra for extra in extras if extra in distribution.extras)
    return f"{wheels[0].resolve()}{f'[{chosen}]' if chosen else ''}"


def install(
    environment: Environment,
    some: list[Distribution],
    wheels: Path,
    *extras: str,
    options: Sequence[str] = (),
) -> None:
    """Install wheels, with those of the extras that they have and with options of pip."""
    files = [wheel_of(distribution, wheels, *extras) for distribution in some]
    pinned = ROOT / "constraints.txt"
    environment.run("python", "-m", "pip", "install", "--constraint", pinned, *options, *files)


def install_without_backend(
    environment: Environment, every: list[Distribution], wheels: Path
) -> None:
    """Make the environment, install seqgen and then its plugins, and measure the sizes."""
    venv.create(environment.home, with_pip=True)
    plugins = [distribution for distribution in every if "plugins" in distribution.folder.parts]
    install(environment, every[:1], wheels)
    check_size(environment, LARGEST_CORE)
    install(environment, plugins, wheels)
    check_size(environment, LARGEST_WITH_PLUGINS)


def check_import_locations(environment: Environment, every: list[Distribution]) -> None:
    """Nothing comes from the checkout: neither a package nor a folder that is searched."""
    packages = sorted({package for d in every for package in d.packages})
    code = (
        "import importlib, json, sys; print(json.dumps([sys.path, "
        f"[importlib.import_module(p).__file__ for p in {packages!r}]]))"
    )
    searched, files = json.loads(environment.output("python", "-c", code))
    for path in (Path(name).resolve() for name in searched if name):
        assert not path.is_relative_to(ROOT), f"{path} is searched for modules"
    for file in files:
        assert Path(file).is_relative_to(environment.home), f"{file} is not in the environment"
    print(f"{len(files)} packages, all in the new environment")


def check_plugins(environment: Environment, every: list[Distribution]) -> None:
    """The domains are there and work; the laws are checked where the tests do not do it."""
    environment.run("seqgen", "plugins", "--verbose")
    listed: list[dict[str, Any]] = json.loads(
        environment.output("seqgen", "plugins", "--verbose", "--json")
    )
    expected = sorted(domain for distribution in every for domain in distribution.domains)
    assert [entry["name"] for entry in listed] == expected, f"{expected} were installed"
    for entry in listed:
        assert entry["works"], entry["broken"]
        assert Path(entry["file"]).is_relative_to(environment.home), entry["file"]
    for distribution in every:
        if CONFORMANCE not in {path.name for path in _test_files(distribution)}:
            for domain in distribution.domains:
                environment.run("seqgen", "check", domain)


def _test_files(distribution: Distribution) -> list[Path]:
    """All tests of an example; of a plugin those that look at the installed package, as the
    others were run from the checkout, and ``seqgen check`` runs the conformance checks."""
    example = distribution.folder.parent.name == "examples"
    found = sorted((distribution.folder / "tests").glob("test_*.py"))
    return [path.relative_to(ROOT) for path in found if example or path.name in INSTALLED]


def run_tests(environment: Environment, every: list[Distribution]) -> None:
    """The tests of plugins and examples, copied away from the code that they are beside."""
    (environment.work / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    for distribution in every[1:]:
        files = _test_files(distribution)
        if not files:
            continue
        place = files[0].parent
        shutil.copytree(
            ROOT / place, environment.work / place, ignore=shutil.ignore_patterns("__pycache__")
        )
        environment.run(
            "python", "-P", "-m", "pytest", "-q", "--rootdir", ".", "--strict-markers",
            "--import-mode=importlib", "-p", "no:cacheprovider", "-W", "error", "-W", IGNORED,
            "-o", f"markers={MARKERS}", *files,
        )  # fmt: skip


def run_file(environment: Environment) -> None:
    """The one-file example, beside its data and nothing else."""
    ignored = shutil.ignore_patterns("__pycache__")  # tests of the checkout may write there
    shutil.copytree(ROOT / "examples" / "towns", environment.work / "towns", ignore=ignored)
    environment.run("seqgen", "run", "towns/towns.py", "--epochs", "2", "--units", "16")


def follow_tutorial(environment: Environment) -> None:
    """The tutorial, as a reader would: files are written and commands run, in its order."""
    folder, place = environment.work / "tutorial", environment.work / "place"
    folder.mkdir()
    for block in blocks(TUTORIAL):
        if block.mark == "write":
            (folder / block.value).write_text(block.text, encoding="utf-8")
        elif block.mark == "wheels":
            environment.run("bash", "-euc", f"{block.text}pwd > '{place}'", inside=folder)
            folder = Path(place.read_text(encoding="utf-8").strip())  # a reader stays where cd led


def new_components(environment: Environment) -> None:
    """Packages that ``seqgen new`` writes: installed, tested and used by their names."""
    folders = ("./seqgen-plain-tanh", "./seqgen-half-greedy")
    environment.run("seqgen", "new", "plain-tanh", "--kind", "cell")
    environment.run("seqgen", "new", "half-greedy", "--kind", "sampler")
    environment.run("python", "-m", "pip", "install", "-e", folders[0], "-e", folders[1])
    for folder in folders:
        environment.run("python", "-m", "pytest", "-q", inside=environment.work / folder)
    used = ("--cell", "plain-tanh", "--sampler", "half-greedy", "--half-greedy-share", "0.3")
    environment.run("seqgen", "run", "dinos", *used, "--epochs", "1", "--units", "8")


def main(wheels: Path) -> None:
    """Do all of it in a temporary folder, and show how long each step took."""
    every = distributions()
    took: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="wheels-") as name:
        home = Path(name).resolve()
        environment = Environment(home / "environment", home / "work")
        environment.work.mkdir()
        with timed("install without a backend", took):
            install_without_backend(environment, every, wheels)
        with timed("without a backend", took):
            check_without_backend(environment)
        with timed("install the rest", took):
            # Only what is imported is compiled then, a small part of TensorFlow.
            options = ("--no-compile",)
            install(environment, every, wheels, "tensorflow", "testing", options=options)
        with timed("import locations", took):
            check_import_locations(environment, every)
        with timed("plugins", took):
            check_plugins(environment, every)
        with timed("tests of plugins and examples", took):
            run_tests(environment, every)
        with timed("one file", took):
            run_file(environment)
        with timed("tutorial", took):
            follow_tutorial(environment)
        with timed("new components", took):
            new_components(environment)
    for what, seconds in took.items():
        print(f"{seconds:6.1f} s  {what}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
