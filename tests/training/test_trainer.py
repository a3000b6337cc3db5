"""The trainer: deterministic, stops when it should, and keeps the best weights."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from seqgen import SeqgenError
from seqgen.evaluation.likelihood import likelihood
from seqgen.models.batch import pad, whole
from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.training.backend import versions
from seqgen.training.batches import Batches
from seqgen.training.checkpoint import Checkpoint, TrainingState
from seqgen.training.config import TrainConfig
from seqgen.training.deadline import Deadline
from seqgen.training.history import EpochReport, Training
from seqgen.training.trainer import Trainer

from ..helpers.fakes import dino_names, letters

pytestmark = pytest.mark.slow

ENCODER = letters()
NAMES = dino_names()
TRAINED, STOPPING = NAMES[:-20], NAMES[-20:]


class Clock:
    """A clock that goes on by some seconds whenever it is read."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


Trained = tuple[Any, Training, list[EpochReport]]


@pytest.fixture
def train(keras_rnn: ModuleType) -> Callable[..., Trained]:
    """Train a small model on names: gives it, its training and the reports."""

    def run(
        seed: int = 0,
        on_epoch: Callable[[EpochReport, Any], None] | None = None,
        clock: Callable[[], float] | None = None,
        checkpoint: Checkpoint | None = None,
        deadline: Deadline | None = None,
        callbacks: Sequence[Any] = (),
        **settings: Any,
    ) -> Trained:
        from seqgen.training.backend import prepare_backend

        prepare_backend(seed)
        config = TrainConfig(**{"epochs": 3, "seed": seed, "learning_rate": 0.02, **settings})
        model = keras_rnn.KerasRNN(
            ModelConfig(units=8, embedding=6, dropout=0.2),
            ModelShape(ENCODER.vocabulary.size),
            seed,
        )
        batches = Batches(
            TRAINED,
            ENCODER.encode,
            ENCODER.vocabulary,
            batch_size=config.batch_size,
            window=config.window,
            seed=seed,
        )
        rows = [whole(ENCODER.encode(name), ENCODER.vocabulary) for name in STOPPING]
        rows.sort(key=lambda row: len(row.inputs))
        stopping = [pad(part, ENCODER.vocabulary) for part in (rows[:5], rows[5:9], rows[9:])]
        reports: list[EpochReport] = []

        def note(report: EpochReport) -> None:
            reports.append(report)
            if on_epoch is not None:
                on_epoch(report, model)

        more: dict[str, Any] = {
            "checkpoint": checkpoint,
            "deadline": deadline,
            "callbacks": callbacks,
        }
        if clock is not None:
            more["clock"] = clock
        trainer = Trainer(model, batches, stopping, config, note, **more)
        return model, trainer.train(), reports

    return run


def digest(model: Any) -> str:
    """A hash of all weights."""
    weights = model.weights
    return hashlib.sha256(b"".join(weights[name].tobytes() for name in sorted(weights))).hexdigest()


def validation_nats(model: Any) -> float:
    """What the trainer calls the validation figure, computed by steps on NumPy."""
    stepping = NumpyRNN(model.config, model.shape, model.weights)
    encoded = [ENCODER.encode(name) for name in STOPPING]
    return likelihood(stepping, encoded, ENCODER.vocabulary).per_token


def test_a_seed_gives_the_same_bytes(train: Callable[..., Trained]) -> None:
    one, training, _ = train(seed=3)
    again, same, _ = train(seed=3)
    other, _, _ = train(seed=4)
    assert digest(one) == digest(again) != digest(other)
    for first, second in zip(training.history, same.history, strict=True):
        assert (first.train_nats, first.validation_nats) == (
            second.train_nats,
            second.validation_nats,
        )


def test_it_learns_and_reports_every_epoch(train: Callable[..., Trained]) -> None:
    model, training, reports = train(epochs=4)
    assert training.ended == "epochs" and tuple(reports) == training.history
    assert [report.epoch for report in reports] == [1, 2, 3, 4]
    assert reports[-1].train_nats < reports[0].train_nats - 0.2
    assert reports[-1].seconds_left == 0.0
    assert training.best is not None
    # The figure is nats per token, padding left out, as the evaluation computes it.
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


def test_every_epoch_is_scored_on_all_validation_items(train: Callable[..., Trained]) -> None:
    found: list[tuple[float, float]] = []

    def note(report: EpochReport, model: Any) -> None:
        found.append((report.validation_nats, validation_nats(model)))

    train(epochs=4, on_epoch=note)
    for told, by_steps in found:
        assert told == pytest.approx(by_steps, abs=1e-4)


def test_the_running_mean_is_what_is_evaluated_and_kept(train: Callable[..., Trained]) -> None:
    last: dict[str, Any] = {}

    def note(report: EpochReport, model: Any) -> None:
        last.update(model.weights)

    model, training, _ = train(epochs=2, ema=0.9, on_epoch=note)
    assert training.best is not None and training.best.epoch == 2
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)
    apart = max(float(np.abs(model.weights[name] - last[name]).max()) for name in last)
    assert apart > 1e-3, "training itself goes on from the weights, not from their mean"


