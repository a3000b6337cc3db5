"""The batches of a run: training, validation, how many steps they are, and how these are run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seqgen.errors import SeqgenError
from seqgen.models.padded_batch import Batch, pad
from seqgen.models.sequence_model import ModelShape
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.dataset import RunData
from seqgen.runs.run_config import Run
from seqgen.training.seeded_batches import Batches
from seqgen.training.steps_per_execution import Execution, choose_execution
from seqgen.training.train_config import TrainConfig

#: The maximum logits of a batch of validation items, 4 bytes each, unless a training batch has
#: more.
MOST_LOGITS = 2**26


def model_shape(data: RunData) -> ModelShape:
    """The shape of a model for the data."""
    return ModelShape(data.encoder.vocabulary.size, tuple(data.encoder.context_sizes))


def execution_for(run: Run, epochs: int) -> Execution:
    """How the steps of a run are executed; Keras must be set up.

    Args:
        run: The run.
        epochs: The expected number of epochs.
    """
    import keras

    config = replace(run.config.training, epochs=epochs)
    return choose_execution(
        config,
        run.config.model,
        model_shape(run.data),
        count_steps(run.data, config, run.data.split.train),
        longest_window(run.data, config),
        keras.backend.backend(),
    )


def count_steps(data: RunData, config: TrainConfig, items: Sequence[int]) -> int:
    """The batches of some items, before they are rounded up to complete calls."""
    windows = -(-(data.part(items).lengths + 1) // config.window)
    return -(-int(windows.sum()) // config.batch_size)


def longest_window(data: RunData, config: TrainConfig) -> int:
    """Predictions of the longest training window."""
    return min(int(data.part(data.split.train).lengths.max()) + 1, config.window)


def check_backend(execution: Execution) -> None:
    """Refuse an execution that was planned for another backend.

    Raises:
        SeqgenError: It was.
    """
    import keras

    if execution.backend != keras.backend.backend():
        raise SeqgenError(
            f"the plan is for the Keras backend {execution.backend}, and KERAS_BACKEND is "
            f"{keras.backend.backend()}; set it as it was, or delete plan.json in the run folder "
            "to plan again"
        )


def training_batches(loaded: LoadedDomain, data: RunData, config: TrainConfig) -> Batches:
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
        owner=f"domain {loaded.domain.name!r} ({loaded.distribution})",
    )


def validation_batches(data: RunData, config: TrainConfig) -> list[Batch]:
    """The validation items in batches of similar lengths.

    They are four times as large as training batches if their logits stay within ``MOST_LOGITS``.
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
