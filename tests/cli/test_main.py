"""The seqgen command: suggestions for mistyped commands and options, and errors of domains."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from seqgen.cli.main import COMMAND_GROUPS, COMMANDS

from ..conftest import Install, Run

CODE = """import json

import seqgen


def corpus(source, options):
    return json.loads("{")


@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(name="birds", summary="B", corpus=corpus, encoder=seqgen.CharEncoder)
"""


@pytest.mark.parametrize(
    ("args", "suggestion"),
    [
        (["gnerate"], "seqgen generate"),
        (["evalute", "m.safetensors"], "seqgen evaluate"),
        (["dinos"], "seqgen run dinos"),
        (["./birds.py", "--epochs", "3"], "seqgen run ./birds.py"),
        (["help"], "seqgen --help"),
        (["list"], "seqgen plugins"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_unknown_command_gets_a_suggestion(
    seqgen: Run, args: Sequence[str], suggestion: str
) -> None:
    answer = seqgen(*args)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.splitlines() == [
        f"Error: no command {args[0]!r}; did you mean: {suggestion}",
        "Try: seqgen --help",
    ]


def test_a_strange_command_gets_no_suggestion(seqgen: Run) -> None:
    assert seqgen("fly").err == "Error: no command 'fly'\nTry: seqgen --help\n"


def test_without_arguments_the_help_is_shown(seqgen: Run) -> None:
    answer = seqgen()
    assert answer.code == 0 and answer.out == seqgen("--help").out


def test_the_help_lists_the_commands_in_groups(seqgen: Run) -> None:
    lines = seqgen("--help").out.splitlines()
    for group, commands in COMMAND_GROUPS.items():
        first = lines.index(f"{group}:") + 1
        listed = [line.split()[0] for line in lines[first : first + len(commands)]]
        assert listed == list(commands)
    assert len(set(COMMANDS)) == len(COMMANDS)


def test_the_package_can_be_run(python: Run) -> None:
    answer = python("-m", "seqgen", "--help")
    assert answer.code == 0 and answer.out.startswith("Usage: seqgen ")


def test_an_error_in_a_domain_file_is_located(seqgen: Run, tmp_path: Path) -> None:
    path = tmp_path / "birds.py"
    path.write_text(CODE)
    with pytest.raises(ValueError) as error:
        seqgen("run", path)
    (note,) = error.value.__notes__
    assert f"raised this: {path}, line 7; to find such errors run: seqgen check {path}." in note


def test_an_error_in_a_plugin_is_located(seqgen: Run, install: Install) -> None:
    path = install(CODE)
    with pytest.raises(ValueError) as error:
        seqgen("run", "birds")
    (note,) = error.value.__notes__
    assert f"raised this: {path}, line 7; to find such errors run: seqgen check birds." in note


def test_an_error_in_seqgen_is_not_attributed_to_a_domain(
    seqgen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> None:
        raise ValueError(name)

    monkeypatch.setattr("seqgen.cli.options.load_domain", broken)
    with pytest.raises(ValueError) as error:
        seqgen("run", "dinos")
    assert not hasattr(error.value, "__notes__")
