"""How a training ended, in words: the same after a run, in inspect and on the report's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqgen.runs.ended import ended_in_words

from .conftest import Run


@pytest.mark.parametrize(
    ("epochs", "ended", "networks", "wanted"),
    [
        (1, "epochs", 1, "1 epoch in 2 s; kept epoch 1"),
        (100, "epochs", 1, "100 epochs in 2 s; kept epoch 1"),
        (52, "patience", 1, "52 epochs in 2 s, no better for a while; kept epoch 1"),
        (90, "epochs", 3, "90 epochs of 3 networks in 2 s"),
        (9, "interrupted", 1, "9 epochs in 2 s, interrupted; kept epoch 1"),
    ],
)
def test_the_end_of_a_training(epochs: int, ended: str, networks: int, wanted: str) -> None:
    about = {"epochs": epochs, "best_epoch": 1, "ended": ended}
    assert ended_in_words(about, networks, took=" in 2 s") == wanted


def test_inspect_tells_it(seqgen: Run) -> None:
    shipped = Path(__file__).parent.parent / "plugins/dinos/seqgen_dinos/data/model.safetensors"
    told = seqgen("inspect", shipped).out
    assert "  training     52 epochs, no better for a while; kept epoch 37\n" in told
