"""Ctrl-C before the first epoch of a training has ended: exit code 130."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqgen.runs import train_networks as networks
from seqgen.training.history import Training
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

from ..conftest import Run


@pytest.fixture(autouse=True)
def _interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every training is interrupted immediately."""
    execution = Execution("tensorflow", 1, False, 0)
    monkeypatch.setattr(networks, "import_keras_rnn", lambda seed: lambda *_: None)
    monkeypatch.setattr(networks, "make_numpy_rnn", lambda *_: None)
    monkeypatch.setattr(networks, "on_cpu", lambda: True)
    monkeypatch.setattr(networks, "execution_for", lambda *_: execution)
    monkeypatch.setattr(networks, "check_backend", lambda _: None)
    monkeypatch.setattr(networks, "fit", lambda *_, **__: Training((), StopReason.INTERRUPTED))


def test_it_exits_with_130(seqgen: Run, tmp_path: Path) -> None:
    answer = seqgen("train", "dinos", "--out", tmp_path)
    assert answer.code == 130
    told = "Interrupted before the first epoch ended, so there is no model to keep.\n"
    assert answer.err.lstrip("\n") == told


def test_complete_folds_are_reported(seqgen: Run, tmp_path: Path) -> None:
    answer = seqgen("train", "dinos", "--out", tmp_path, "--folds", 3)
    assert answer.code == 130
    assert "0 of 3 folds are complete; the same command continues." in answer.out
    assert "retrain" not in answer.out + answer.err


def test_an_interrupt_without_a_message(
    seqgen: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(networks, "fit", interrupt)
    answer = seqgen("train", "dinos", "--out", tmp_path)
    assert answer.code == 130 and answer.err.lstrip("\n") == "Interrupted.\n"
