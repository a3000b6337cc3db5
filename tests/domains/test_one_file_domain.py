"""A domain of one file: ten lines are enough, and an error in it names its line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seqgen.errors import PluginError
from seqgen.models.model_file import save_model
from seqgen.registry.installed_plugins import load_domain

from ..conftest import Run
from ..helpers.fakes import model_by_hand

TOWNS = """\
import seqgen

def corpus(source, options):
    return (source.read_text() if source else "york leeds hull ripon selby whitby").split()

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="towns", summary="Town names", corpus=corpus, encoder=seqgen.CharEncoder
    )
"""
WITH_OPTIONS = """\
from __future__ import annotations
from dataclasses import dataclass
import seqgen

@dataclass(frozen=True)
class Reading:
    county: str = seqgen.setting("york", "Where the towns lie.")

def corpus(source, reading):
    return [f"{reading.county}{n}" for n in "abcdef"]

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="towns", summary="Towns", corpus=corpus, encoder=seqgen.CharEncoder,
        data_options=Reading,
    )
"""
OWN_ENCODER = """\
import seqgen

class Letters(seqgen.SymbolEncoder[str]):
    def symbols(self, item):
        return list(item)

    def item(self, symbols):
        return "".join(symbols)

@seqgen.hookimpl
def seqgen_domain():
    return seqgen.Domain(
        name="letters", summary="Letters", corpus=lambda source, options: ["york"], encoder=Letters
    )
