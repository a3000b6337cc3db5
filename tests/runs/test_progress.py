"""Progress: a line that a terminal redraws; elsewhere a line every few seconds."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from seqgen.runs.progress import NOTEBOOK_VARIABLES, Progress, TrainingProgress
from seqgen.training.history import EpochReport


def report(epoch: int, validation: float) -> EpochReport:
    """An epoch that has ended."""
    return EpochReport(epoch, 2.25, validation, True, 1.0, 75.4, 9)


def test_progress_without_a_terminal_is_a_line_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr("seqgen.runs.progress.time.monotonic", lambda: now)
    with TrainingProgress() as line:
        for epoch in range(1, 8):
            now += 4.0
            line.show_epoch(report(epoch, 3.0 + (epoch - 4) ** 2 / 10))
    found = capsys.readouterr()
    lines = found.err.splitlines()
    assert found.out == "" and [text.split()[1] for text in lines] == ["3/9", "6/9"]
    assert lines[1].endswith("validation 3.400 (best 3.000)  1:15 left")


def test_the_best_value_is_that_of_the_current_training(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folds are trained one after the other; each may resume at any epoch."""
    monkeypatch.setattr("seqgen.runs.progress.SECONDS_BETWEEN_LINES", 0.0)
    with TrainingProgress() as line:
        for epoch, nats in ((1, 2.0), (2, 2.5), (1, 3.0), (2, 3.5), (5, 4.0)):
            line.show_epoch(report(epoch, nats))
    best = [text.split("(best ")[1][:5] for text in capsys.readouterr().err.splitlines()]
    assert best == ["2.000", "2.000", "3.000", "3.000", "4.000"]


def test_the_first_epoch_has_no_estimate(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It compiles the step, so an estimate from it would be far too long."""
    monkeypatch.setattr("seqgen.runs.progress.SECONDS_BETWEEN_LINES", 0.0)
    with TrainingProgress() as line:
        line.show_epoch(report(1, 3.0))
        line.show_epoch(report(2, 3.0))
    first, second = capsys.readouterr().err.splitlines()
    assert first.endswith("(best 3.000)") and second.endswith("1:15 left")


def test_a_terminal_redraws_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with TrainingProgress() as line:
        line.show_epoch(report(1, 3.0))
    found = capsys.readouterr()
    assert found.out == ""
    assert "epoch 1/9  nats: train 2.250" in found.err
    assert "\x1b[2K" in found.err, "the line is erased and rewritten"


def test_after_ctrl_c_the_effect_of_another_one_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with TrainingProgress() as line:
        line.show_scoring("epochs")
        assert capsys.readouterr().err == ""
        line.show_scoring("interrupted")
    assert "Ctrl-C again leaves only the checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize("variable", NOTEBOOK_VARIABLES)
def test_a_notebook_gets_no_frames(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """What a notebook runs has a pseudo-terminal, and the notebook saves every frame."""
    now = 0.0
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr("seqgen.runs.progress.time.monotonic", lambda: now)
    monkeypatch.setenv(variable, "1")
    with Progress("reading ...") as progress:
        for step in range(50):
            now += 1.0
            progress.update(f"step {step}")
    assert capsys.readouterr().err.splitlines() == [f"step {n}" for n in (9, 19, 29, 39, 49)]


def test_folds_and_networks_are_numbered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqgen.runs.progress.SECONDS_BETWEEN_LINES", 0.0)
    with TrainingProgress(networks=3, folds=2) as progress:
        progress.show_epoch(report(2, 3.0), network=1)
        progress.finish_fold()
        progress.show_epoch(report(2, 3.0), network=2)
    first, complete, second = capsys.readouterr().err.splitlines()
    assert first.startswith("fold 1/2 network 1/3 epoch 2/9 ")
    assert first.endswith("1:15 left for this network")
    assert complete == "fold 1 of 2 is complete"
    assert second.startswith("fold 2/2 network 2/3 epoch 2/9 ")


@pytest.mark.parametrize("kernel", [True, False])
def test_a_notebook_gets_progress_as_output_and_not_as_an_error(
    kernel: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if kernel:
        monkeypatch.setitem(sys.modules, "ipykernel.kernelapp", ModuleType("ipykernel.kernelapp"))
    with Progress("starting") as line:
        line.print("the data")
    found = capsys.readouterr()
    assert (found.out, found.err) == (("the data\n", "") if kernel else ("", "the data\n"))
