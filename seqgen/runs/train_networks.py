"""Networks: every network of a run trained in turn, from its checkpoint where it has one."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from seqgen.errors import SeqgenError
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.callbacks import OnEpoch
from seqgen.runs.dataset import RunData
from seqgen.runs.equivalence import certify, check_untrained
from seqgen.runs.run_config import Recipe, checkpoint_of
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.training_batches import (
    batches_of,
    check_backend_of,
    execution_for,
    shape_of,
    validation_batches,
)
from seqgen.training.backend import on_cpu
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.config import TrainConfig
from seqgen.training.deadline import Deadline
from seqgen.training.history import EpochReport, Training, first_told
from seqgen.training.steps_per_execution import Execution
from seqgen.training.tensorboard import tensorboard_callbacks
from seqgen.training.trainer import Trainer

if TYPE_CHECKING:
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

Clock = Callable[[], float]
#: The deadline of a network, counted from 1, after so many seconds of training the ones before.
Deadlines = Callable[[int, float], Deadline]


@final
@dataclass(frozen=True, slots=True)
class Trained:
    """The networks of a run.

    Args:
        networks: The NumPy half of each.
        trainings: How each training went.
        equivalence: The certificate of the one whose halves are furthest apart.
    """

    networks: tuple[NumpyRNN, ...]
    trainings: tuple[Training, ...]
    equivalence: Mapping[str, Any]


def train_networks(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    on_epoch: OnEpoch,
    events: Path | None = None,
    execution: Execution | None = None,
    deadlines: Deadlines | None = None,
    clock: Clock = time.monotonic,
) -> Trained:
    """Train every network of a recipe in turn.

    Args:
        loaded: The domain.
        data: The items and their split.
        recipe: The settings.
        folder: Where the checkpoints stand.
        on_epoch: Told of each epoch.
        events: Where TensorBoard's files go; None for none.
        execution: How the steps are run; None for what the settings and the data lead to.
        deadlines: Holds each network to its time; None for as many epochs as the recipe says.
        clock: Seconds from any start.

    Raises:
        KeyboardInterrupt: Ctrl-C came before the first epoch ended.
        SeqgenError: The loss of every network is no number at once, the execution is of another
            backend, or Keras and NumPy disagree on a network before its training or behind it.
    """
    kind = make_keras(recipe.training.seed)
    execution = execution or execution_for(data, recipe, recipe.training.epochs)
    check_backend_of(execution)
    networks, trainings, certificates, ended, spent = [], [], [], list[str](), 0.0
    for number, config in enumerate(_of_each_network(recipe.training)):
        checkpoint = checkpoint_of(loaded, data.card, recipe, folder, number)
        keras_model = kind(recipe.model, shape_of(data), config.seed)
        if not number and not on_cpu():
            check_untrained(keras_model, _numpy_half(keras_model, recipe, data), data)
        training = fit(
            keras_model,
            loaded,
            data,
            config,
            execution,
            functools.partial(_pass_on, on_epoch, number + 1),
            clock,
            checkpoint,
            tensorboard_callbacks(events, number + 1),
            deadlines(number + 1, spent) if deadlines else None,
        )
        if training.best is not None:
            networks.append(_numpy_half(keras_model, recipe, data))
            trainings.append(training)
            certificates.append(certify(keras_model, networks[-1], data))
            spent += training.history[-1].seconds
        ended.append(training.ended)
        if training.ended == "interrupted":
            break
    if not networks and "diverged" in ended:
        raise without_a_number(recipe.training)
    return _trained(networks, trainings, certificates, first_told(ended))


def _numpy_half(keras_model: KerasRNN, recipe: Recipe, data: RunData) -> NumpyRNN:
    """The half that steps, of the weights of now."""
    return NumpyRNN(recipe.model, shape_of(data), keras_model.weights)


def _trained(
    networks: list[NumpyRNN],
    trainings: list[Training],
    certificates: list[dict[str, Any]],
    ended: str,
) -> Trained:
    if not networks:
        raise KeyboardInterrupt("before the first epoch ended, so there is no model to keep")
    if ended != first_told([training.ended for training in trainings]):
        # It is the end of a network that has no epoch to keep.
        trainings[-1] = replace(trainings[-1], ended=ended)
    worst = max(certificates, key=lambda entry: float(entry["largest_difference_nats"]))
    return Trained(tuple(networks), tuple(trainings), worst)


def without_a_number(config: TrainConfig) -> SeqgenError:
    """The error of a training that has nothing to keep, as its loss was no number at once."""
    return SeqgenError(
        "the loss is not a number in the first epoch: "
        f"lower --learning-rate (was {config.learning_rate})"
    )


def make_keras(seed: int) -> type[KerasRNN]:
    """The class of the trainable half, its backend set up and seeded."""
    from seqgen.training.backend import prepare_backend

    prepare_backend(seed)
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    return KerasRNN


def _of_each_network(config: TrainConfig) -> Iterator[TrainConfig]:
    """The settings of each network: seeds that follow. The time is kept by a deadline, so that
    the schedule goes by steps alone."""
    for number in range(config.seeds):
        yield replace(config, seed=(config.seed + number) % 2**32, minutes=None)


def _pass_on(on_epoch: OnEpoch, network: int, report: EpochReport) -> None:
    on_epoch(report, network)


def fit(
    model: KerasRNN,
    loaded: LoadedDomain,
    data: RunData,
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
        model: The network; afterwards it holds the weights of its best epoch.
        loaded: The domain, for its ``augment``.
        data: Its training and validation items.
        config: The settings of this one network.
        execution: How its steps are run.
        on_epoch: Told of each epoch.
        clock: Seconds from any start.
        checkpoint: Where its state is kept.
        callbacks: More Keras callbacks.
        deadline: Holds it to its time.
    """
    return Trainer(
        model,
        batches_of(loaded, data, config),
        validation_batches(data, config),
        config,
        on_epoch,
        clock=clock,
        checkpoint=checkpoint,
        callbacks=callbacks,
        execution=execution,
        deadline=deadline,
    ).train()
