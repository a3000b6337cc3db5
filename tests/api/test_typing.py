"""Type checkers know the settings: a program of a user passes, and a misspelt setting does not."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api

import seqgen
from seqgen.api import setting_types

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "typed_program.py"
#: Edits of the program, and the error that each causes.
ERRORS = {
    ("temperature=0.8", "temperatur=0.8"): 'Unexpected keyword argument "temperatur"',
    ("temperature=0.8", 'temperature="warm"'): 'Argument "temperature" to "generate"',
    ("best=2", "bestt=2"): 'Unexpected keyword argument "bestt"',
    ("minutes=1", "minuets=1"): 'Unexpected keyword argument "minuets"',
    ("units=64", 'units="64"'): 'Argument "units" to "train"',
    ("names: list[str]", "names: list[int]"): "Incompatible types in assignment",
    ("first: str", "first: int"): "Incompatible types in assignment",
    ("again: seqgen.Model[str]", "again: seqgen.Model[int]"): "has incompatible type",
    ("stop=3", 'stop="3"'): 'Argument "stop" to "stream"',
    (
        'data=["abba", "cdcd"]',
        "data=[1, 2]",
    ): 'Cannot infer value of type parameter "Item" of "train"',
    ('evaluate(["abba"])', "evaluate([3])"): "List item 0 has incompatible type",
    ("model.metrics.nats_per_token", "model.metrics.nats"): '"Metrics" has no attribute "nats"',
}


@pytest.mark.slow
def test_a_type_checker_finds_the_errors_of_a_program(tmp_path: Path) -> None:
    code = PROGRAM.read_text(encoding="utf-8")
    wrong = {tmp_path / f"wrong{place}.py": edit for place, edit in enumerate(ERRORS)}
    for path, (old, new) in wrong.items():
        assert old in code
        path.write_text(code.replace(old, new, 1))
    options = ["--strict", "--follow-imports=silent", "--config-file="]
    output, errors, _ = api.run([*options, str(PROGRAM), *map(str, wrong)])
    assert not errors and PROGRAM.name not in output, output + errors
    for path, edit in wrong.items():
        lines = [line for line in output.splitlines() if path.name in line]
        assert any(ERRORS[edit] in line for line in lines), (edit, lines)


def test_the_types_are_those_of_the_settings() -> None:
    path = ROOT / "docs" / "make_setting_types.py"
    spec = importlib.util.spec_from_file_location("make_setting_types", path)
    assert spec is not None and spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    current = Path(setting_types.__file__).read_text(encoding="utf-8")
    assert current == maker.source(), "run: python docs/make_setting_types.py"


@pytest.mark.slow
def test_a_type_checker_of_the_users_own_finds_the_types(tmp_path: Path) -> None:
    """Without the configuration of this repository, and in another folder."""
    (tmp_path / "program.py").write_text(PROGRAM.read_text(encoding="utf-8"))
    call = [sys.executable, "-m", "mypy", "--strict", "program.py"]
    # A type checker does not see editable installations; on the path it reads the package as one
    # that is installed, for which it requires ``py.typed``.
    env = {**os.environ, "PYTHONPATH": str(Path(seqgen.__file__).parents[1])}
    done = subprocess.run(call, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
