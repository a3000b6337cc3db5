"""Folds: every item scored once by a model that has not seen it, for corpora too small to split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.models.model_file import TrainedModel
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.callbacks import Listeners
from seqgen.runs.dataset import RunData
from seqgen.runs.run_config import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.train import one_of_several
from seqgen.training.split import fold_items


@final
@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """One fold: its held-out items under its own models, chosen on its own validation items.

    Args:
        model: The model as it would be kept.
        networks: Each of its networks alone.
        ngram: The n-gram alone.
        ngram_weight: The share of the n-gram in the model.
        seconds: Spent in training the networks.
    """

    model: Likelihood
    networks: tuple[Likelihood, ...]
    ngram: Likelihood
    ngram_weight: float
    seconds: float


def cross_validate(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    folds: int,
    listeners: Listeners,
) -> Iterator[Fold]:
    """Train a model a fold, in ``fold1`` and so on inside the run folder. Minutes are of a fold.

    Folds that are trained already are read, so the same command goes on where it was stopped.

    Raises:
        DataError: There are fewer groups than folds.
        KeyboardInterrupt, SeqgenError: As ``one_of_several``.
    """
    config = recipe.training
    splits = fold_items(data.groups, folds, config.validation, config.seed)
    for number, split in enumerate(splits, start=1):
        part = data.with_split(split)
        own = RunFolder(folder.path / f"fold{number}")
        trained = one_of_several(loaded, part, recipe, own, listeners)
        yield _score(trained, part, own.seconds())


def _score(trained: TrainedModel, data: RunData, seconds: float) -> Fold:
    items, vocabulary = data.part(data.split.held_out), data.encoder.vocabulary
    groups = data.groups_of(data.split.held_out)

    def figures(model: Any) -> Likelihood:
        return likelihood(model, items, vocabulary, groups)

    networks = tuple(map(figures, trained.networks))
    ngram = figures(trained.ngram())
    return Fold(figures(trained.model), networks, ngram, trained.ngram_weight, seconds)


def pooled(parts: list[Likelihood]) -> Likelihood:
    """The figures of all folds, which part no group, as those of one list of items."""
    groups = [part.groups for part in parts if part.groups is not None]
    return Likelihood(
        np.concatenate([part.nats for part in parts]),
        np.concatenate([part.tokens for part in parts]),
        np.concatenate(groups) if groups else None,
    )
