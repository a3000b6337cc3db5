"""Cross-validation: every item scored by a model that was not trained on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, final

import numpy as np

from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.io.run_folder import RunFolder
from seqgen.models.model_file import TrainedModel
from seqgen.runs.dataset import RunData
from seqgen.runs.run_config import Run
from seqgen.runs.train import TrainingCallbacks, train_part
from seqgen.training.split import fold_items


@final
@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """The scores of the held-out items of a fold under models that were trained without them.

    Args:
        model: The model.
        networks: Each of its networks alone.
        ngram: The n-gram alone.
        ngram_weight: The weight of the n-gram in the model.
        seconds: The time for training the networks.
    """

    model: Likelihood
    networks: tuple[Likelihood, ...]
    ngram: Likelihood
    ngram_weight: float
    seconds: float


def cross_validate(run: Run, folds: int, callbacks: TrainingCallbacks) -> Iterator[Fold]:
    """Train a model for each fold, in ``fold1`` and so on inside the run folder.

    Models that are up to date are loaded, so that the same command resumes the rest. A
    time budget is that of one fold.

    Raises:
        DataError: There are fewer groups than folds.
        KeyboardInterrupt, SeqgenError: As ``train_part``.
    """
    config = run.config.training
    splits = fold_items(run.data.groups, folds, config.validation, config.seed)
    for number, split in enumerate(splits, start=1):
        folder = RunFolder(run.folder.path / f"fold{number}")
        part = replace(run, data=run.data.with_split(split), folder=folder)
        yield _score(train_part(part, callbacks), part.data, folder.training_seconds())


def _score(trained: TrainedModel, data: RunData, seconds: float) -> Fold:
    items, vocabulary = data.part(data.split.held_out), data.encoder.vocabulary
    groups = data.groups_of(data.split.held_out)

    def score(model: Any) -> Likelihood:
        return likelihood(model, items, vocabulary, groups)

    networks = tuple(map(score, trained.networks))
    return Fold(
        score(trained.model), networks, score(trained.ngram()), trained.ngram_weight, seconds
    )


def pool_folds(parts: list[Likelihood]) -> Likelihood:
    """The scores of all folds as those of one list of items; no group is in two folds."""
    groups = [part.groups for part in parts if part.groups is not None]
    return Likelihood(
        np.concatenate([part.nats for part in parts]),
        np.concatenate([part.tokens for part in parts]),
        np.concatenate(groups) if groups else None,
    )
