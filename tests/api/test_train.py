"""seqgen.train: from Python the same model as from the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import seqgen as sg

from ..conftest import Run

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"epochs": 2, "units": 8, "embedding": 4}
FLAGS = ("--epochs", 2, "--units", 8, "--embedding", 4)
NAMES = ["abba", "cdcd", "aabb", "ccdd", "abcd", "dcba", "bbaa"]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path) -> Any:
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)


def letters(corpus: Any = lambda source, options: NAMES) -> sg.Domain[str]:
    """A domain as one makes it in a cell of a notebook."""
    return sg.Domain(name="letters", summary="Letters", corpus=corpus, encoder=sg.CharEncoder)


def test_the_model_file_is_that_of_the_command(
    seqgen: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("\n".join(NAMES))
    model = sg.train("dinos", data="names.txt", **SMALL)
    shown = capsys.readouterr().err
    assert "7 items (5 train, 1 validation, 1 held out)" in shown
    assert model.path == Path("runs/dinos/names/model.safetensors")
    assert seqgen("train", "dinos", "--data", names, "--out", "other", *FLAGS).code == 0
    assert model.path.read_bytes() == Path("other/model.safetensors").read_bytes()
    assert [row["epoch"] for row in model.history] == [1, 2]
    again = sg.train("dinos", data=names, **SMALL)
    assert "is up to date" in capsys.readouterr().err
    assert again.generate(2).texts == model.generate(2).texts == sg.load("dinos").generate(2).texts


def test_items_are_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = sg.train("dinos", data=NAMES, progress=False, **SMALL)
    assert capsys.readouterr() == ("", "")
    assert model.path == Path("runs/dinos/items/model.safetensors")
    assert model.metrics is not None and model.metrics.items == 1
    assert "Held-out likelihood" in model.report(tmp_path / "report.html", 3).read_text()
    copies = model.generate(2, max_copy=2, max_draws=1000)
    assert all(name.lower()[at : at + 3] not in word for name in copies.texts for word in NAMES
               for at in range(len(name) - 2))  # fmt: skip
    with pytest.raises(sg.DataError, match="were passed from Python"):
        sg.load("runs/dinos/items").report(tmp_path / "report.html", 3)
    with pytest.raises(sg.DataError, match="were passed from Python"):
        sg.load("runs/dinos/items").generate(1, max_copy=2)


def test_a_domain_of_a_notebook() -> None:
    model = sg.train(letters(), **SMALL)
    assert sg.load(letters()).generate(2).texts == model.generate(2).texts
    assert model.path is not None
    assert sg.load(model.path, letters()).score(["abba"])[0].shape == (5,)
    with pytest.raises(sg.SeqgenError, match=r"seqgen\.load also takes a Domain"):
        sg.load(model.path)


def test_the_origin_of_a_domain_object_is_its_plugin() -> None:
    domain = sg.domain("dinos")
    assert domain.name == "dinos"
    assert sg.load(domain).loaded.distribution == "seqgen-dinos"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epoch": 3}, "unknown setting 'epoch'; did you mean 'epochs'"),
        ({"temperature": 1.0}, "unknown setting 'temperature'"),
        ({"units": 0}, "units must be >= 1, was 0"),
        ({"units": "many"}, "units must be int, was 'many'"),
        ({"column": 3}, "column must be str, was 3"),
        ({"preset": "huge"}, "preset must be auto or one of"),
        ({"data": "missing.txt"}, "no data at missing.txt"),
        ({"data": []}, "data must hold at least one item"),
        ({"data": [1, 2, 3]}, "data cannot be encoded as dinos .*give items of the domain"),
        ({"data": 3}, "data must be a path or a list of items, was 3"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(sg.SeqgenError, match=message):
        sg.train("dinos", **settings)


def test_a_domain_must_be_one() -> None:
    with pytest.raises(sg.SeqgenError, match="a domain must be its name"):
        sg.train(3)  # type: ignore[type-var, arg-type]
    broken = letters(corpus=lambda: [])
    with pytest.raises(sg.SeqgenError, match="the domain 'letters'"):
        sg.train(broken)


def test_the_origin_of_a_domain_object_is_its_file(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "examples" / "towns" / "towns.py"
    model = sg.train(sg.domain(path), progress=False, **SMALL)
    assert (model.loaded.distribution, model.loaded.file) == ("towns.py", path.resolve())
    assert model.path is not None
    assert sg.load(model.path, path).generate(1).texts == model.generate(1).texts
