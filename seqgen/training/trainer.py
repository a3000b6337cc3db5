"""Trainer: Keras' ``fit`` with early stopping, checkpoints, a time limit and weight averaging."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.models.padded_batch import Batch
from seqgen.training.backend import library_versions
from seqgen.training.checkpoint import (
    Checkpoint,
    TrainingState,
    copy_values,
    restore_variables,
    training_variables,
)
from seqgen.training.history import EpochReport, Training, best_epoch
from seqgen.training.keras_data_stream import DataStream
from seqgen.training.seeded_batches import Batches
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import Deadline, Interrupt, StopReason
from seqgen.training.train_config import TrainConfig
from seqgen.training.training_objects import TrainingObjects

if TYPE_CHECKING:
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN


@final
@dataclass(eq=False)
class Trainer:
    """Trains a model once. Afterwards the model has the weights of its best epoch.

    Args:
        model: The model to train.
        batches: The training batches.
        validation: The validation batches, which decide the best epoch and early stopping.
        config: The settings.
        execution: How the steps are run; see ``choose_execution``.
        on_epoch: Called after each epoch.
        clock: Seconds from any start; replaced in tests.
        checkpoint: Where the state is saved after each epoch; if the file exists, training
            resumes from it.
        callbacks: Additional Keras callbacks. They are called before the state of an epoch is
            saved, so that a change of the optimizer is in it.
        deadline: The time limit; None without.
        objects: The user's optimizer or learning-rate schedule.
    """

    model: KerasRNN
    batches: Batches
    validation: Sequence[Batch]
    config: TrainConfig
    execution: Execution
    on_epoch: Callable[[EpochReport], None] = lambda report: None
    clock: Callable[[], float] = time.monotonic
    checkpoint: Checkpoint | None = None
    callbacks: Sequence[Any] = ()
    deadline: Deadline | None = None
    objects: TrainingObjects = field(default_factory=TrainingObjects)

    def __post_init__(self) -> None:
        execution, columns = self.execution, len(self.model.shape.context_sizes)
        self._batches = self.batches.stacked(execution.steps_per_call, execution.max_lengths)
        self._stream, self._interrupt = DataStream(columns), Interrupt()
        self._history: list[EpochReport] = []
        self._epochs, self._step, self._started = self.config.epochs, 0, 0.0
        self._ended: StopReason | None = None
        self._best_weights: dict[str, Any] = dict(self.model.weights)
        #: The weights of the last validation: with weight averaging, the average.
        self._validated_weights = self._best_weights
        #: With weight averaging, the weights themselves during validation.
        self._raw_values: list[Any] = []

    def train(self) -> Training:
        """Train until a stop reason applies; see ``StopReason``.

        Raises:
            SeqgenError: The checkpoint cannot be used, or the domain's ``augment`` returns
                an item that cannot be encoded.
        """
        self._compile()
        saved = self.checkpoint.load() if self.checkpoint else None
        self._started = self.clock()
        if saved is not None and self.checkpoint is not None:
            self._resume(saved, self.checkpoint.path)
        try:
            if self._ended is None:
                with self._stream.original_errors(), self._interrupt.record():
                    self._fit()
        except (KeyboardInterrupt, Exception) as error:
            if not _is_interrupt(error):
                raise
            self._ended = StopReason.INTERRUPTED
        if self._history:
            self.model.set_weights(self._best_weights)
        ended = self._ended or StopReason.CALLBACK
        return Training(tuple(self._history), ended, str(self.execution))

    def _compile(self) -> None:
        from seqgen.training.optimizer import make_optimizer

        steps = self.config.epochs * self._batches.steps
        optimizer = make_optimizer(
            self.config, steps, adjustable=self.deadline is not None, objects=self.objects
        )
        smoothing = self.config.label_smoothing
        self.model.network.prepare(optimizer, smoothing, self.execution.compiled)

    def _resume(self, saved: TrainingState, path: Path) -> None:
        """Continue from a checkpoint with the same result as without the interruption."""
        for before, now, remedy in (
            (str(saved.execution), str(self.execution), "Set KERAS_BACKEND as before"),
            (_join(saved.versions), _join(library_versions()), "Install those versions"),
        ):
            if before != now and not saved.ended:
                raise SeqgenError(
                    f"{path} was written with {before}, and this training would run with {now}: "
                    f"its weights would be different. {remedy}, or delete that file to retrain"
                )
        restore_variables(self.model.network, saved.variables)
        self._history, self._best_weights = list(saved.history), dict(saved.best)
        self._step, self._epochs, self._ended = saved.steps, saved.epochs, saved.ended
        self._started -= saved.history[-1].seconds

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        self.checkpoint.save(
            TrainingState(
                tuple(copy_values(training_variables(self.model.network))),
                self._best_weights,
                tuple(self._history),
                self._step,
                self._epochs,
                self.execution,
                library_versions(),
                self._ended,
            )
        )

    def _fit(self) -> None:
        import keras

        callback = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda step, logs: self._after_call(),
            on_test_begin=lambda logs: self._before_validation(),
            on_test_end=lambda logs: self._after_validation(),
            on_epoch_end=lambda epoch, logs: self._after_epoch(epoch + 1, logs),
        )
        steps_per_call = self.execution.steps_per_call
        self.model.network.fit(
            self._stream.stream(self._stacks, steps_per_call),
            steps_per_epoch=self._batches.steps // steps_per_call,
            epochs=self.deadline.max_epochs if self.deadline else self._epochs,
            initial_epoch=len(self._history),
            validation_data=self._stream.repeat(self.validation),
            validation_steps=len(self.validation),
            callbacks=[*self.callbacks, callback],
            shuffle=False,
            verbose=0,
        )

    def _stacks(self) -> Iterator[Batch]:
        for epoch in itertools.count(len(self._history)):  # without end, as Keras reads ahead
            yield from self._batches.stacks(epoch)

    def _after_call(self) -> None:
        self._interrupt.check()
        self._step += self.execution.steps_per_call
        if self.deadline and self.deadline.is_over(self._seconds()):
            self._stop(StopReason.MINUTES)

    def _before_validation(self) -> None:
        """With weight averaging, replace the weights by their average."""
        variables = self.model.network.trainable_variables
        if self.config.ema:
            self._raw_values = copy_values(variables)
            self.model.network.optimizer.finalize_variable_values(variables)
            # Assign copies: on JAX the arrays of the average would be donated with the weights.
            for variable, value in zip(variables, copy_values(variables), strict=True):
                variable.assign(value)

    def _after_validation(self) -> None:
        self._validated_weights = dict(self.model.weights)
        variables = self.model.network.trainable_variables
        for variable, value in zip(variables, self._raw_values, strict=False):
            variable.assign(value)

    def _after_epoch(self, epoch: int, logs: Mapping[str, float]) -> None:
        train, validation = float(logs["nats"]), float(logs["val_nats"])
        if np.isfinite(train + validation):
            self._add_report(epoch, train, validation)
        else:
            self._ended = None
            self._stop(StopReason.DIVERGED)
            if self._history:
                self._save()
        self._interrupt.check()

    def _add_report(self, epoch: int, train: float, validation: float) -> None:
        seconds = self._seconds()
        self._adapt_epochs(epoch, seconds)
        # The first epoch includes compilation, so the estimate uses the later ones.
        first, others = (self._history[0].seconds, epoch - 1) if self._history else (0.0, epoch)
        left = (seconds - first) / others * (self._epochs - epoch)
        best = best_epoch(self._history)
        improved = best is None or validation < best.validation_nats
        if improved:
            self._best_weights = self._validated_weights
        report = EpochReport(epoch, train, validation, improved, seconds, left, self._epochs)
        self._history.append(report)
        if epoch >= self._epochs:
            self._stop(StopReason.EPOCHS)
        elif best is not None and not improved and epoch - best.epoch >= self.config.patience:
            self._stop(StopReason.PATIENCE)
        self._save()
        self.on_epoch(report)

    def _adapt_epochs(self, epoch: int, seconds: float) -> None:
        """Adapt the number of epochs, and the learning-rate schedule, to the time limit."""
        if self.deadline is None or epoch >= self._epochs:
            return
        ends = [*(report.seconds for report in self._history), seconds]
        epochs = self.deadline.adapt_epochs(self._epochs, ends)
        if epochs != self._epochs:
            self._epochs = epochs
            remaining = max((epochs - epoch) * self._batches.steps, 1)
            optimizer = self.model.network.optimizer
            if hasattr(optimizer, "set_remaining_steps"):  # one of the user's has no end
                optimizer.set_remaining_steps(self._step, remaining)

    def _seconds(self) -> float:
        return self.clock() - self._started

    def _stop(self, reason: StopReason) -> None:
        """Stop after the current step; the first reason counts."""
        self._ended = self._ended or reason
        self.model.network.stop_training = True


def _join(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _is_interrupt(error: BaseException) -> bool:
    """Whether an error is Ctrl-C, or one that Ctrl-C causes in Keras on JAX.

    Keras then restores arrays that were donated to the step, or reads variables that it emptied
    before the step, which raises ``RuntimeError`` or ``TypeError``.
    """
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt)
