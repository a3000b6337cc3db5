"""Training on parts of a run's training items, for its learning curve."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from seqgen.errors import DataError, SeqgenError
from seqgen.evaluation.learning_curve import LearningCurve, learning_curve
from seqgen.evaluation.likelihood import likelihood
from seqgen.generation.config import SamplingConfig
from seqgen.io.files import write_file
from seqgen.models.config import ModelConfig
from seqgen.models.model_file import TrainedModel
from seqgen.report.measurements import CURVE
from seqgen.runs.callbacks import Listeners
from seqgen.runs.dataset import RunData
from seqgen.runs.open_run import OpenRun
from seqgen.runs.run_config import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.train import one_of_several
from seqgen.settings import settings_from
from seqgen.training.config import TrainConfig

#: The parts of the training items that are trained on beside the whole.
PARTS = (8, 4, 2)
#: Told before a part is trained on: one in how many items it is, and how many they are.
OnPart = Callable[[int, int], None]


def curve_of(run: OpenRun, listeners: Listeners, on_part: OnPart) -> LearningCurve:
    """Train on 1/8, 1/4 and 1/2 of the training items, score all on the same held-out items.

    The models stand in ``learning_curve`` inside the run folder, and are not trained again
    where they are up to date. The curve is also written to ``learning_curve.json``.

    Args:
        run: The run.
        listeners: Told how each training goes.
        on_part: Told of each part.

    Raises:
        DataError: There are fewer groups of training items than parts.
        KeyboardInterrupt: Ctrl-C.
        SeqgenError: The run's own training was interrupted or diverged, so its model is no point
            of the curve; or as ``train_run``.
    """
    ended = run.trained.manifest["training_ended"]["ended"]
    if ended == "diverged":
        raise SeqgenError(
            f"the loss of the training of {run.folder.path} became no number, so its model is no "
            "point of a learning curve; train it anew with a lower --learning-rate"
        )
    if ended == "interrupted":
        raise SeqgenError(
            f"the training of {run.folder.path} was interrupted, so a learning curve would hold "
            f"its unfinished model against finished ones; seqgen train --resume {run.folder.path}"
        )
    held_out, vocabulary = run.data.part(run.data.split.held_out), run.data.encoder.vocabulary
    groups = run.data.groups_of(run.data.split.held_out)
    counts, scored = [], []
    for trained, items in _models(run, listeners, on_part):
        counts.append(items)
        scored.append(likelihood(trained.model, held_out, vocabulary, groups))
    curve = learning_curve(counts, scored)
    about = {"identity": run.trained.manifest["identity"], **curve.to_json()}
    write_file(run.folder.path / CURVE, json.dumps(about, indent=2) + "\n")
    return curve


def _models(
    run: OpenRun, listeners: Listeners, on_part: OnPart
) -> Iterator[tuple[TrainedModel, int]]:
    manifest = run.trained.manifest
    training = settings_from(TrainConfig, manifest["training"], "training")
    if training.minutes is not None:  # the parts get the epochs that the time was enough for
        ended = manifest["training_ended"]["epochs"]
        training = replace(training, epochs=max(round(ended / training.seeds), 1), minutes=None)
    recipe = Recipe(
        settings_from(ModelConfig, manifest["model"], "model"),
        training,
        settings_from(SamplingConfig, manifest["generation"], "generation"),
    )
    for part in PARTS:
        data = training_part(run.data, part)
        folder = RunFolder(run.folder.path / "learning_curve" / f"1of{part}")
        on_part(part, len(data.split.train))
        trained = one_of_several(run.loaded, data, recipe, folder, listeners)
        yield trained, len(data.split.train)
    yield run.trained, len(run.data.split.train)


def training_part(data: RunData, part: int) -> RunData:
    """The data with about one in ``part`` of its training items, by whole groups; a smaller
    part stands in every larger one.

    Raises:
        DataError: There are fewer groups than ``part``.
    """
    train = data.split.train
    group_of = data.groups.tolist()
    groups = list(dict.fromkeys(group_of[index] for index in train))
    if len(groups) < part:
        raise DataError(
            f"{len(groups)} different training item(s) or group(s): a learning curve needs "
            f"{part} at least; give more data"
        )
    rng = np.random.Generator(np.random.Philox(key=[0, 5]))
    place = {groups[k]: at for at, k in enumerate(rng.permutation(len(groups)).tolist())}
    share = -(-len(groups) // part)
    kept = array("q", (index for index in train if place[group_of[index]] < share))
    return data.with_split(replace(data.split, train=kept))
