"""Training a run: a second process, a full disk, Ctrl-C, resuming, folds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqgen import Corpus, SeqgenError
from seqgen.io.atomic_files import held
from seqgen.io.run_folder import RunFolder, RunRecord
from seqgen.models.model_file import TrainedModel, load_model, save_model
from seqgen.runs import train as training
from seqgen.runs.cross_validation import cross_validate
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.run_config import Run
from seqgen.runs.train import (
    TrainingCallbacks,
    check_resumable,
    has_stopped_training,
    is_up_to_date,
    saved_manifest,
)
from seqgen.runs.train_networks import TrainedNetworks
from seqgen.training import backend
from seqgen.training.history import EpochReport, Training
from seqgen.training.split import fold_items
from seqgen.training.stop_conditions import StopReason
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import dino_names, dinos, model_by_hand
from ..helpers.runs import make_run, training_state

REPORT = EpochReport(1, 2.0, 2.5, True, 0.5, 0.0, 1)


@pytest.fixture(scope="module")
def data() -> RunData:
    return prepare_data(dinos().domain, Corpus(dino_names()), TrainConfig())


class Trainer:
    """Replaces the training by a fixed result."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ended, self.trainings = "epochs", 0
        patch.setattr(training, "train_networks", self.train)
        patch.setattr(training, "assemble_model", self.assemble)

    def train(self, *_: Any, **__: Any) -> TrainedNetworks:
        self.trainings += 1
        return TrainedNetworks((), (Training((REPORT,), StopReason(self.ended)),), {})

    def assemble(self, run: Run, *_: Any) -> TrainedModel:
        made = model_by_hand(run.loaded, dino_names())
        about = {
            "identity": run.identity(),
            "training_ended": {"ended": self.ended},
            "number": self.trainings,
        }
        return replace(made, manifest={**made.manifest, **about})


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Trainer:
    return Trainer(monkeypatch)


def number(path: Path) -> int:
    """Which training a model file is of."""
    return int(load_model(path, dinos()).manifest["number"])


def run_in(folder: Path, data: RunData) -> Run:
    return make_run(dinos(), data, folder, mixture="off")


def train(data: RunData, folder: RunFolder, **more: Any) -> None:
    training.train_run(run_in(folder.path, data), TrainingCallbacks(), **more)


def test_a_locked_folder_keeps_its_record(data: RunData, tmp_path: Path, trainer: Trainer) -> None:
    folder = RunFolder(tmp_path)
    train(data, folder, record=RunRecord("dinos", None, {"units": 8}))
    with held(folder.lock, "x"), pytest.raises(SeqgenError, match="another process works in"):
        train(data, folder, record=RunRecord("dinos", None, {"units": 9}))
    assert RunRecord.load(folder).settings == {"units": 8}


def test_a_failed_write_keeps_the_model(
    data: RunData, tmp_path: Path, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    train(data, folder)

    def full(*_: Any) -> None:
        raise SeqgenError("no space left on the disk")

    monkeypatch.setattr(training, "save_model", full)
    with pytest.raises(SeqgenError, match="no space left"):
        train(data, folder)
    assert number(folder.model) == 1
    monkeypatch.setattr(training, "save_model", save_model)
    train(data, folder)
    assert (number(folder.model), number(folder.previous)) == (3, 1)


def test_without_a_backend_a_model_is_loaded_and_nothing_is_written(
    data: RunData, tmp_path: Path, trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    train(data, RunFolder(tmp_path / "old"))
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setattr(backend, "find_spec", lambda name: None)
    trained, trainings = training.train_or_load(run_in(tmp_path / "old", data), TrainingCallbacks())
    assert (trained.manifest["number"], trainings) == (1, ())
    with pytest.raises(SeqgenError, match="training needs Keras with a backend"):
        training.train_or_load(run_in(tmp_path / "new", data), TrainingCallbacks())
    assert not (tmp_path / "new").exists()


def test_an_interrupted_model_does_not_replace_the_previous_one(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    folder, reasons = RunFolder(tmp_path), list[str]()
    for ended in ("epochs", "interrupted", "epochs"):
        trainer.ended = ended
        callbacks = TrainingCallbacks(scoring=reasons.append)
        training.train_run(run_in(tmp_path, data), callbacks)
    assert reasons == ["epochs", "interrupted", "epochs"]
    assert (number(folder.model), number(folder.previous)) == (3, 1)


def test_incomplete_files_of_a_killed_process_are_deleted(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    half, other = tmp_path / ".checkpoint0.safetensors.x1.tmp", tmp_path / ".report.html.x2.tmp"
    for path in (half, other):
        path.touch()
    train(data, RunFolder(tmp_path))
    assert not half.exists()
    assert other.exists(), "a report may be written at this moment"


def test_resume_refuses_other_data_and_keeps_what_is_there(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    folder, record = RunFolder(tmp_path), RunRecord("dinos", Path("names.txt"), {})
    other = prepare_data(dinos().domain, Corpus(dino_names()[1:]), TrainConfig())

    def resume(data: RunData) -> None:
        check_resumable(run_in(tmp_path, data), record)

    resume(other)  # it was killed before anything stood there
    assert has_stopped_training(run_in(tmp_path, data)) is None
    checkpoint = run_in(tmp_path, data).checkpoint(0)
    checkpoint.save(training_state())
    resume(data)
    assert has_stopped_training(run_in(tmp_path, other)) is False
    with pytest.raises(SeqgenError, match=r"names\.txt or seqgen-dinos has changed since"):
        resume(other)
    assert checkpoint.matches(), "the checkpoint is unchanged"
    save_model(folder.model, model_by_hand(dinos(), dino_names()))
    resume(data)  # whatever model of before stands there
    train(data, folder)
    assert not checkpoint.path.exists(), "it has served"
    resume(data)  # it is done
    with pytest.raises(SeqgenError, match=r"no checkpoint in .*the data has changed"):
        resume(other)
    assert number(folder.model) == 1


def test_folds_resume_after_ctrl_c(data: RunData, tmp_path: Path, trainer: Trainer) -> None:
    def folds() -> Any:
        return cross_validate(run_in(tmp_path, data), 3, TrainingCallbacks())

    found = folds()
    first = next(found)
    trainer.ended = "interrupted"
    with pytest.raises(KeyboardInterrupt):
        next(found)
    trainer.ended = "epochs"
    whole = list(folds())
    assert trainer.trainings == 4, "the first fold is not trained again"
    assert [number(tmp_path / f"fold{k}" / "model.safetensors") for k in (1, 2, 3)] == [1, 3, 4]
    assert whole[0].model.per_token == first.model.per_token and whole[0].seconds == 0.5
    manifest = saved_manifest(tmp_path / "fold2" / "model.safetensors")
    assert is_up_to_date(manifest, run_in(tmp_path, fold_of(data, 1)))


@pytest.mark.parametrize("when", ["now", "before"])
def test_a_diverged_fold_is_refused(
    data: RunData, tmp_path: Path, trainer: Trainer, when: str
) -> None:
    trainer.ended = "diverged"
    for _ in range(1 if when == "now" else 2):
        with pytest.raises(SeqgenError, match=r"fold1 became NaN.*lower --learning-rate"):
            next(cross_validate(run_in(tmp_path, data), 3, TrainingCallbacks()))
    assert trainer.trainings == 1


def fold_of(data: RunData, fold: int) -> RunData:
    """The data of one of three folds."""
    config = TrainConfig()
    splits = list(fold_items(data.groups, 3, config.validation, config.seed))
    return data.with_split(splits[fold])
