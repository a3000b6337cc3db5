"""Fixtures of the core's tests, and the settings that keep them deterministic."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

from seqgen.registry.components import find_component

from .helpers.fakes import dino_names, dinos, model_by_hand

# The same examples in every run, and no clock: a busy machine must not fail a test.
settings.register_profile("seqgen", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("seqgen")


def pytest_configure(config: pytest.Config) -> None:
    # TensorFlow's tensors do not know the copy argument that NumPy 2 passes to __array__, and
    # keras.ops.convert_to_numpy meets this on every call. Nothing else is let through.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning",
    )


@dataclass(frozen=True)
class Answer:
    """What a command gave: its exit code and both streams."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def seqgen(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process: ``seqgen("generate", path, "-n", 3)``."""
    from seqgen.cli.main import _run

    def run(*args: object) -> Answer:
        capsys.readouterr()
        code = _run([str(arg) for arg in args])
        return Answer(code, *capsys.readouterr())

    return run


def in_process(args: Sequence[str], **environment: str) -> Answer:
    """Run Python in a process of its own and wait for it."""
    done = subprocess.run(
        [sys.executable, *args],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=900,  # a busy machine must not fail a test; what hangs for good must
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def python() -> Run:
    """Run ``python *args`` in a process of its own; keywords are environment variables."""
    return lambda *args, **environment: in_process([str(arg) for arg in args], **environment)


Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a tiny distribution whose one module holds the given code."""
    before = set(sys.modules)

    def make(
        code: str,
        name: str = "birds",
        distribution: str = "seqgen-birds",
        version: str = "1.5",
        group: str = "seqgen",
    ) -> Path:
        folder = tmp_path / distribution
        module = f"fake_{distribution.replace('-', '_')}"
        about = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        about.mkdir(parents=True)
        (folder / f"{module}.py").write_text(code)
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\nSummary: Feathers\n"
            "Requires-Dist: seqgen<0.2,>=0.1\n"
        )
        (about / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(str(folder))
        return folder / f"{module}.py"

    yield make
    find_component.cache_clear()
    for name in set(sys.modules) - before:
        if name.startswith("fake_"):
            del sys.modules[name]


@pytest.fixture(scope="session")
def dinos_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small dinos model file of random weights, written without Keras or TensorFlow."""
    from seqgen.models.model_file import save_model

    path = tmp_path_factory.mktemp("model") / "model.safetensors"
    save_model(path, model_by_hand(dinos(), dino_names()))
    return path


@pytest.fixture(scope="session")
def jazz_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small jazz model file of random weights over a few of the shipped solos."""
    from seqgen.models.model_file import save_model
    from seqgen.registry.installed_plugins import load_domain

    jazz = load_domain("jazz")
    solos = jazz.domain.corpus(None, jazz.domain.data_options())
    path = tmp_path_factory.mktemp("model") / "jazz.safetensors"
    save_model(path, model_by_hand(jazz, list(solos.items)[:12]))  # type: ignore[union-attr]
    return path


@pytest.fixture
def receipt(seqgen: Run, dinos_model: Path) -> dict[str, Any]:
    """The receipt of one sample."""
    sample = json.loads(seqgen("generate", dinos_model, "--only", 2, "--json").out)
    found: dict[str, Any] = sample["receipt"]
    return found


@pytest.fixture
def replay(seqgen: Run, tmp_path: Path) -> Run:
    """Replay a JSON value, written to a file."""

    def run(value: Any, *flags: object) -> Answer:
        path = tmp_path / "receipt.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return seqgen("replay", path, *flags)

    return run


@pytest.fixture(scope="session")
def keras_rnn() -> ModuleType:
    """The module of KerasRNN, with the backend prepared as for a run; takes seconds once."""
    from seqgen.training.backend import prepare_backend

    prepare_backend(0)
    import seqgen.models.keras_rnn.keras_rnn

    return seqgen.models.keras_rnn.keras_rnn
