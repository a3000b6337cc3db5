"""The probe: a few steps of a recipe, to measure what its training costs on this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.evaluation.likelihood import likelihood
from seqgen.models.ngram import NGram
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import SequenceModel
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import RunData
from seqgen.runs.equivalence import certify, check_untrained
from seqgen.runs.run_config import Recipe
from seqgen.runs.time_budget.costs import Costs, EpochSeconds, Timings
from seqgen.runs.train_networks import fit, make_keras, without_a_number
from seqgen.runs.training_batches import execution_for, shape_of, steps_of
from seqgen.training.backend import on_cpu
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.config import TrainConfig
from seqgen.training.history import EpochReport
from seqgen.training.steps_per_execution import Execution

if TYPE_CHECKING:
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

#: Batches of each epoch of the probe at least, calls of the backend likewise, and its epochs; the
#: first traces and is not counted.
STEPS, CALLS, EPOCHS = 8, 2, 4
#: Another execution is measured where the training would take so many seconds.
OTHER_FROM = 60.0
#: It ends early, behind its second epoch, where it has used this share of the minutes.
LARGEST_SHARE = 0.04
#: Items that scoring is timed on, several times what is scored side by side.
SCORED = 512
#: How often a finished model scores the validation and the held-out items, each member of it.
VALIDATION_PASSES, HELD_OUT_PASSES = 2, 3

Clock = Callable[[], float]


@final
@dataclass(frozen=True, slots=True)
class Probe:
    """Trains a few steps on a part of the items, and times all that a training consists of.

    What it trained is thrown away, and the generators are seeded anew for the training, so a
    probe leaves no trace in a model.

    Args:
        loaded: The domain.
        data: The items and their split.
        recipe: What to measure; its ``training.minutes`` bounds the probe.
        ngram: The fitted n-gram, which the finished model scores with.
        path: Where a checkpoint is written, as often as in a training, and removed.
        clock: Seconds from any start.
    """

    loaded: LoadedDomain
    data: RunData
    recipe: Recipe
    ngram: NGram
    path: Path
    clock: Clock

    def cheapest(self, left: Callable[[], float]) -> Costs:
        """The costs of the execution under which one network is done with its epochs soonest.

        First that of a short training is measured; then, where the time is ample and as many
        epochs as it allows would be run otherwise, that one too.

        Args:
            left: Seconds that are left for all of it.
        """
        self._keras()
        first = self.costs(execution_for(self.data, self.recipe, epochs=1))
        epochs = min(first.epochs_in(left(), 1), self.recipe.training.epochs)
        other = execution_for(self.data, self.recipe, epochs)
        if other == first.execution or epochs * first.epoch < OTHER_FROM:
            return first
        return min(first, self.costs(other), key=lambda costs: costs.total(1, epochs))

    def costs(self, execution: Execution) -> Costs:
        """What the recipe costs when its steps are run so.

        Raises:
            KeyboardInterrupt: Ctrl-C, heard in its training.
            SeqgenError: As ``fit`` and the certificate.
        """
        data, recipe, clock = self.data, self.recipe, self.clock
        config = replace(recipe.training, epochs=EPOCHS, patience=EPOCHS, seeds=1, minutes=None)
        part = _part(data, config, execution)
        began = clock()
        keras_model, epochs = self._trained(part, config, execution)
        trained = clock()
        model = self._stepping(keras_model)
        certify(keras_model, model, data)
        certified = clock()
        made, steps = (execution.arranged(steps_of(of, config)) for of in (part, data))
        return Timings(
            trained_in=trained - began,
            epochs=tuple(epochs),
            made=made,
            certificate=certified - trained,
            network_token=_seconds_a_token(model, data, clock),
            ngram_token=_seconds_a_token(self.ngram, data, clock),
        ).costs(steps, _tokens_to_score(data), execution)

    def _trained(
        self, part: RunData, config: TrainConfig, execution: Execution
    ) -> tuple[KerasRNN, list[EpochSeconds]]:
        """A network trained on a part of the data, and what each epoch took."""
        keras_model = self._keras()(self.recipe.model, shape_of(self.data), seed=config.seed)
        if not on_cpu():
            check_untrained(keras_model, self._stepping(keras_model), self.data)
        minutes = self.recipe.training.minutes or 1.0
        watch = _Watch(self.clock, LARGEST_SHARE * 60 * minutes)
        checkpoint = Checkpoint(self.path, "probe")
        checkpoint.remove()  # a probe that was killed left it; nothing is gone on with here
        try:
            training = fit(
                keras_model,
                self.loaded,
                part,
                config,
                execution,
                _ignore,
                self.clock,
                checkpoint,
                [watch.callback()],
            )
        finally:
            checkpoint.remove()
        if training.ended == "interrupted":
            raise KeyboardInterrupt("while the training was planned, so there is no model to keep")
        if training.ended == "diverged":
            raise without_a_number(config)
        return keras_model, watch.epochs

    def _stepping(self, keras_model: KerasRNN) -> NumpyRNN:
        """The NumPy half of a network, of its weights of now."""
        return NumpyRNN(self.recipe.model, shape_of(self.data), keras_model.weights)

    def _keras(self) -> type[KerasRNN]:
        """The class of the network; importing its backend is no price of a training to come."""
        return make_keras(self.recipe.training.seed)


def _ignore(report: EpochReport) -> None:
    """Nobody needs the figures of a probe."""


def _part(data: RunData, config: TrainConfig, execution: Execution) -> RunData:
    """The data with a few steps of its training items, evenly spread.

    So many that the steps come in several calls, and in as many as have lengths of their own.
    """
    calls = max(CALLS, execution.lengths)
    items = max(STEPS, calls * execution.at_once) * config.batch_size
    train = data.split.train
    stride = max(len(train) // items, 1)
    return replace(data, split=replace(data.split, train=train[::stride][:items]))


def _tokens_to_score(data: RunData) -> int:
    validation, held_out = (
        int((data.part(part).lengths + 1).sum())
        for part in (data.split.validation, data.split.held_out)
    )
    return VALIDATION_PASSES * validation + HELD_OUT_PASSES * held_out


def _seconds_a_token(model: SequenceModel[Any], data: RunData, clock: Clock) -> float:
    items, vocabulary = data.part(data.split.validation[:SCORED]), data.encoder.vocabulary
    likelihood(model, items[:1], vocabulary)  # what is made once is no price of a token
    began = clock()
    figures = likelihood(model, items, vocabulary)
    return (clock() - began) / int(figures.tokens.sum())


@final
class _Watch:
    """Times the epochs of a training: their steps, and the rest of each."""

    def __init__(self, clock: Clock, most_seconds: float) -> None:
        self._clock, self._ends = clock, clock() + most_seconds
        self._began, self._first, self._trained, self._calls = 0.0, 0.0, 0.0, 0
        self.epochs = list[EpochSeconds]()

    def callback(self) -> Any:
        """The Keras callback that times; to stand behind the trainer's own."""
        import keras

        watch = self

        class Timed(keras.callbacks.Callback):  # type: ignore[misc]
            """Looks at the clock when an epoch begins, behind each step, and at its end."""

            def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
                watch.begin()

            def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
                watch.stepped()

            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                if watch.enough():
                    self.model.stop_training = True

        return Timed()

    def begin(self) -> None:
        """An epoch begins."""
        self._began, self._calls = self._clock(), 0

    def stepped(self) -> None:
        """A step of the epoch is made, or several in one call."""
        self._trained, self._calls = self._clock(), self._calls + 1
        if self._calls == 1:
            self._first = self._trained

    def enough(self) -> bool:
        """The epoch is over; whether the probe is, too."""
        now = self._clock()
        whole = self._trained - self._began
        steady = whole
        if self._calls > 1:
            between = (self._trained - self._first) / (self._calls - 1)
            steady = min(between * self._calls, whole)
        self.epochs.append(EpochSeconds(whole, steady, now - self._trained))
        return len(self.epochs) > 1 and now >= self._ends
