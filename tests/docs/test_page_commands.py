"""Every code block and every command of the documentation runs, on small data, for an epoch."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import runpy
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from ..helpers.pages import LANGUAGES, PAGES, ROOT, blocks, commands, quickened

README = ROOT / "README.md"
SOLOS = ROOT / "plugins" / "jazz" / "seqgen_jazz" / "data"
#: Another process may write there while examples are copied.
IGNORED = shutil.ignore_patterns("__pycache__")
NAMES = """
minmi kol mei zby triceratops trinisaura tyrannosaurus tarbosaurus saltasaurus megaraptor
microraptor velociraptor utahraptor diplodocus brachiosaurus gorgosaurus torosaurus
""".split()  # noqa: SIM905 (shorter than a list)


def _third_party(page: Path) -> bool:
    """Whether it is of a distribution that only the trial of the wheels installs."""
    return page.parent.parent.name == "examples" and (page.parent / "pyproject.toml").is_file()


def _quiet(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=_quiet)
def test_blocks_say_what_they_are(page: Path) -> None:
    """So that none is left out of these tests by having no language."""
    fences = re.findall(r"^ *```(\w*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    found = blocks(page)
    assert len(fences) == 2 * len(found), "a fence is indented or left open"
    for block in found:
        assert block.language in LANGUAGES, block.text
        if block.language == "toml":
            tomllib.loads(block.text)


@pytest.fixture
def clone(
    tmp_path: Path,
    trained_runs: Path,
    monkeypatch: pytest.MonkeyPatch,
    few_items: Callable[..., None],
) -> Path:
    """The current folder as a clone has it after ``make run``: examples and trained runs."""
    shutil.copytree(trained_runs, tmp_path / "runs")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=IGNORED)
    few_items(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def workplace(clone: Path, trained_runs: Path) -> Path:
    """A clone with the user's own files that the pages mention."""
    tmp_path = clone
    for name in ("my-names.txt", "other-names.txt"):
        (tmp_path / name).write_text("\n".join(NAMES))
    (tmp_path / "names.csv").write_text("\n".join(["name,year", *(f"{n},1990" for n in NAMES)]))
    for folder in ("my-tunes", "music"):
        (tmp_path / folder).mkdir()
        for name in ("waltzes", "modal", "bossa"):
            shutil.copy(SOLOS / f"{name}.abc", tmp_path / folder)
    (tmp_path / "tune.txt").write_text(
        "style: Bossa Nova\nDm7 | G7 | Cmaj7 | % | Fm7 | Bb7 | Ebmaj7 | %"
    )
    shutil.copy(
        ROOT / "examples/molecules/seqgen_molecules/molecules.smi", tmp_path / "my-molecules.smi"
    )
    for name in ("phrase.mid", "my4bars.mid"):
        (tmp_path / name).write_bytes(_phrase())
    for name in ("solo.mid", "mine.mid"):  # with chords, as a score card needs them
        shutil.copy(trained_runs / "jazz" / "default" / "samples" / "solo-001.mid", tmp_path / name)
    return tmp_path


def _phrase() -> bytes:
    """Four bars of quarter notes as a MIDI file."""
    from seqgen_jazz.output.midi import midi_file, note_events

    notes = [
        event for n in range(16) for event in note_events(480 * n, 480 * n + 400, 0, 60 + n, 80)
    ]
    return midi_file([notes], 480, 480 * 16)


