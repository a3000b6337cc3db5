"""The learning curve of a run: models trained on parts of its training items."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from seqgen.errors import DataError, SeqgenError
from seqgen.evaluation.learning_curve import LearningCurve, learning_curve
from seqgen.evaluation.likelihood import likelihood
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.io.atomic_files import write_file
from seqgen.io.run_folder import RunFolder
from seqgen.models.model_file import TrainedModel
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.runs.dataset import RunData
from seqgen.runs.open_run import OpenRun
from seqgen.runs.run_config import Run, RunConfig
from seqgen.runs.train import TrainingCallbacks, train_part
from seqgen.settings import settings_from
from seqgen.training.train_config import TrainConfig

#: A model is trained on 1 in this many of the training items, and one on all of them.
PARTS = (8, 4, 2)


def measure_learning_curve(
    run: OpenRun, callbacks: TrainingCallbacks, on_part: Callable[[int, int], None]
) -> LearningCurve:
    """Train on 1/8, 1/4 and 1/2 of the training items, and score the same held-out items.

    The models are saved in ``learning_curve`` inside the run folder, and reused if they are up to
    date. The curve is also written to ``learning_curve.json``.

    Args:
        run: The run.
        callbacks: Called during each training.
        on_part: Called before each training with its part (8 for 1/8) and its number of items.

    Raises:
        DataError: There are fewer groups of training items than parts.
        KeyboardInterrupt: Ctrl-C.
        SeqgenError: The run's own training was interrupted or diverged; or as ``train_part``.
    """
    ended = run.trained.manifest["training_ended"]["ended"]
    if ended == "diverged":
        raise SeqgenError(
            f"the loss of the training of {run.folder.path} became NaN, so its model is no point "
            "of a learning curve; retrain with a lower --learning-rate"
        )
    if ended == "interrupted":
        raise SeqgenError(
            f"the training of {run.folder.path} was interrupted, so a learning curve would compare "
            f"an unfinished model with finished ones; seqgen train --resume {run.folder.path}"
        )
    held_out, vocabulary = run.data.part(run.data.split.held_out), run.data.encoder.vocabulary
    groups = run.data.groups_of(run.data.split.held_out)
    counts, scored = [], []
    for trained, items in _models(run, callbacks, on_part):
        counts.append(items)
        scored.append(likelihood(trained.model, held_out, vocabulary, groups))
    curve = learning_curve(counts, scored)
    content = {"identity": run.trained.manifest["identity"], **curve.to_json()}
    write_file(run.folder.learning_curve, json.dumps(content, indent=2) + "\n")
    return curve


def _models(
    run: OpenRun, callbacks: TrainingCallbacks, on_part: Callable[[int, int], None]
) -> Iterator[tuple[TrainedModel, int]]:
    manifest = run.trained.manifest
    training = settings_from(TrainConfig, manifest["training"], "training")
    if training.minutes is not None:  # the parts get the epochs of the run
        epochs = manifest["training_ended"]["epochs"]
        training = replace(training, epochs=max(round(epochs / training.seeds), 1), minutes=None)
    config = RunConfig(
        model=settings_from(ModelConfig, manifest["model"], "model"),
        training=training,
        sampling=settings_from(SamplingConfig, manifest["generation"], "generation"),
    )
    for part in PARTS:
        data = training_part(run.data, part)
        folder = RunFolder(run.folder.path / "learning_curve" / f"1of{part}")
        on_part(part, len(data.split.train))
        yield train_part(Run(run.loaded, config, data, folder), callbacks), len(data.split.train)
    yield run.trained, len(run.data.split.train)


def training_part(data: RunData, part: int) -> RunData:
    """The data with about 1 in ``part`` of its training items, by groups; larger parts include
    the smaller ones.

    Raises:
        DataError: There are fewer groups than ``part``.
    """
    train = data.split.train
    group_of = data.groups.tolist()
    groups = list(dict.fromkeys(group_of[index] for index in train))
    if len(groups) < part:
        raise DataError(
            f"{len(groups)} different training item(s) or group(s): a learning curve needs at "
            f"least {part}; give more data"
        )
    rng = np.random.Generator(np.random.Philox(key=[0, 5]))
    rank = {groups[k]: at for at, k in enumerate(rng.permutation(len(groups)).tolist())}
    limit = -(-len(groups) // part)
    chosen = array("q", (index for index in train if rank[group_of[index]] < limit))
    return data.with_split(replace(data.split, train=chosen))
