"""What run and train check before a training, and what they report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from seqgen import Corpus
from seqgen.cli.console_output import Output
from seqgen.cli.train import report_interrupt
from seqgen.io.run_folder import RunFolder, RunRecord
from seqgen.runs.dataset import prepare_data
from seqgen.training.train_config import TrainConfig

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos
from ..helpers.runs import make_run, training_state


def test_the_record_has_the_settings_of_a_training(tmp_path: Path) -> None:
    data = prepare_data(dinos().domain, Corpus(dino_names()), TrainConfig())
    settings = {"units": 8, "count": 3, "starts_with": "t", "preset": "tiny", "top_k": 2}
    record = make_run(dinos(), data, tmp_path, **settings).record(Path("names.txt"))
    assert record == RunRecord(
        "dinos", Path("names.txt").resolve(), {"units": 8, "preset": "tiny", "top_k": 2}
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--best", 2), "does not rank its items"),
        (("--prompt", "7"), "unknown symbol '7'"),
        (("--starts-with", "7"), "unknown symbol '7'"),
    ],
)
def test_options_of_generation_are_checked_before_the_training(
    seqgen: Run, tmp_path: Path, options: tuple[object, ...], message: str
) -> None:
    answer = seqgen("run", "dinos", "--out", tmp_path, *options)
    assert answer.code == 1 and message in answer.err
    assert list(tmp_path.iterdir()) == []


def test_only_resume_requires_the_same_training(seqgen: Run, tmp_path: Path) -> None:
    data = prepare_data(dinos().domain, Corpus(dino_names()), TrainConfig())
    run = make_run(dinos(), data, tmp_path, units=8)
    run.record(None).save(RunFolder(tmp_path))
    run.checkpoint(0).save(training_state())
    answer = seqgen("train", "--resume", tmp_path)
    assert answer.code == 1 and "cannot resume the training in" in answer.err


@pytest.mark.parametrize(("file", "option"), [(None, ""), (Path("a.py"), " --domain a.py")])
def test_an_interrupt_reports_how_to_use_the_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: Path | None, option: str
) -> None:
    data = prepare_data(dinos().domain, Corpus(dino_names()), TrainConfig())
    report_interrupt(Output(False), make_run(replace(dinos(), file=file), data, tmp_path))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"  seqgen generate {tmp_path / 'model.safetensors'}{option}"
    assert lines[-1] == f"  seqgen train --resume {tmp_path}"