def test_smoothing_is_in_the_loss_and_not_in_the_figures(train: Callable[..., Trained]) -> None:
    model, training, _ = train(epochs=3, label_smoothing=0.3)
    plain, other, _ = train(epochs=3)
    assert digest(model) != digest(plain)
    assert training.best is not None and other.best is not None
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)
    assert training.best.validation_nats > other.best.validation_nats


def test_a_checkpoint_of_other_variables_is_refused(
    train: Callable[..., Trained], tmp_path: Path
) -> None:
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    report = EpochReport(1, 2.0, 2.5, True, 0.5, 0.0, 1)
    _, training, _ = train(epochs=1)
    state = TrainingState(
        (np.zeros(3, np.float32),), {}, (report,), 5, 1, "", training.execution, versions()
    )
    checkpoint.save(state)
    with pytest.raises(SeqgenError, match="another version"):
        train(epochs=1, checkpoint=checkpoint)
    checkpoint.save(replace(state, versions="seqgen 0.0.1, Keras 2.0"))
    with pytest.raises(SeqgenError, match=r"ran on seqgen 0\.0\.1, .*this one would run on seqgen"):
        train(epochs=1, checkpoint=checkpoint)
    checkpoint.save(replace(state, execution="theano, 5 steps at once, not compiled"))
    with pytest.raises(SeqgenError, match=r"ran on theano, 5 .*this one would run on \w+, \d"):
        train(epochs=1, checkpoint=checkpoint)


def test_a_training_goes_on_from_its_checkpoint(
    train: Callable[..., Trained], tmp_path: Path
) -> None:
    def interrupt(report: EpochReport, model: Any) -> None:
        if report.epoch == 2:
            raise KeyboardInterrupt

    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    _, stopped, _ = train(epochs=4, ema=0.9, on_epoch=interrupt, checkpoint=checkpoint)
    assert stopped.ended == "interrupted" and len(stopped.history) == 2
    model, training, reports = train(epochs=4, ema=0.9, checkpoint=checkpoint)
    assert [report.epoch for report in reports] == [3, 4] and len(training.history) == 4
    whole, _, _ = train(epochs=4, ema=0.9)
    assert digest(model) == digest(whole)
    _, done, more = train(epochs=4, ema=0.9, checkpoint=checkpoint)
    assert more == [] and done.ended == "epochs" and done.history == training.history


def spoil(report: EpochReport, model: Any) -> None:
    """After epoch 2, throw the weights far off, so that no later epoch is better."""
    if report.epoch == 2:
        model.set_weights({name: -9 * array for name, array in model.weights.items()})


def test_the_weights_of_the_best_epoch_are_restored(train: Callable[..., Trained]) -> None:
    model, training, reports = train(epochs=4, on_epoch=spoil)
    assert training.best is not None and training.best.epoch == 2
    assert [report.best for report in reports] == [True, True, False, False]
    assert reports[-1].validation_nats > training.best.validation_nats + 0.5
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


def test_patience_ends_training(train: Callable[..., Trained]) -> None:
    _, training, reports = train(epochs=50, patience=3, on_epoch=spoil)
    assert training.ended == "patience" and training.best is not None
    assert (training.best.epoch, reports[-1].epoch) == (2, 5)


def test_the_rate_rises_and_falls(train: Callable[..., Trained]) -> None:
    rates: list[float] = []

    def note(report: EpochReport, model: Any) -> None:
        rates.append(float(model.network.optimizer.learning_rate))

    train(epochs=6, learning_rate=0.02, warm_up=0.5, on_epoch=note)
    assert rates[0] < rates[1] < rates[2] <= 0.02 and rates[2] > 0.015
    assert rates[3] > rates[4] > rates[5] >= 0.02 * 0.02 * 0.99


def poison(patch: pytest.MonkeyPatch, first: int) -> None:
    """From an epoch on, counted from 1, no loss is a number."""
    original = Batches.blocks

    def poisoned(self: Batches, number: int) -> Any:
        for batch in original(self, number):
            weights = batch.weights * np.float32(np.nan if number + 1 >= first else 1)
            yield replace(batch, weights=weights)

    patch.setattr(Batches, "blocks", poisoned)


def test_a_loss_that_is_no_number_any_more_keeps_the_best_epoch(
    train: Callable[..., Trained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    poison(monkeypatch, first=3)
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    for told in (2, 0):  # gone on with, it has ended
        model, training, reports = train(epochs=6, checkpoint=checkpoint)
        assert training.ended == "diverged" and len(training.history) == 2
        assert len(reports) == told and training.best is not None
        assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)
    assert all(np.isfinite(array).all() for array in model.weights.values())


def test_a_loss_that_is_no_number_at_once_leaves_nothing(
    train: Callable[..., Trained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    poison(monkeypatch, first=1)
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    _, training, reports = train(checkpoint=checkpoint)
    assert (training.ended, training.best, reports) == ("diverged", None, [])
    assert not checkpoint.path.exists()
