"""Steps: how many an epoch of a run's data has, and how they are run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from seqgen.errors import SeqgenError
from seqgen.models.batch import Batch, pad
from seqgen.models.config import ModelShape
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import RunData
from seqgen.runs.run_config import Recipe
from seqgen.training.batches import Batches
from seqgen.training.config import TrainConfig
from seqgen.training.steps_per_execution import Execution, choose_execution

if TYPE_CHECKING:
    pass


def shape_of(data: RunData) -> ModelShape:
    """What the data asks of a model."""
    return ModelShape(data.encoder.vocabulary.size, tuple(data.encoder.context_sizes))


def execution_for(data: RunData, recipe: Recipe, epochs: int) -> Execution:
    """How the steps of a recipe are run on all of the data; Keras is set up by then.

    Args:
        data: The items and their split.
        recipe: The settings.
        epochs: How many there are likely to be.
    """
    import keras

    config = replace(recipe.training, epochs=epochs)
    return choose_execution(
        config,
        recipe.model,
        shape_of(data),
        steps_of(data, config),
        longest_of(data, config),
        keras.backend.backend(),
    )


def steps_of(data: RunData, config: TrainConfig) -> int:
    """Steps of an epoch, before they are arranged to run several at once."""
    windows = -(-(data.part(data.split.train).lengths + 1) // config.window)
    return -(-int(windows.sum()) // config.batch_size)


def longest_of(data: RunData, config: TrainConfig) -> int:
    """Predictions of the longest training window."""
    return min(int(data.part(data.split.train).lengths.max()) + 1, config.window)


def check_backend_of(execution: Execution) -> None:
    """Refuse steps that were planned for another backend than the one that is set up.

    Raises:
        SeqgenError: They were.
    """
    import keras

    if execution.backend != keras.backend.backend():
        raise SeqgenError(
            f"the plan is for the Keras backend {execution.backend}, and KERAS_BACKEND is "
            f"{keras.backend.backend()}; set it as it was, or delete the run folder's plan.json "
            "to plan anew"
        )


#: Logits of one batch of validation items, 4 bytes each; more only where a training batch has more.
MOST_LOGITS = 2**26


def batches_of(loaded: LoadedDomain, data: RunData, config: TrainConfig) -> Batches:
    """The training batches of a network."""
    train, augment = data.split.train, loaded.domain.augment
    return Batches(
        [data.items[index] for index in train] if augment else data.part(train),
        data.encoder.encode,
        data.encoder.vocabulary,
        batch_size=config.batch_size,
        window=config.window,
        seed=config.seed,
        augment=augment,
        whose=f"domain {loaded.domain.name!r} ({loaded.distribution})",
    )


def validation_batches(data: RunData, config: TrainConfig) -> list[Batch]:
    """The validation items side by side, like lengths together.

    Four times as many as are trained on, where their logits stay within ``MOST_LOGITS``.
    """
    vocabulary = data.encoder.vocabulary
    rows = data.windows(data.split.validation, config.window)
    rows.sort(key=lambda row: len(row.inputs))
    found, at = list[Batch](), 0
    while at < len(rows):
        size = 4 * config.batch_size
        longest = len(rows[min(at + size, len(rows)) - 1].inputs)
        if size * longest * vocabulary.size > MOST_LOGITS:
            size = config.batch_size
        found.append(pad(rows[at : at + size], vocabulary))
        at += size
    return found
