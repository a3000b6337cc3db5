"""The trainer: deterministic, stops when it should, returns the best weights, resumes exactly."""

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
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.padded_batch import pad, whole
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.training.backend import library_versions
from seqgen.training.checkpoint import Checkpoint, TrainingState
from seqgen.training.history import EpochReport, Training
from seqgen.training.seeded_batches import Batches
from seqgen.training.steps_per_execution import Execution, choose_execution
from seqgen.training.stop_conditions import Deadline
from seqgen.training.train_config import TrainConfig
from seqgen.training.trainer import Trainer

from ..helpers.fakes import dino_names, letters

pytestmark = pytest.mark.slow

ENCODER = letters()
NAMES = dino_names()
TRAIN, VALIDATION = NAMES[:-20], NAMES[-20:]


class Clock:
    """A clock that advances by some seconds whenever it is read."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


Trained = tuple[Any, Training, list[EpochReport]]


@pytest.fixture
def train(keras_rnn: ModuleType) -> Callable[..., Trained]:
    """Train a small model on names; returns it, its training and the reports."""

    import keras

    def run(
        seed: int = 0,
        on_epoch: Callable[[EpochReport, Any], None] | None = None,
        clock: Callable[[], float] | None = None,
        checkpoint: Checkpoint | None = None,
        deadline: Deadline | None = None,
        execution: Execution | None = None,
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
            TRAIN,
            ENCODER.encode,
            ENCODER.vocabulary,
            batch_size=config.batch_size,
            window=config.window,
            seed=seed,
        )
        rows = [whole(ENCODER.encode(name), ENCODER.vocabulary) for name in VALIDATION]
        rows.sort(key=lambda row: len(row.inputs))
        validation = [pad(part, ENCODER.vocabulary) for part in (rows[:5], rows[5:9], rows[9:])]
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
        if execution is None:
            steps, longest, backend = batches.steps, batches.longest, keras.backend.backend()
            execution = choose_execution(config, model.config, model.shape, steps, longest, backend)
        trainer = Trainer(model, batches, validation, config, execution, note, **more)
        return model, trainer.train(), reports

    return run


def digest(model: Any) -> str:
    """A hash of all weights."""
    weights = model.weights
    return hashlib.sha256(b"".join(weights[name].tobytes() for name in sorted(weights))).hexdigest()


def validation_nats(model: Any) -> float:
    """The validation loss computed by NumPy."""
    numpy_model = NumpyRNN(model.config, model.shape, model.weights)
    encoded = [ENCODER.encode(name) for name in VALIDATION]
    return likelihood(numpy_model, encoded, ENCODER.vocabulary).per_token


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
    # The loss is that of the evaluation: nats per token without padding.
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)


def test_every_epoch_is_scored_on_all_validation_items(train: Callable[..., Trained]) -> None:
    found: list[tuple[float, float]] = []

    def note(report: EpochReport, model: Any) -> None:
        found.append((report.validation_nats, validation_nats(model)))

    train(epochs=4, on_epoch=note)
    for reported, by_steps in found:
        assert reported == pytest.approx(by_steps, abs=1e-4)


def test_the_moving_average_is_evaluated_and_returned(train: Callable[..., Trained]) -> None:
    last: dict[str, Any] = {}

    def note(report: EpochReport, model: Any) -> None:
        last.update(model.weights)

    model, training, _ = train(epochs=2, ema=0.9, on_epoch=note)
    assert training.best is not None and training.best.epoch == 2
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)
    apart = max(float(np.abs(model.weights[name] - last[name]).max()) for name in last)
    assert apart > 1e-3, "training continues with the weights, not with their average"


def test_smoothing_is_part_of_the_loss_and_not_of_the_reports(
    train: Callable[..., Trained],
) -> None:
    model, training, _ = train(epochs=3, label_smoothing=0.3)
    plain, other, _ = train(epochs=3)
    assert digest(model) != digest(plain)
    assert training.best is not None and other.best is not None
    assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)
    assert training.best.validation_nats > other.best.validation_nats


def test_a_checkpoint_of_another_network_or_environment_is_refused(
    train: Callable[..., Trained], keras_rnn: ModuleType, tmp_path: Path
) -> None:
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    report = EpochReport(1, 2.0, 2.5, True, 0.5, 0.0, 1)
    execution = Execution(keras_rnn.keras.backend.backend(), 1, False, 0)
    state = TrainingState(
        (np.zeros(3, np.float32),), {}, (report,), 5, 1, execution, library_versions()
    )
    checkpoint.save(state)
    with pytest.raises(SeqgenError, match="another version"):
        train(epochs=1, execution=execution, checkpoint=checkpoint)
    checkpoint.save(replace(state, versions={"seqgen": "0.0.1", "Keras": "2.0"}))
    with pytest.raises(SeqgenError, match=r"with seqgen 0\.0\.1, Keras 2\.0, and .* with seqgen"):
        train(epochs=1, execution=execution, checkpoint=checkpoint)
    checkpoint.save(replace(state, execution=Execution("theano", 5, False, 0)))
    with pytest.raises(SeqgenError, match=r"with theano, 5 .* with \w+, \d"):
        train(epochs=1, execution=execution, checkpoint=checkpoint)


def test_a_training_resumes_from_its_checkpoint(
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
    """After epoch 2, spoil the weights, so that no later epoch is better."""
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


def test_the_learning_rate_rises_and_falls(train: Callable[..., Trained]) -> None:
    rates: list[float] = []

    def note(report: EpochReport, model: Any) -> None:
        rates.append(float(model.network.optimizer.learning_rate))

    train(epochs=6, learning_rate=0.02, warm_up=0.5, on_epoch=note)
    assert rates[0] < rates[1] < rates[2] <= 0.02 and rates[2] > 0.015
    assert rates[3] > rates[4] > rates[5] >= 0.02 * 0.02 * 0.99


def poison(patch: pytest.MonkeyPatch, first: int) -> None:
    """From an epoch on, counted from 1, the loss is NaN."""
    original = Batches.stacks

    def poisoned(self: Batches, number: int) -> Any:
        for batch in original(self, number):
            weights = batch.weights * np.float32(np.nan if number + 1 >= first else 1)
            yield replace(batch, weights=weights)

    patch.setattr(Batches, "stacks", poisoned)


def test_a_diverging_loss_keeps_the_best_epoch(
    train: Callable[..., Trained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    poison(monkeypatch, first=3)
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    for count in (2, 0):  # nothing is left to resume
        model, training, reports = train(epochs=6, checkpoint=checkpoint)
        assert training.ended == "diverged" and len(training.history) == 2
        assert len(reports) == count and training.best is not None
        assert validation_nats(model) == pytest.approx(training.best.validation_nats, abs=1e-4)
    assert all(np.isfinite(array).all() for array in model.weights.values())


def test_a_loss_that_diverges_in_the_first_epoch_leaves_no_model(
    train: Callable[..., Trained], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    poison(monkeypatch, first=1)
    checkpoint = Checkpoint(tmp_path / "c.safetensors", "same")
    _, training, reports = train(checkpoint=checkpoint)
    assert (training.ended, training.best, reports) == ("diverged", None, [])
    assert not checkpoint.path.exists()