@pytest.fixture(scope="session")
def few_items(tmp_path_factory: pytest.TempPathFactory) -> Callable[[pytest.MonkeyPatch], None]:
    """Makes the shipped domains ship a few items only."""
    import seqgen_dinos
    import seqgen_jazz.corpus.load_corpus

    few = tmp_path_factory.mktemp("few") / "genera.txt"
    short = [name for name in seqgen_dinos.NAMES.read_text().split() if len(name) < 9]
    few.write_text("\n".join(short[:120]))
    data = tmp_path_factory.mktemp("few-solos")
    shutil.copy(SOLOS / "blues.abc", data)

    def patch(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(seqgen_dinos, "NAMES", few)
        patch.setattr(seqgen_jazz.corpus.load_corpus, "_DATA", data)

    return patch


@pytest.fixture(scope="session")
def trained_runs(
    few_items: Callable[[pytest.MonkeyPatch], None], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """``runs/`` as the first commands of the pages leave it; one process trains for all."""
    base = tmp_path_factory.getbasetemp()
    # A process of pytest-xdist has a folder of its own in that of the session.
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "trained"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _train_runs(folder, few_items)
            (folder / "done").touch()
    return folder / "runs"


def _train_runs(folder: Path, few_items: Callable[[pytest.MonkeyPatch], None]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        few_items(patch)
        folder.mkdir()
        patch.chdir(folder)
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=IGNORED)
        for domain in ("dinos", "jazz", "examples/towns/towns_with_length.py"):
            _succeeds(["run", domain, *(["--generate", "--train"] if domain == "jazz" else [])])


def _succeeds(words: list[str]) -> None:
    from seqgen.cli.main import _run

    found = [sorted(map(str, Path().glob(word))) if "/*" in word else [word] for word in words]
    assert _run(quickened([word for part in found for word in part])) == 0, " ".join(words)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [p for p in PAGES if any(blocks(p)) and not _third_party(p)], ids=_quiet
)
def test_code_and_commands_run(page: Path, request: pytest.FixtureRequest) -> None:
    """The README's need nothing but a clone: the files that they name are in it."""
    workplace: Path = request.getfixturevalue("clone" if page == README else "workplace")
    names: dict[str, object] = {"__file__": str(workplace / "examples" / "towns" / "page.py")}
    for block in blocks(page):
        if block.language == "python" and block.mark != "file":
            exec(compile(block.text, f"{page.name}, a block", "exec"), names)
        elif block.language == "sh":
            for words in commands(block):
                _command(words, block.mark in ("elsewhere", "wheels"))
    _call_tests(names, workplace)


def _call_tests(names: dict[str, object], folder: Path) -> None:
    """Call the tests that a page shows: those without arguments, and those of the fixture."""
    from seqgen.testing.fixtures import DomainRunner

    for name, function in names.items():
        if name.startswith("test_") and inspect.isfunction(function):
            wanted = set(inspect.signature(function).parameters)
            if not wanted or wanted == {"domain_runner"}:
                function(*[DomainRunner(folder)] * len(wanted))


def _command(words: list[str], elsewhere: bool) -> None:
    """Run a command of seqgen; hold any other against what the repository has."""
    if words[0] == "seqgen" and not elsewhere:
        _succeeds(words[1:])
    elif words[0] == "make":
        rule = rf"^([\w-]+ )*{words[1]}( [\w-]+)*:"  # one rule may be of several targets
        assert re.search(rule, (ROOT / "Makefile").read_text(), re.MULTILINE), words
    elif words[0] == "python" and words[1] == "-m" and words[2].startswith("benchmarks."):
        assert (ROOT / f"{words[2].replace('.', '/')}.py").is_file(), words
    elif words[:2] == ["pip", "install"] and words[2].startswith("./"):
        assert (ROOT / words[2].split("[")[0] / "pyproject.toml").is_file(), words
    elif words[:3] == ["python", "-m", "seqgen_molecules.metrics"]:
        _figures_of_molecules(words[3])
    elif words[:3] == ["python", "-m", "webbrowser"]:
        assert Path(words[3]).is_file(), words
    elif words == ["python", "examples/djmodel/run.py"]:
        assert (ROOT / words[1]).is_file()  # tests/models/test_djmodel_example.py runs it
    else:
        assert elsewhere or words[0] == "source", f"nothing runs {' '.join(words)!r}"


def _figures_of_molecules(samples: str) -> None:
    """Needs RDKit, an extra of that example; without it only what it reads is looked up."""
    assert Path(samples).is_file()
    if importlib.util.find_spec("rdkit"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["metrics", samples])
            runpy.run_module("seqgen_molecules.metrics", run_name="__main__")
