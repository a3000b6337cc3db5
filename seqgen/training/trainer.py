"""The trainer: ``model.fit`` with a schedule, early stopping on validation items, and a budget."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from seqgen.errors import SeqgenError
from seqgen.models.windows import Batch
from seqgen.training.batches import Batches
from seqgen.training.checkpoint import Checkpoint, TrainingState
from seqgen.training.config import TrainConfig
from seqgen.training.history import EpochReport, Training
from seqgen.training.optimizer import make_loss, make_metric, make_optimizer

if TYPE_CHECKING:
    from seqgen.models.keras_rnn import KerasRNN


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
    ) -> None:
        self._model, self._batches, self._validation = model, batches, validation
        self._config, self._on_epoch, self._clock = config, on_epoch, clock
        self._history: list[EpochReport] = []
        self._checkpoint, self._callbacks = checkpoint, callbacks
        self._best_weights: dict[str, Any] = dict(model.weights)
        self._evaluated, self._raw = self._best_weights, list[Any]()
        self._step, self._started, self._ended = 0, 0.0, "epochs"

    def train(self) -> Training:
        """Train to the end, the budget, the patience or Ctrl-C, whichever comes first.

        Raises:
            SeqgenError: The loss is no longer a number, or the checkpoint cannot be used.
        """
        self._compile()
        saved = self._checkpoint.load() if self._checkpoint else None
        self._started = self._clock()
        if saved is not None:
            self._take_up(saved)
        try:
            if saved is None or not saved.ended:
                self._fit()
                self._keep(self._ended)
        except KeyboardInterrupt:
            self._ended = "interrupted"
        if self._history:
            self._model.set_weights(self._best_weights)
        return Training(tuple(self._history), self._ended)

    def _compile(self) -> None:
        network = self._model.network
        network.compile(
            optimizer=make_optimizer(self._config),
            loss=make_loss(self._config),
            weighted_metrics=[make_metric()],
        )
        network.optimizer.build(network.trainable_variables)

    def _variables(self) -> list[Any]:
        """All that changes in training: weights, random generators, optimiser."""
        network = self._model.network
        seeds = [
            entry.seeds.state if hasattr(entry, "seeds") else entry.seed_generator.state
            for entry in network.layers
            if hasattr(entry, "seeds") or hasattr(entry, "seed_generator")
        ]
        return [*network.weights, *seeds, *network.optimizer.variables]

    def _take_up(self, saved: TrainingState) -> None:
        """Go on from a checkpoint as if training had never stopped."""
        variables = self._variables()
        if [tuple(part.shape) for part in variables] != [part.shape for part in saved.variables]:
            raise SeqgenError(
                "the checkpoint was written by another version of seqgen or Keras: its variables "
                "do not fit; delete the run folder's checkpoint files to train anew"
            )
        for variable, value in zip(variables, saved.variables, strict=True):
            variable.assign(value)
        self._history, self._best_weights = list(saved.history), dict(saved.best)
        self._step = saved.steps
        self._started -= saved.history[-1].seconds
        self._ended = saved.ended or self._ended

    def _keep(self, ended: str = "") -> None:
        """Write the checkpoint, where there is one and an epoch to keep."""
        if self._checkpoint is None or not self._history:
            return
        import keras

        arrays = (np.array(keras.ops.convert_to_numpy(part)) for part in self._variables())
        history = tuple(self._history)
        self._checkpoint.save(
            TrainingState(tuple(arrays), self._best_weights, history, self._step, ended)
        )

    def _fit(self) -> None:
        import keras

        watch = keras.callbacks.LambdaCallback(
            on_train_batch_begin=lambda step, logs: self._before_step(),
            on_train_batch_end=lambda step, logs: self._after_step(),
            on_epoch_end=lambda epoch, logs: self._after_epoch(epoch + 1, logs),
            on_test_begin=lambda logs: self._before_evaluation(),
            on_test_end=lambda logs: self._after_evaluation(),
        )
        self._model.network.fit(
            self._for_backend(self._stream),
            steps_per_epoch=self._batches.steps,
            epochs=self._config.epochs,
            initial_epoch=len(self._history),
            validation_data=self._for_backend(self._validation_stream),
            validation_steps=len(self._validation),
            callbacks=[watch, *self._callbacks],
            shuffle=False,
            verbose=0,
        )

    def _stream(self) -> Iterator[Any]:
        for epoch in range(len(self._history), self._config.epochs + 1):  # Keras reads ahead
            yield from map(self._as_keras, self._batches.epoch(epoch))

    def _validation_stream(self) -> Iterator[Any]:
        while True:
            yield from map(self._as_keras, self._validation)

    def _for_backend(self, stream: Callable[[], Iterator[Any]]) -> Any:
        """A stream as ``fit`` takes it, for batches of any length.

        From a plain generator Keras on TensorFlow infers one fixed shape where its first two
        batches happen to be equally long, and refuses the others; a dataset says its shapes.
        """
        import keras

        if keras.backend.backend() != "tensorflow":
            return stream()
        import tensorflow as tf

        tokens = tf.TensorSpec((None, None), tf.int32)
        columns = len(self._model.shape.context_sizes)
        context = (tf.TensorSpec((None, None, columns), tf.int32),) if columns else ()
        weights = tf.TensorSpec((None, None), tf.float32)
        signature = ((tokens, *context), tokens, weights)
        return tf.data.Dataset.from_generator(stream, output_signature=signature).prefetch(2)

    @staticmethod
    def _as_keras(batch: Batch) -> tuple[Any, Any, Any]:
        context = () if batch.context is None else (batch.context,)
        return (batch.inputs, *context), batch.targets, batch.weights

    def _before_step(self) -> None:
        rate = self._config.learning_rate * self._rate_share(self._progress())
        self._model.network.optimizer.learning_rate = rate

    def _progress(self) -> float:
        """How much of the training is done, 0 to 1: by steps, or by time where that is further."""
        done = self._step / (self._config.epochs * self._batches.steps)
        if self._config.minutes is not None:
            done = max(done, (self._clock() - self._started) / (60 * self._config.minutes))
        return min(done, 1.0)

    def _rate_share(self, done: float) -> float:
        """Linear warm-up, then half a cosine down to 2 % of the peak."""
        warm_up = self._config.warm_up
        if done < warm_up:
            return max(done / warm_up, 0.02)
        fall = (done - warm_up) / (1 - warm_up)
        return 0.02 + 0.98 * (1 + math.cos(math.pi * fall)) / 2

    def _after_step(self) -> None:
        self._step += 1
        if self._config.minutes is not None and self._progress() >= 1.0:
            self._stop("minutes")

    def _before_evaluation(self) -> None:
        """Put the running mean of the weights in their place, where there is one."""
        import keras

        variables = self._model.network.trainable_variables
        if self._config.ema:
            self._raw = [np.array(keras.ops.convert_to_numpy(part)) for part in variables]
            self._model.network.optimizer.finalize_variable_values(variables)

    def _after_evaluation(self) -> None:
        self._evaluated = dict(self._model.weights)
        variables = self._model.network.trainable_variables
        for variable, value in zip(variables, self._raw, strict=False):
            variable.assign(value)

    def _after_epoch(self, epoch: int, logs: dict[str, float]) -> None:
        report = self._report(epoch, float(logs["nats"]), float(logs["val_nats"]))
        if not np.isfinite(report.train_nats + report.validation_nats):
            raise SeqgenError(
                f"the loss is not a number in epoch {epoch}: "
                f"lower --learning-rate (was {self._config.learning_rate})"
            )
        self._history.append(report)
        if report.best:
            self._best_weights = self._evaluated
        best = min(self._history, key=lambda entry: entry.validation_nats)
        if epoch - best.epoch >= self._config.patience:
            self._stop("patience")
        self._keep()
        self._on_epoch(report)

    def _report(self, epoch: int, train: float, validation: float) -> EpochReport:
        seconds = self._clock() - self._started
        left = seconds / epoch * (self._config.epochs - epoch)
        if self._config.minutes is not None:
            left = min(left, max(60 * self._config.minutes - seconds, 0.0))
        best = all(validation < entry.validation_nats for entry in self._history)
        return EpochReport(epoch, train, validation, best, seconds, left)

    def _stop(self, why: str) -> None:
        self._ended = why
        self._model.network.stop_training = True
