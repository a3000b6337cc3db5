"""Trains the networks of a run one after the other, each from its checkpoint if it has one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, final

from seqgen.errors import SeqgenError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.runs.keras_numpy_equivalence import certify, check_untrained
from seqgen.runs.run_config import Run
from seqgen.runs.training_batches import (
    check_backend,
    execution_for,
    model_shape,
    training_batches,
    validation_batches,
)
from seqgen.training.backend import on_cpu
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.history import EpochReport, Training, tensorboard_callbacks
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import Deadline, StopReason
from seqgen.training.train_config import TrainConfig
from seqgen.training.trainer import Trainer

if TYPE_CHECKING:
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

Clock = Callable[[], float]
#: The deadline of a network, counted from 1, after the seconds of training of the earlier ones.
Deadlines = Callable[[int, float], Deadline]


@final
@dataclass(frozen=True, slots=True)
class TrainedNetworks:
    """The networks of a run.

    Args:
        networks: The NumPy form of each.
        trainings: The history of each training.
        equivalence: The certificate of the network whose Keras and NumPy forms differ most.
    """

    networks: tuple[NumpyRNN, ...]
    trainings: tuple[Training, ...]
    equivalence: Mapping[str, Any]

    @property
    def stop_reason(self) -> StopReason:
        """Why training ended; see ``StopReason.combine``."""
        return StopReason.combine([training.ended for training in self.trainings])


def train_networks(
    run: Run,
    on_epoch: Callable[[EpochReport, int], None],
    events: Path | None = None,
    execution: Execution | None = None,
    deadlines: Deadlines | None = None,
    clock: Clock = time.monotonic,
) -> TrainedNetworks:
    """Train every network of a run.

    Args:
        run: The run.
        on_epoch: Called after each epoch with its report and the number of the network, from 1.
        events: The folder of TensorBoard's files; None for none.
        execution: How the steps are run; None to choose it by the settings and the data.
        deadlines: The deadline of each network; None for the epochs of the configuration.
        clock: Seconds from any start.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
        SeqgenError: The loss of every network is NaN in its first epoch, the execution is of
            another backend, or Keras and NumPy disagree on a network before or after its training.
    """
    kind, data, settings = import_keras_rnn(run.config.training.seed), run.data, run.config.training
    execution = execution or execution_for(run, settings.epochs)
    check_backend(execution)
    networks, trainings, certificates, ended, spent = [], [], [], list[StopReason](), 0.0
    for number, config in enumerate(_network_configs(settings)):
        keras_model = kind(run.config.model, model_shape(data), config.seed)
        if not number and not on_cpu():
            check_untrained(keras_model, make_numpy_rnn(keras_model, run), data)
        training = fit(
            keras_model,
            run,
            config,
            execution,
            lambda report, network=number + 1: on_epoch(report, network),  # type: ignore[misc]
            clock,
            run.checkpoint(number),
            [*run.objects.callbacks, *tensorboard_callbacks(events, number + 1)],
            deadlines(number + 1, spent) if deadlines else None,
        )
        if training.best is not None:
            networks.append(make_numpy_rnn(keras_model, run))
            trainings.append(training)
            certificates.append(certify(keras_model, networks[-1], data))
            spent += training.history[-1].seconds
        ended.append(training.ended)
        if training.ended is StopReason.INTERRUPTED:
            break
    if not networks and StopReason.DIVERGED in ended:
        raise_diverged(settings)
    if not networks:
        raise KeyboardInterrupt("before the first epoch ended, so there is no model to keep")
    reason = StopReason.combine(ended)
    if reason != StopReason.combine([training.ended for training in trainings]):
        # It is the end of a network that finished no epoch.
        trainings[-1] = replace(trainings[-1], ended=reason)
    worst = max(certificates, key=lambda entry: float(entry["largest_difference_nats"]))
    return TrainedNetworks(tuple(networks), tuple(trainings), worst)


def make_numpy_rnn(keras_model: KerasRNN, run: Run) -> NumpyRNN:
    """A NumpyRNN with the current weights of a network."""
    return NumpyRNN(run.config.model, model_shape(run.data), keras_model.weights)


def raise_diverged(config: TrainConfig) -> NoReturn:
    """Raise the error of a training whose loss is NaN in its first epoch."""
    raise SeqgenError(
        "the loss is not a number in the first epoch: "
        f"lower --learning-rate (was {config.learning_rate})"
    )


def import_keras_rnn(seed: int) -> type[KerasRNN]:
    """The class of the trainable network; sets its backend up and seeds it."""
    from seqgen.training.backend import prepare_backend

    prepare_backend(seed)
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    return KerasRNN


def _network_configs(config: TrainConfig) -> Iterator[TrainConfig]:
    """The settings of each network, with consecutive seeds. A deadline keeps the minutes, so
    that the schedule depends on steps only."""
    for number in range(config.seeds):
        yield replace(config, seed=(config.seed + number) % 2**32, minutes=None)


def fit(
    model: KerasRNN,
    run: Run,
    config: TrainConfig,
    execution: Execution,
    on_epoch: Callable[[EpochReport], None],
    clock: Clock = time.monotonic,
    checkpoint: Checkpoint | None = None,
    callbacks: Sequence[Any] = (),
    deadline: Deadline | None = None,
) -> Training:
    """Train one network on the training items; see ``Trainer``.

    Args:
        model: The network; afterwards it has the weights of its best epoch.
        run: Its data, and the ``augment`` of its domain.
        config: The settings of this network.
        execution: How its steps are run.
        on_epoch: Called after each epoch.
        clock: Seconds from any start.
        checkpoint: Where its state is saved.
        callbacks: More Keras callbacks.
        deadline: Limits its time.
    """
    return Trainer(
        model,
        training_batches(run.loaded, run.data, config),
        validation_batches(run.data, config),
        config,
        execution,
        on_epoch,
        clock=clock,
        checkpoint=checkpoint,
        callbacks=callbacks,
        deadline=deadline,
        objects=run.objects,
    ).train()
