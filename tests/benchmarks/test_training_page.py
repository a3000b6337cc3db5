"""The page of the training benchmark and its workers, without TensorFlow."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ..conftest import Run

ROOT = Path(__file__).parents[2]


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the page."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.training.page")


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that starts the workers."""
    monkeypatch.syspath_prepend(str(ROOT))
    return import_module("benchmarks.training.worker")


def test_ratios_are_taken_within_a_round_and_speeds_are_medians(table: Any) -> None:
    ours = table.Figures("ours", 1.25, [10.0, 20.0, 10.0], [10.0, 10.0, 20.0])
    other = table.Figures("other", 0.5, [20.0, 20.0, 40.0], [10.0, 30.0, 20.0])
    text = table.speed_table("Z: small", [ours, other])
    assert text.startswith("## Z: small\n\n| | tokens a CPU second |")
    own, theirs = text.splitlines()[-2:]
    assert own == "| ours | 100,000 [50,000-100,000] | 100,000 [50,000-100,000] | | | 1.2 |"
    assert theirs == (
        "| other | 50,000 [25,000-50,000] | 50,000 [33,333-100,000] | "
        "2.00 [1.00-4.00] | 1.00 [1.00-3.00] | 0.5 |"
    )


def test_a_peer_without_figures_has_a_reason(table: Any) -> None:
    ours = table.Figures("ours", 1.0, [10.0], [10.0])
    text = table.speed_table("Z", [ours, table.Figures("torch", failure="not installed")])
    assert text.splitlines()[-1] == "| torch | not installed | | | | |"
    alone = table.Figures("other", 1.0, [5.0], [5.0])
    text = table.speed_table("Z", [table.Figures("ours", failure="failed, status 1"), alone])
    assert text.splitlines()[-1] == (
        "| other | 200,000 [200,000-200,000] | 200,000 [200,000-200,000] | | | 1.0 |"
    )


def test_every_row_has_as_many_columns_as_the_head(table: Any) -> None:
    spread = import_module("benchmarks.timing").Spread.of([1.0, 2.0])
    pages = [
        table.speed_table(
            "Z", [table.Figures("a", 1.0, [1.0], [1.0]), table.Figures("b", failure="no")]
        ),
        table.start_table({"import": (spread, spread)}),
        table.pipeline_table([table.PipelineTimes("A", 0.1, 0.2, 10.0)]),
    ]
    assert "| 2.0% |" in pages[2] and "| import | 1.50 [1.00-2.00] |" in pages[1]
    for page in pages:
        rows = [row for row in page.splitlines() if row.startswith("|")]
        assert len({row.count("|") for row in rows}) == 1


def test_a_worker_that_times_out_or_fails_is_reported(
    worker: Any, table: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A script replaces the Python interpreter."""
    fake = tmp_path / "fake"
    monkeypatch.setattr(worker.sys, "executable", str(fake))
    for script, failure in (
        ('echo \'{"missing": "torch"}\'', "not installed"),
        ("exit 3", "failed, status 3"),
        ("exec sleep 30", "not built within 0 s"),
    ):
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        timeout = 0.2 if "sleep" in script else 30.0
        found = worker.interleave_workers([("torch", "PyTorch")], "A", 2, 1, timeout)
        assert [one.failure for one in found] == [failure] and found[0].rounds == []
    fake.write_text(
        "#!/bin/sh\necho hello\necho '{\"build\": 2.5}'\n"
        'while read line; do echo \'{"cpu": 3.0, "wall": 4.0}\'; done\n'
    )
    found = worker.interleave_workers([("a", "one"), ("b", "two")], "A", 2, 1, 30.0)
    assert [one.build for one in found] == [2.5, 2.5] and found[1].rounds == [3.0, 3.0]
    assert found[0].walls == [4.0, 4.0]


def test_the_page_needs_neither_tensorflow_nor_keras(python: Run) -> None:
    names = "benchmarks.training.benchmark, benchmarks.training.page"
    code = f"import sys, {names}; print([n for n in ('tensorflow', 'keras') if n in sys.modules])"
    answer = python("-c", code, PYTHONPATH=str(ROOT))
    assert answer.code == 0, answer.err
    assert answer.out.strip() == "[]"
