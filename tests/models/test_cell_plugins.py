"""Cells of plugins: trained, saved with their distribution, and missed with a clear error."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from seqgen.errors import ModelFileError, PluginError, SettingError
from seqgen.models.cells.builtin_cells import cell_names, cell_origin, find_cell
from seqgen.models.model_file import load_model, read_manifest, save_model
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.registry.components import find_component
from seqgen.testing.random_model import random_model

from ..conftest import Install, Run
from ..helpers.cells import CELLS, EXAMPLE
from ..helpers.fakes import SpellingModel, dino_names, dinos, model_by_hand


@pytest.fixture
def mingru(install: Install) -> Path:
    """The example, installed as a plugin."""
    code = EXAMPLE.read_text(encoding="utf-8")
    return install(code, "mingru", "seqgen-mingru", "0.1.0", "seqgen.cells")


def uninstall(module: Path) -> None:
    sys.path.remove(str(module.parent))
    find_component.cache_clear()


def model_file(folder: Path, cell: object = "mingru", network: object = None) -> Path:
    """A model file of random weights with a cell."""
    trained = model_by_hand(dinos(), dino_names())
    size = trained.encoder.vocabulary.size
    networks = (network or random_model(size, cell=cell),)  # type: ignore[arg-type]
    path = folder / "model.safetensors"
    save_model(path, replace(trained, networks=networks))  # type: ignore[arg-type]
    return path


def test_built_in_cells_come_from_the_hook_and_leave_no_trace_in_files(tmp_path: Path) -> None:
    assert cell_names()[:2] == ["lstm", "gru"]
    assert find_cell("lstm").state == ("hidden", "cell") and cell_origin("lstm") == {}
    assert "cell" not in read_manifest(model_file(tmp_path, "gru"))


def test_a_cell_of_a_plugin_is_found_and_listed(mingru: Path, seqgen: Run) -> None:
    assert cell_names()[-1] == "mingru"
    assert find_cell("mingru").gates == ("update", "candidate")
    assert "One of lstm, gru, mingru." in " ".join(seqgen("train", "--help-all").out.split())


def test_a_file_names_the_distribution_of_its_cell(mingru: Path, tmp_path: Path) -> None:
    path = model_file(tmp_path)
    origin = {"name": "mingru", "distribution": "seqgen-mingru", "version": "0.1.0"}
    assert read_manifest(path)["cell"] == origin
    with safe_open(path, framework="np") as file:
        assert {"layer0.kernel", "layer0.bias"} <= set(file.keys())
    opened = load_model(path, dinos())
    assert np.isfinite(opened.model.forward(np.array([[27, 1, 2]]), None)).all()
    uninstall(mingru)
    with pytest.raises(ModelFileError, match=r"its cell 'mingru' .* pip install seqgen-mingru"):
        load_model(path, dinos())


def test_generating_without_the_plugin_says_what_to_install(
    mingru: Path, tmp_path: Path, seqgen: Run
) -> None:
    path = model_file(tmp_path)
    assert seqgen("generate", path, "-n", 2).code == 0
    uninstall(mingru)
    answer = seqgen("generate", path, "-n", 2)
    assert answer.code == 1 and "pip install seqgen-mingru" in answer.err
    assert "mingru, provided by seqgen-mingru 0.1.0" in seqgen("inspect", path).out


def test_what_could_not_be_opened_is_not_saved(install: Install, tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="no cell 'leaky'; known are lstm, gru"):
        model_file(tmp_path, CELLS["leaky"])
    with pytest.raises(ModelFileError, match="ShareWeightRNN, not SpellingModel"):
        model_file(tmp_path, network=SpellingModel([1], 28))
    same_name = random_model(27, cell=CELLS["leaky"])
    same_name.config = replace(same_name.config, cell="lstm")
    with pytest.raises(ModelFileError, match="its cell Leaky is not the 'lstm' of seqgen"):
        model_file(tmp_path, network=same_name)


def test_networks_of_different_configurations_are_not_saved(tmp_path: Path) -> None:
    trained = model_by_hand(dinos(), dino_names())
    size = trained.encoder.vocabulary.size
    networks = (random_model(size, units=4), random_model(size, units=5))
    with pytest.raises(ModelFileError, match="must have one configuration"):
        save_model(tmp_path / "m.safetensors", replace(trained, networks=networks))


WRONG = """
import seqgen

@seqgen.hookimpl
def seqgen_cells():
    return [{value}]
"""


@pytest.mark.parametrize(
    ("value", "message"),
    [("'lstm'", "must return instances of seqgen.Cell, was 'lstm'"), ("", "returns none")],
)
def test_a_hook_that_returns_something_else(install: Install, value: str, message: str) -> None:
    install(WRONG.format(value=value), "mine", "seqgen-mine", "2.0", "seqgen.cells")
    with pytest.raises(PluginError, match=message):
        find_cell("mine")


def test_the_name_is_checked_when_a_model_is_made() -> None:
    with pytest.raises(SettingError, match="cell must be a name, such as 'leaky', was an object"):
        ModelConfig(cell=CELLS["leaky"])  # type: ignore[arg-type]
    config = ModelConfig(cell="absent")
    with pytest.raises(PluginError, match="no cell 'absent'"):
        random_model(5, cell=config.cell)


@pytest.mark.slow
def test_the_example_trains_from_the_command_line(
    mingru: Path, seqgen: Run, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    answer = seqgen(
        "train", "dinos", "--cell", "mingru", "--epochs", 1, "--units", 8, "--layers", 2,
        "--out", run,
    )  # fmt: skip
    assert answer.code == 0, answer.err
    manifest = read_manifest(run / "model.safetensors")
    assert manifest["cell"]["distribution"] == "seqgen-mingru"
    assert manifest["equivalence"]["largest_difference_nats"] < 1e-5
    assert len(seqgen("generate", run, "-n", 3).out.splitlines()) == 3
