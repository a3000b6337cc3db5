"""A model named by its file, its run folder or its domain."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import seqgen as sg
from seqgen.inference.open_model import resolve_target
from seqgen.registry.installed_plugins import load_domain

from ..conftest import Run

SHIPPED = load_domain("dinos").domain.model


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def save_run(name: str, model: Path, age: float = 0.0) -> Path:
    """A run folder of dinos with a model of this age in seconds."""
    folder = Path("runs/dinos") / name
    folder.mkdir(parents=True)
    path = folder / "model.safetensors"
    shutil.copyfile(model, path)
    written = path.stat().st_mtime - age
    os.utime(path, (written, written))
    return folder


def test_a_domain_without_runs_has_its_shipped_model() -> None:
    target = resolve_target("dinos")
    assert target.path == SHIPPED and not target.named
    assert target.loaded.domain.name == target.manifest["domain"]["name"] == "dinos"


def test_the_newest_run_of_a_domain_comes_before_its_shipped_model(dinos_model: Path) -> None:
    save_run("old", dinos_model, age=60.0)
    folder = save_run("new", dinos_model)
    assert resolve_target("dinos").path == folder / "model.safetensors"


def test_a_run_folder_and_a_model_file(dinos_model: Path) -> None:
    folder = save_run("default", dinos_model)
    assert resolve_target(str(folder)).path == folder / "model.safetensors"
    target = resolve_target(dinos_model)
    assert target.path == dinos_model and target.named
    assert target.open().path == dinos_model


def test_a_run_folder_comes_before_a_domain_of_its_name(dinos_model: Path) -> None:
    Path("dinos").mkdir()
    assert resolve_target("dinos").path == SHIPPED, "the folder holds no model"
    shutil.copyfile(dinos_model, Path("dinos/model.safetensors"))
    assert resolve_target("dinos").path == Path("dinos/model.safetensors")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dinoz", "no model file, run folder or domain 'dinoz'; did you mean dinos?"),
        ("runs/dinos/defualt", "did you mean runs/dinos/default?"),
        ("runs/dinos/default/modle.safetensors", "model.safetensors?"),
        ("0.5", "If 0.5 is the value of a flag, give flags after the model"),
        ("empty", "the folder empty holds no model"),
        ("file.safetensors", "is damaged or not a model file"),
        ("none.py", "no domain file none.py"),
    ],
)
def test_an_unknown_name(dinos_model: Path, name: str, message: str) -> None:
    save_run("default", dinos_model)
    Path("empty").mkdir()
    Path("file.safetensors").write_bytes(b"cut")
    with pytest.raises(sg.SeqgenError) as caught:
        resolve_target(name)
    assert message in str(caught.value)


def test_a_domain_file_without_a_model() -> None:
    Path("words.py").write_text(
        "import seqgen\n\n\n@seqgen.hookimpl\ndef seqgen_domain():\n"
        "    return seqgen.Domain(name='words', summary='Words', encoder=seqgen.CharEncoder,\n"
        "                         corpus=lambda source, options: ['ab', 'ba'])\n"
    )
    with pytest.raises(sg.SeqgenError, match=r"domain 'words' ships no model and runs.words holds"):
        resolve_target("words.py")


def test_every_command_takes_the_name_of_a_domain(seqgen: Run) -> None:
    names = seqgen("generate", "dinos", "-n", 2, "--starts-with", "t")
    assert names.code == 0, names.err
    assert [line[0] for line in names.out.splitlines()] == ["T", "T"] and "using" in names.err
    assert seqgen("score", "dinos", "--text", "minmi").code == 0
    assert seqgen("inspect", "dinos").code == 0


def test_a_domain_is_opened_from_python() -> None:
    model = sg.open_model("dinos")
    assert [item.text for item in model.generate(2)] == [
        item.text for item in sg.open_model(SHIPPED or "").generate(2)
    ]
