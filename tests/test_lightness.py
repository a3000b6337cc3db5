"""Law 8: nothing heavy is imported before it is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

HEAVY = ("numpy", "keras", "tensorflow", "music21", "symusic", "matplotlib")
#: Runs code and prints the modules that it loaded.
PROBE = """
import sys
{code}
print("loaded:", *sorted(sys.modules), file=sys.stderr)
"""
COMMAND = """
from seqgen.cli.main import main
try:
    main({args!r})
except SystemExit as end:
    assert end.code == 0, end.code
"""


def loaded(python: Run, code: str) -> set[str]:
    """The modules that are loaded after some code, run in a process of its own."""
    answer = python("-c", PROBE.format(code=code))
    assert answer.code == 0, answer.err
    return set(answer.err.rpartition("loaded:")[2].split())


def heavy(python: Run, *args: str) -> set[str]:
    """The heavy modules that a command loads."""
    return loaded(python, COMMAND.format(args=list(args))).intersection(HEAVY)


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["--version"],
        ["run", "--help"],
        ["generate", "--help"],
        ["evaluate", "--help"],
        ["plugins"],
        ["plugins", "--json"],
    ],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(python: Run, args: list[str]) -> None:
    assert heavy(python, *args) == set()


def test_help_imports_no_plugin(python: Run) -> None:
    for args in (["run", "--help"], ["plugins"]):
        modules = loaded(python, COMMAND.format(args=args))
        assert not {name for name in modules if name.startswith(("seqgen_dinos", "seqgen_jazz"))}


def test_importing_seqgen_loads_almost_nothing(python: Run) -> None:
    modules = loaded(python, "import seqgen")
    assert modules.isdisjoint({*HEAVY, "click", "rich", "pluggy", "seqgen.domains.domain"})


def test_the_classes_that_a_plugin_subclasses_are_light(python: Run) -> None:
    names = "Domain Evaluation Corpus Encoder CharEncoder SymbolEncoder RegexEncoder Vocabulary"
    names += " Guide RowGuide FreeGuide RuleGuide setting hookimpl"
    code = f"import seqgen\nfor name in {names.split()}: getattr(seqgen, name)"
    assert loaded(python, code).isdisjoint(HEAVY)


def test_no_public_name_needs_more_than_numpy(python: Run) -> None:
    code = "import seqgen\nfor name in seqgen.__all__: getattr(seqgen, name)"
    assert loaded(python, code).intersection(HEAVY) <= {"numpy"}


def test_generate_needs_no_keras(python: Run, dinos_model: Path) -> None:
    used = heavy(python, "generate", str(dinos_model), "-n", "20")
    assert used == {"numpy"}


def test_evaluate_and_inspect_need_no_keras(python: Run, dinos_model: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("aardonyx\nzuul\n")
    assert heavy(python, "evaluate", str(dinos_model), "--data", str(names)) == {"numpy"}
    assert heavy(python, "inspect", str(dinos_model)) <= {"numpy"}
