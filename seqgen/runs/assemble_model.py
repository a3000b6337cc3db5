"""Scores: the finished model put together, and what it is worth on held-out items."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from seqgen.evaluation.baselines import measure_baselines
from seqgen.evaluation.likelihood import likelihood
from seqgen.evaluation.mixture_weight import choose_weight
from seqgen.evaluation.novelty import hash_items
from seqgen.models.model_file import TrainedModel
from seqgen.models.ngram import NGram, counts_to_arrays
from seqgen.models.stored_training_items import items_to_arrays
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import RunData
from seqgen.runs.run_config import Recipe
from seqgen.runs.train_networks import Trained
from seqgen.settings import settings_to
from seqgen.training.history import Training, ended_of


def assemble(
    loaded: LoadedDomain, data: RunData, recipe: Recipe, trained: Trained, ngram: NGram
) -> TrainedModel:
    """The model of the networks and the n-gram, with its figures."""
    vocabulary, validation = data.encoder.vocabulary, data.part(data.split.validation)
    sequences = data.part(data.split.train).tokens
    manifest = {
        **_describe(loaded, data, recipe, trained.trainings),
        "equivalence": trained.equivalence,
    }
    alone = TrainedModel(
        trained.networks,
        data.encoder,
        manifest,
        hash_items(sequences),
        counts_to_arrays(ngram.counts, ngram.order),
        items_to_arrays(sequences, vocabulary.size),
    )
    weight = choose_weight(alone.model, ngram, validation, vocabulary, recipe.training.mixture)
    mixed = replace(alone, ngram_weight=weight)
    return replace(mixed, manifest={**manifest, "metrics": _score(mixed, alone, ngram, data)})


def _describe(
    loaded: LoadedDomain, data: RunData, recipe: Recipe, trainings: tuple[Training, ...]
) -> dict[str, Any]:
    """What a model comes from: code, data, settings, and how its training went.

    No times: the same seed gives the same bytes. They stand in ``history.csv``.
    """
    best = trainings[0].best
    assert best is not None, "a network without a finished epoch is not kept"
    return {
        "domain": {
            "name": loaded.domain.name,
            "distribution": loaded.distribution,
            "version": loaded.version,
        },
        "identity": recipe.identity(loaded, data.card),
        "preset": recipe.choice.to_json() if recipe.choice else None,
        "training": settings_to(recipe.training),
        "generation": settings_to(recipe.generation),
        "data_card": data.card.to_json(),
        "training_ended": {
            "ended": ended_of(trainings),
            "epochs": sum(len(training.history) for training in trainings),
            "best_epoch": best.epoch,
            "execution": trainings[0].execution,
        },
    }


def _score(
    trained: TrainedModel, alone: TrainedModel, ngram: NGram, data: RunData
) -> dict[str, Any]:
    """The held-out figures, computed once, after every choice has been made."""
    vocabulary = data.encoder.vocabulary
    held_out, validation = data.part(data.split.held_out), data.part(data.split.validation)
    groups = data.groups_of(data.split.held_out)
    figures = likelihood(trained.model, held_out, vocabulary, groups)
    baselines = measure_baselines(ngram, held_out, vocabulary)
    members = [likelihood(network, held_out, vocabulary) for network in trained.networks]
    scored: dict[str, Any] = {
        **figures.to_json(),
        "items": len(held_out),
        "groups": len(np.unique(groups)),
        "tokens": int(figures.tokens.sum()),
        "baselines": baselines.to_json(),
        "minus_ngram": figures.minus(baselines.ngram).to_json(),
        "networks": [member.per_token for member in members],
    }
    if trained.ngram_weight:
        network = likelihood(alone.model, held_out, vocabulary) if len(members) > 1 else members[0]
        scored["without_ngram"] = network.per_token
        scored["minus_without_ngram"] = figures.minus(network).to_json()
    return {
        "held_out": scored,
        "validation_nats_per_token": likelihood(trained.model, validation, vocabulary).per_token,
        "parameters": trained.parameters,
    }
