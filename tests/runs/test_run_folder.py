"""A run folder under attack: a second process, a full disk, Ctrl-C in one of several trainings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqgen import Corpus, SeqgenError
from seqgen.io.files import held
from seqgen.models.model_file import TrainedModel, load_model, save_model
from seqgen.runs import train as several
from seqgen.runs import train as training
from seqgen.runs.callbacks import Listeners
from seqgen.runs.cross_validation import cross_validate
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.resume import check_resumed, stopped
from seqgen.runs.run_config import Recipe, checkpoint_of
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.run_request import Request
from seqgen.runs.train_networks import Trained
from seqgen.training.checkpoint import TrainingState
from seqgen.training.history import EpochReport, Training

from ..helpers.fakes import dino_names, dinos, model_by_hand

RECIPE = Recipe.of(dinos().domain, {"mixture": "off"})
REPORT = EpochReport(1, 2.0, 2.5, True, 0.5, 0.0, 1)


@pytest.fixture(scope="module")
def data() -> RunData:
    return prepare_data(dinos().domain, Corpus(dino_names()), RECIPE.training)


class Trainer:
    """Trains nothing and says what it is told to, in the place of the real one."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ended, self.trainings = "epochs", 0
        patch.setattr(training, "train_networks", self.train)
        patch.setattr(training, "assemble", self.assemble)

    def train(self, *_: Any, **__: Any) -> Trained:
        self.trainings += 1
        return Trained((), (Training((REPORT,), self.ended),), {})

    def assemble(self, loaded: Any, data: RunData, recipe: Recipe, *_: Any) -> TrainedModel:
        made = model_by_hand(loaded, dino_names())
        about = {
            "identity": recipe.identity(loaded, data.card),
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


def train(data: RunData, folder: RunFolder, **more: Any) -> None:
    training.train_run(dinos(), data, RECIPE, folder, Listeners(), **more)


def test_who_is_refused_the_folder_leaves_the_request_of_the_one_at_work(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    folder = RunFolder(tmp_path)
    train(data, folder, request=Request.of("dinos", None, {"units": 8}))
    with held(folder.lock, "x"), pytest.raises(SeqgenError, match="another process works in"):
        train(data, folder, request=Request.of("dinos", None, {"units": 9}))
    assert Request.load(tmp_path).flags == {"units": 8}


def test_a_model_that_cannot_be_written_leaves_the_one_that_stands_there(
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


def test_what_ctrl_c_kept_does_not_push_out_the_model_before_it(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    folder, told = RunFolder(tmp_path), list[str]()
    for ended in ("epochs", "interrupted", "epochs"):
        trainer.ended = ended
        listeners = Listeners(scoring=told.append)
        training.train_run(dinos(), data, RECIPE, folder, listeners)
    assert told == ["epochs", "interrupted", "epochs"]
    assert (number(folder.model), number(folder.previous)) == (3, 1)


def test_halves_of_a_killed_process_are_cleared_away(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    half, other = tmp_path / ".checkpoint0.safetensors.x1.tmp", tmp_path / ".report.html.x2.tmp"
    probe = RunFolder(tmp_path).probe
    for path in (half, other, probe):
        path.touch()
    train(data, RunFolder(tmp_path))
    assert not half.exists() and not probe.exists()
    assert other.exists(), "a report may be written at this moment"


def test_resume_refuses_other_data_and_keeps_what_is_there(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    folder, request = RunFolder(tmp_path), Request.of("dinos", Path("names.txt"), {})
    other = prepare_data(dinos().domain, Corpus(dino_names()[1:]), RECIPE.training)

    def resume(data: RunData) -> None:
        check_resumed(dinos(), data.card, RECIPE, folder, request)

    resume(other)  # it was killed before anything stood there
    assert stopped(dinos(), data.card, RECIPE, folder) is None
    checkpoint = checkpoint_of(dinos(), data.card, RECIPE, folder, 0)
    checkpoint.save(TrainingState((), {}, (), 1, 1))
    resume(data)
    assert stopped(dinos(), other.card, RECIPE, folder) is False
    with pytest.raises(SeqgenError, match=r"names\.txt or seqgen-dinos has changed since"):
        resume(other)
    assert checkpoint.stands(), "the checkpoint is left as it is"
    save_model(folder.model, model_by_hand(dinos(), dino_names()))
    resume(data)  # whatever model of before stands there
    train(data, folder)
    assert not checkpoint.path.exists(), "it has served"
    resume(data)  # it is done
    with pytest.raises(SeqgenError, match=r"no checkpoint stands .*the data has changed"):
        resume(other)
    assert number(folder.model) == 1


def test_folds_stop_at_ctrl_c_and_go_on_where_they_were(
    data: RunData, tmp_path: Path, trainer: Trainer
) -> None:
    def folds() -> Any:
        return cross_validate(dinos(), data, RECIPE, RunFolder(tmp_path), 3, Listeners())

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
    assert several.is_up_to_date(RunFolder(tmp_path / "fold2").model, _identity(data, 1))


@pytest.mark.parametrize("when", ["now", "before"])
def test_a_fold_that_diverged_is_in_no_figure(
    data: RunData, tmp_path: Path, trainer: Trainer, when: str
) -> None:
    trainer.ended = "diverged"
    for _ in range(1 if when == "now" else 2):
        with pytest.raises(SeqgenError, match=r"fold1 became no number.*lower --learning-rate"):
            next(cross_validate(dinos(), data, RECIPE, RunFolder(tmp_path), 3, Listeners()))
    assert trainer.trainings == 1


def _identity(data: RunData, fold: int) -> str:
    from seqgen.training.split import fold_items

    config = RECIPE.training
    split = list(fold_items(data.groups, 3, config.validation, config.seed))[fold]
    return RECIPE.identity(dinos(), data.with_split(split).card)