"""


@pytest.fixture
def towns(tmp_path: Path) -> Path:
    """The file of a domain that works."""
    path = tmp_path / "towns.py"
    path.write_text(TOWNS)
    return path


@pytest.fixture
def model(towns: Path, tmp_path: Path) -> Path:
    """A model file of it."""
    path = tmp_path / "towns.safetensors"
    save_model(path, model_by_hand(load_domain(str(towns)), ["york", "leeds", "hull", "ripon"]))
    return path


def test_a_file_is_a_domain(towns: Path) -> None:
    loaded = load_domain(str(towns))
    assert (loaded.domain.name, loaded.distribution) == ("towns", "towns.py")
    towns.write_text(TOWNS.replace("hull", "goole"))
    assert load_domain(str(towns)).version != loaded.version, "the content is the version"


def test_a_file_replaces_no_module(tmp_path: Path) -> None:
    path = tmp_path / "json.py"
    path.write_text(TOWNS)
    before = sys.modules["json"]
    load_domain(str(path))
    assert sys.modules["json"] is before


def test_a_model_of_a_file_is_used_with_the_file(seqgen: Run, model: Path, towns: Path) -> None:
    answer = seqgen("generate", model, "-n", 3, "--domain", towns)
    assert answer.code == 0 and len(answer.out.splitlines()) == 3
    assert seqgen("generate", "-n", 3, f"--domain={towns}", model).out == answer.out


def test_an_edit_leaves_the_models_of_a_file_in_use(seqgen: Run, tmp_path: Path) -> None:
    """Its encoder is a class of the file, whose module has another name after the edit."""
    path, model = tmp_path / "letters.py", tmp_path / "letters.safetensors"
    path.write_text(OWN_ENCODER)
    domain = load_domain(str(path))
    save_model(model, model_by_hand(domain, ["york", "leeds", "hull", "selby"]))
    path.write_text(f"{OWN_ENCODER}# an edit\n")
    answer = seqgen("generate", model, "--domain", path, "-n", 2)
    assert answer.code == 0, answer.err
    path.write_text(OWN_ENCODER.replace("Letters", "Signs"))
    answer = seqgen("generate", model, "--domain", path, "-n", 2)
    assert answer.code == 0, answer.err
    path.write_text(OWN_ENCODER.replace("    def symbols", '    name = "other"\n\n    def symbols'))
    answer = seqgen("generate", model, "--domain", path, "-n", 2)
    assert answer.code == 1 and "encodes differently" in answer.err


def test_without_the_file_nothing_of_it_is_run(seqgen: Run, model: Path) -> None:
    answer = seqgen("generate", model)
    assert answer.code == 1 and answer.err.count("\n") == 1
    assert "was trained from the domain file towns.py" in answer.err
    assert "with --domain" in answer.err


def test_another_domain_than_that_of_the_model(seqgen: Run, model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.py"
    other.write_text(TOWNS.replace('name="towns"', 'name="villages"'))
    answer = seqgen("generate", model, "--domain", other)
    assert answer.code == 1
    assert "is for domain 'towns', was loaded for 'villages'" in answer.err


def test_options_of_a_file_are_flags(seqgen: Run, tmp_path: Path) -> None:
    path = tmp_path / "towns.py"
    path.write_text(WITH_OPTIONS)
    out = seqgen("run", path, "--help").out
    assert "--county TEXT" in out and "Where the towns lie." in out
    assert out.startswith("Usage: seqgen run")


def test_inspect_reads_data_with_a_file(seqgen: Run, towns: Path, tmp_path: Path) -> None:
    (tmp_path / "data.txt").write_text("goole otley")
    answer = seqgen("inspect", tmp_path / "data.txt", "--domain", towns)
    assert answer.code == 0 and "as towns: 2 items, 12 tokens" in answer.out


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name="towns"', 'name="towns" + 3', "TypeError"),
        ("return seqgen.Domain(", "return seqgen.Domian(", "has no attribute 'Domian'"),
        ("@seqgen.hookimpl", "@seqgen.hookimp", "has no attribute 'hookimp'"),
        ("def corpus(source, options):", "def corpus(source, options:", "SyntaxError"),
        ("import seqgen", "import seqgen, wanting", "No module named 'wanting'"),
    ],
)
def test_an_error_names_the_file_and_the_line(
    seqgen: Run, towns: Path, old: str, new: str, words: str
) -> None:
    place = TOWNS[: TOWNS.index(old)].count("\n") + 1
    towns.write_text(TOWNS.replace(old, new))
    answer = seqgen("run", towns)
    assert (answer.code, answer.out) == (1, "")
    assert f"(towns.py, line {place})" in answer.err and words in answer.err
    assert answer.err.startswith(f"Error: domain file {towns} failed")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("CharEncoder\n", "CharEncoder()\n", "Domain.encoder must be callable, was <"),
        ("corpus=corpus", "corpus='york'", "Domain.corpus must be callable, was 'york' (str)"),
        ('name="towns"', 'name="Towns"', "Domain.name must be a str of lower-case letters"),
        ("return seqgen.Domain(", "return dict(", "must return a seqgen.Domain, was {'name'"),
    ],
)
def test_a_wrong_domain_names_the_file_and_the_line_of_its_hook(
    seqgen: Run, towns: Path, old: str, new: str, words: str
) -> None:
    towns.write_text(TOWNS.replace(old, new))
    answer = seqgen("run", towns)
    assert (answer.code, answer.out) == (1, "") and answer.err.count("\n") == 1
    assert answer.err.startswith(f"Error: domain file {towns}: ") and words in answer.err
    assert "(towns.py, line 6)" in answer.err


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ("encoder=Letters", "encoder=Letters, guide=lambda encoder, prompt, condition: None"),
            "guide() of domain 'letters' must return a seqgen.Guide, was None (NoneType)",
        ),
        (
            ("def item(", "def itme("),
            "the encoder of domain 'letters' cannot be made: Can't instantiate abstract class Lett",
        ),
        (
            ("encoder=Letters", "encoder=lambda options: None"),
            "Domain.encoder of domain 'letters' must make a seqgen.Encoder, made None (NoneType)",
        ),
        (("list(item)", "list(map(ord, item))"), "a symbol must be a string, was "),
    ],
    ids=["no guide", "a method misspelt", "no encoder", "numbers"],
)
def test_errors_of_a_file_are_reported_before_training(
    seqgen: Run, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    path = tmp_path / "letters.py"
    corpus = OWN_ENCODER.replace('["york"]', '["york", "leeds", "hull", "selby"]')
    assert change[0] in corpus
    path.write_text(corpus.replace(*change))
    answer = seqgen("run", path, "--out", tmp_path / "run")
    assert answer.code == 1 and says in answer.err, answer.err
    assert "Traceback" not in answer.err and not (tmp_path / "run").exists()


def test_a_file_with_the_requested_name_is_suggested(
    seqgen: Run, towns: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(towns.parent)
    answer = seqgen("run", "towns")
    assert answer.code == 1 and "towns.py is in this folder: seqgen run ./towns.py" in answer.err
    monkeypatch.setenv("SEQGEN_PLUGINS", "")
    assert seqgen("run", "./towns.py", "--help").code == 0, "a file is no installed plugin"


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"no domain file .*none\.py; give the path of"):
        load_domain(str(tmp_path / "none.py"))
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(PluginError, match="no domain file"):
        load_domain(str(tmp_path / "folder.py"))


@pytest.mark.slow
def test_a_file_trains_and_generates(seqgen: Run, towns: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    flags = ["--epochs", 2, "--units", 8, "--out", out, "-n", 3, "--generate"]
    answer = seqgen("run", towns, *flags)
    assert answer.code == 0, answer.err
    assert "towns: 6 items" in answer.out and "trained 2 epochs" in answer.out
    assert len((out / "samples" / "samples.jsonl").read_text().splitlines()) == 3
    again = seqgen("generate", out / "model.safetensors", "-n", 3, "--domain", towns)
    assert again.code == 0 and all(line in answer.out for line in again.out.splitlines())


def test_a_file_that_may_not_be_read(towns: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PluginError, match=r"cannot read .*towns\.py: Permission denied"):
        load_domain(str(towns))


def test_a_file_that_gives_up_is_no_success(seqgen: Run, towns: Path) -> None:
    towns.write_text(
        "import sys\n" + TOWNS.replace("(source.read", 'sys.exit("closed") or (source.read')
    )
    with pytest.raises(SystemExit, match="closed"):  # Python prints it and exits with 1
        seqgen("run", towns)
