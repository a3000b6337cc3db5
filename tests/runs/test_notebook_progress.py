"""A notebook shows the progress of a training as one bar, which its saved file holds once."""

from __future__ import annotations

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

CELL = """
import seqgen
names = ["abba", "cdcd", "aabb", "ccdd", "abcd", "dcba", "bbaa"] * 9
model = seqgen.train("dinos", data=names, epochs=12, units=8, embedding=4)
model
"""


@pytest.mark.slow
# The client and the kernel warn of sockets and loops, which are not seqgen's.
@pytest.mark.filterwarnings("ignore")
def test_a_training_is_one_bar_and_few_lines(tmp_path: Path) -> None:
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": tmp_path}}
    ).execute()
    outputs = notebook.cells[0].outputs
    pages = [output.data.get("text/html", "") for output in outputs if "data" in output]
    bars = [page for page in pages if "<progress" in page]
    assert len(bars) == 1 and 'value="1.000"' in bars[0] and "epoch 12/12" in bars[0]
    assert any("held-out item" in page and "<svg" in page for page in pages)
    lines = "".join(output.text for output in outputs if output.output_type == "stream")
    assert (
        "63 items" in lines and len(lines.splitlines()) < 6 and "epoch" not in lines.split(";")[0]
    )
    assert not any(output.get("name") == "stderr" for output in outputs), outputs
