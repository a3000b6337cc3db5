"""The trainer: ``model.fit`` with a schedule, early stopping and a deadline."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.models.batch import Batch
from seqgen.training.backend import versions
from seqgen.training.batches import Batches
from seqgen.training.checkpoint import Checkpoint, TrainingState, copies, restore, variables_of
from seqgen.training.config import TrainConfig
from seqgen.training.data_stream import Feed
from seqgen.training.deadline import Deadline
from seqgen.training.history import EpochReport, Training
from seqgen.training.interrupt import Interrupt
from seqgen.training.optimizer import make_optimizer
from seqgen.training.steps_per_execution import Execution, choose_execution

if TYPE_CHECKING:
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN


@final
class Trainer:
    """Trains one model once. Afterwards the model holds the weights of its best epoch.

    Args:
        model: The model to train.
        batches: Its training data.
        validation: The validation items, padded; they decide when to stop.
        config: The settings.
        on_epoch: Called after each epoch.
        clock: Seconds from any start; replaced in tests.
        checkpoint: Where the state is kept after each epoch; what stands there is gone on with.
        callbacks: More Keras callbacks; they must change nothing.
        execution: How the steps are run; None chooses by the settings and the data.
        deadline: What holds it to a time; None for as many epochs as the settings say.
    """

    def __init__(
        self,
        model: KerasRNN,
        batches: Batches,
        validation: Sequence[Batch],
        config: TrainConfig,
        on_epoch: Callable[[EpochReport], None],
        clock: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint | None = None,
        callbacks: Sequence[Any] = (),
        execution: Execution | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self._execution = execution or _chosen(model, batches, config)
        self._batches = batches.arranged(self._execution.at_once, self._execution.lengths)
        self._model, self._validation = model, validation
        self._feed, self._interrupt = Feed(len(model.shape.context_sizes)), Interrupt()
        self._config, self._on_epoch, self._clock = config, on_epoch, clock
        self._history: list[EpochReport] = []
        self._checkpoint, self._callbacks = checkpoint, callbacks
        self._deadline, self._epochs = deadline, config.epochs
        self._best_weights: dict[str, Any] = dict(model.weights)
        self._evaluated, self._raw = self._best_weights, list[Any]()
        self._step, self._started, self._ended = 0, 0.0, "epochs"

    def train(self) -> Training:
        """Train to the end, the deadline, the patience, a loss that is no number any more or
        Ctrl-C, whichever comes first.

        Raises:
            SeqgenError: The loss is no number in the very first epoch, the checkpoint cannot be
                used, or the domain's ``augment`` gives what cannot be trained on.
        """
        self._compile()
        saved = self._checkpoint.load() if self._checkpoint else None
        self._started = self._clock()
        if saved is not None and self._checkpoint is not None:
            self._take_up(saved, self._checkpoint.path)
        try:
            if saved is None or not saved.ended:
                with self._feed.telling(), self._interrupt.noted():
                    self._fit()
        except (KeyboardInterrupt, Exception) as error:
            if not _is_interrupt(error):
                raise
            self._ended = "interrupted"
        if self._history:
            self._model.set_weights(self._best_weights)
        return Training(tuple(self._history), self._ended, str(self._execution))

    def _compile(self) -> None:
        steps = self._config.epochs * self._batches.steps
        self._model.network.prepare(
            make_optimizer(self._config, steps, stretching=self._deadline is not None),
            self._config.label_smoothing,
            self._execution.compiled,
        )

    def _take_up(self, saved: TrainingState, path: Path) -> None:
        """Go on from a checkpoint as if training had never stopped."""
        for then, now, mend in (
            (saved.execution, str(self._execution), "Set KERAS_BACKEND as it was"),
            (saved.versions, versions(), "Install those versions"),
        ):
            if then != now and not saved.ended:  # else nothing is computed any more
                raise SeqgenError(
                    f"{path} is of a training that ran on {then}, and this one would run on "
                    f"{now}: its bytes would differ. {mend}, or delete that file to train anew"
                )
        restore(self._model.network, saved.variables)
        self._history, self._best_weights = list(saved.history), dict(saved.best)
        self._step, self._epochs = saved.steps, saved.epochs
        self._started -= saved.history[-1].seconds
        self._ended = saved.ended or self._ended

    def _keep(self) -> None:
        """Write the checkpoint, where there is one."""
        if self._checkpoint is None:
            return
        self._checkpoint.save(
            TrainingState(
                tuple(copies(variables_of(self._model.network))),
                self._best_weights,
                tuple(self._history),
                self._step,
                self._epochs,
                self._ended if self._model.network.stop_training else "",
                str(self._execution),
                versions(),
            )
        )

    def _fit(self) -> None:
        import keras

        watch = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda step, logs: self._after_steps(),
            on_epoch_end=lambda epoch, logs: self._after_epoch(epoch + 1, logs),
            on_test_begin=lambda logs: self._before_evaluation(),
            on_test_end=lambda logs: self._after_evaluation(),
        )
        at_once = self._execution.at_once
        self._model.network.fit(
            self._feed.stream(self._stream, at_once),
            steps_per_epoch=self._batches.steps // at_once,
            epochs=self._deadline.most if self._deadline else self._epochs,
            initial_epoch=len(self._history),
            validation_data=self._feed.again_and_again(self._validation),
            validation_steps=len(self._validation),
            callbacks=[watch, *self._callbacks],
            shuffle=False,
            verbose=0,
        )

    def _stream(self) -> Iterator[Batch]:
        for epoch in itertools.count(len(self._history)):  # Keras reads ahead
            yield from self._batches.blocks(epoch)

    def _seconds(self) -> float:
        return self._clock() - self._started

    def _after_steps(self) -> None:
        self._interrupt.raise_again()
        self._step += self._execution.at_once
        if self._deadline and self._deadline.passed(self._seconds()):
            self._stop("minutes")

    def _before_evaluation(self) -> None:
        """Put the running mean of the weights in their place, where there is one."""
        variables = self._model.network.trainable_variables
        if self._config.ema:
            self._raw = copies(variables)
            self._model.network.optimizer.finalize_variable_values(variables)
            # Arrays of their own: on JAX the mean's would be given away with the weights.
            for variable, value in zip(variables, copies(variables), strict=True):
                variable.assign(value)

    def _after_evaluation(self) -> None:
        self._evaluated = dict(self._model.weights)
        variables = self._model.network.trainable_variables
        for variable, value in zip(variables, self._raw, strict=False):
            variable.assign(value)

    def _after_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        train, validation = float(logs["nats"]), float(logs["val_nats"])
        if not np.isfinite(train + validation):
            self._diverge()
            return
        report = self._report(epoch, train, validation)
        self._history.append(report)
        if report.best:
            self._best_weights = self._evaluated
        best = min(self._history, key=lambda entry: entry.validation_nats)
        if epoch >= self._epochs:
            self._stop("epochs")
        elif epoch - best.epoch >= self._config.patience:
            self._stop("patience")
        self._keep()
        self._on_epoch(report)
        self._interrupt.raise_again()

    def _diverge(self) -> None:
        """End where the loss is no number; what was learned before stays, where there is any."""
        self._ended, self._model.network.stop_training = "diverged", True
        if self._history:
            self._keep()
        self._interrupt.raise_again()

    def _report(self, epoch: int, train: float, validation: float) -> EpochReport:
        seconds = self._seconds()
        self._decide(epoch, seconds)
        # The first epoch compiles the step: it says nothing of those that follow.
        first, counted = (self._history[0].seconds, epoch - 1) if self._history else (0.0, epoch)
        left = (seconds - first) / counted * (self._epochs - epoch)
        best = all(validation < entry.validation_nats for entry in self._history)
        return EpochReport(epoch, train, validation, best, seconds, left, self._epochs)

    def _decide(self, epoch: int, seconds: float) -> None:
        """Have the deadline say how many epochs there are, and stretch the schedule to them."""
        if self._deadline is None or epoch >= self._epochs:
            return
        ends = [*(entry.seconds for entry in self._history), seconds]
        epochs = self._deadline.epochs(self._epochs, ends)
        if epochs != self._epochs:
            self._epochs = epochs
            left = (epochs - epoch) * self._batches.steps
            self._model.network.optimizer.stretch(self._step, max(left, 1))

    def _stop(self, why: str) -> None:
        """Stop behind the step that runs; the first reason counts."""
        if not self._model.network.stop_training:
            self._ended = why
        self._model.network.stop_training = True


def _chosen(model: KerasRNN, batches: Batches, config: TrainConfig) -> Execution:
    import keras

    return choose_execution(
        config, model.config, model.shape, batches.steps, batches.longest, keras.backend.backend()
    )


def _is_interrupt(error: BaseException) -> bool:
    """Whether it is Ctrl-C, or an error that Keras on JAX ends in when one comes within a step.

    It then tries to put arrays back that the step was given for good, or to read variables that
    it had emptied before the step, which is a ``RuntimeError`` or a ``TypeError``.
    """
    return isinstance(error, KeyboardInterrupt) or isinstance(error.__context__, KeyboardInterrupt)
