"""The description of a finished training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seqgen.models.model_file import save_model
from seqgen.training.history import describe_training
from seqgen.training.stop_conditions import StopReason

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos, model_by_hand


@pytest.mark.parametrize(
    ("epochs", "ended", "networks", "wanted"),
    [
        (1, "epochs", 1, "1 epoch in 2 s; best epoch 1"),
        (100, "epochs", 1, "100 epochs in 2 s; best epoch 1"),
        (52, "patience", 1, "52 epochs in 2 s, stopped early; best epoch 1"),
        (90, "epochs", 3, "90 epochs of 3 networks in 2 s"),
        (9, "interrupted", 1, "9 epochs in 2 s, interrupted; best epoch 1"),
        (
            9,
            "diverged",
            1,
            "9 epochs in 2 s, stopped because the loss diverged (try a lower --learning-rate); "
            "best epoch 1",
        ),
    ],
)
def test_the_end_of_a_training(epochs: int, ended: str, networks: int, wanted: str) -> None:
    training = {"epochs": epochs, "best_epoch": 1, "ended": ended}
    assert describe_training(training, networks, time=" in 2 s") == wanted


@pytest.mark.parametrize(
    ("ends", "wanted"),
    [
        ("epochs", "epochs"),
        ("patience epochs", "epochs"),
        ("epochs patience", "patience"),
        ("minutes epochs epochs", "minutes"),
        ("minutes diverged epochs", "diverged"),
        ("minutes interrupted", "interrupted"),
    ],
)
def test_the_reason_of_several_networks(ends: str, wanted: str) -> None:
    assert StopReason.combine([StopReason(ended) for ended in ends.split()]) == wanted


def test_inspect_counts_the_networks_that_there_are(seqgen: Run, tmp_path: Path) -> None:
    one = model_by_hand(dinos(), dino_names())
    about = {
        "training": {**one.manifest["training"], "seeds": 3},
        "training_ended": {"ended": "interrupted", "epochs": 12, "best_epoch": 9},
    }
    path = tmp_path / "model.safetensors"
    save_model(path, replace(one, manifest={**one.manifest, **about}))
    told = seqgen("inspect", path).out
    assert "  training     12 epochs, interrupted; best epoch 9\n" in told


def test_inspect_describes_the_training(seqgen: Run) -> None:
    shipped = Path(__file__).parents[2] / "plugins/dinos/seqgen_dinos/data/model.safetensors"
    told = seqgen("inspect", shipped).out
    assert "  training     52 epochs, stopped early; best epoch 37\n" in told
