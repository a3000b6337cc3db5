"""Steps: how many an epoch of a run's data has, and how they are run."""

from __future__ import annotations

from dataclasses import replace

from seqgen.errors import SeqgenError
from seqgen.models.config import ModelShape
from seqgen.runs.data import RunData
from seqgen.runs.recipe import Recipe
from seqgen.training.config import TrainConfig
from seqgen.training.execution import Execution, choose_execution


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
