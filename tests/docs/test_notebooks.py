"""The notebooks: stored without outputs, and every cell runs in a new kernel."""

from __future__ import annotations

import importlib.util
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import seqgen

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "notebooks"
#: What makes the trainings short, for each notebook: text of a cell and its replacement.
SHORT = {
    "dinosaurs": {"minutes=1": "epochs=2", "epochs=40": "epochs=2"},
    "jazz_solo": {
        "m, Tx, n_a = 60, 30, 64": "m, Tx, n_a = 20, 6, 64",
        "EPOCHS = 60": "EPOCHS = 3",
        'train("jazz", data=TUNE)': 'train("jazz", data=TUNE, epochs=2)',
    },
    "your_domain": {"epochs=60, patience=20": "epochs=3"},
}
#: How many audio players each shows when executed.
PLAYERS = {"dinosaurs": 0, "jazz_solo": 5, "your_domain": 4}


def read(name: str) -> Any:
    nbformat = pytest.importorskip("nbformat", reason="nbclient and ipykernel are in the dev extra")
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def test_every_notebook_is_listed() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(SHORT)


@pytest.mark.parametrize("name", SHORT)
def test_it_is_stored_without_outputs_and_installs_what_is_missing(name: str) -> None:
    notebook = read(name)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert "colab-badge.svg" in notebook.cells[0].source
    assert "%pip install" in code[0].source
    ids = Counter(cell.id for cell in notebook.cells)
    assert max(ids.values()) == 1


def test_without_the_repository_the_tune_is_a_generated_solo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("seqgen_jazz", reason="the notebook uses seqgen-jazz")
    monkeypatch.chdir(tmp_path)
    [cell] = [cell for cell in read("jazz_solo").cells if "TUNE = " in cell.source]
    shipped = seqgen.load(seqgen.domain("jazz").model or "")
    names: dict[str, Any] = {"seqgen": seqgen, "shipped": shipped}
    exec(cell.source, names)
    assert names["TUNE"] == Path("tune/solo-001.mid")
    assert len(names["tune"].chart.bars) == 36
    assert "solo-001.mid" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
# The kernel is another process; its client warns about sockets and event loops of its own.
@pytest.mark.filterwarnings("ignore")
def test_it_runs_from_a_new_kernel(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbclient = pytest.importorskip("nbclient", reason="nbclient and ipykernel are in the dev extra")
    if importlib.util.find_spec("ipykernel") is None:
        pytest.skip("nbclient and ipykernel are in the dev extra")
    for plugin in ("seqgen_dinos", "seqgen_jazz"):
        pytest.importorskip(plugin, reason="the notebooks use the plugins of this repository")
    monkeypatch.setenv("SEQGEN_CACHE", str(tmp_path / "cache"))
    for variable in ("HOME", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    folder = tmp_path / "examples" / "notebooks"
    folder.mkdir(parents=True)
    shutil.copytree(ROOT / "examples" / "data", folder.parent / "data")
    notebook = read(name)
    for text, replacement in SHORT[name].items():
        found = [cell for cell in notebook.cells if text in cell.source]
        assert len(found) == 1, text
        found[0].source = found[0].source.replace(text, replacement)
    resources = {"metadata": {"path": str(folder)}}
    # A cell that raises an error fails the test, with the cell and its traceback.
    nbclient.NotebookClient(notebook, timeout=600, resources=resources).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    pages = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    players = sum(page.count("<audio") for page in pages)
    embedded = sum(page.count("data:audio/wav;base64,UklGR") for page in pages)
    assert players == embedded == PLAYERS[name]
    if name == "jazz_solo":
        assert (folder / "music" / "solo-001.mid").read_bytes()[:4] == b"MThd"
        assert (folder / "solo" / "solo-001.mid").read_bytes()[:4] == b"MThd"
