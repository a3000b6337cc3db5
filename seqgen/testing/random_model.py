"""Untrained models: random weights, and the contents of a model file without training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import Corpus
from seqgen.domains.encoder import hash_items
from seqgen.evaluation.baselines import fit_ngram, measure_baselines
from seqgen.evaluation.likelihood import likelihood
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.cells.builtin_cells import find_cell
from seqgen.models.cells.cell import Cell
from seqgen.models.model_file import TrainedModel
from seqgen.models.ngram import counts_to_arrays
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig, weight_shapes
from seqgen.models.stored_training_items import items_to_arrays
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.dataset import prepare_data
from seqgen.settings import settings_to
from seqgen.training.train_config import TrainConfig


def random_weights(
    config: ModelConfig,
    shape: ModelShape,
    seed: int = 0,
    scale: float = 0.5,
    cell: Cell | None = None,
) -> dict[str, NDArray[np.float32]]:
    """Return normally distributed weights and biases with a standard deviation of ``scale``."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(0.0, scale, sizes).astype(np.float32)
        for name, sizes in weight_shapes(config, shape, cell).items()
    }


def random_model(
    size: int,
    seed: int = 0,
    *,
    scale: float = 0.5,
    context: tuple[int, ...] = (),
    cell: str | Cell = "lstm",
    **config: Any,
) -> NumpyRNN:
    """Return a NumpyRNN with random weights; ``config`` are fields of ModelConfig."""
    shape, own = ModelShape(size, context), find_cell(cell) if isinstance(cell, str) else cell
    settings = ModelConfig(**{"units": 8, **config}, cell=own.name)
    return NumpyRNN(settings, shape, random_weights(settings, shape, seed, scale, own), own)


def untrained_model(loaded: LoadedDomain, items: Sequence[Any], seed: int = 0) -> TrainedModel:
    """Return a model with random weights and everything else that a model file contains.

    Args:
        loaded: The domain.
        items: At least three different items; the encoder is fitted to them.
        seed: The seed of the weights.

    Raises:
        DataError: The items are too few for a split.
    """
    training = TrainConfig()
    data = prepare_data(loaded.domain, Corpus(tuple(items)), training)
    vocabulary, context = data.encoder.vocabulary, tuple(data.encoder.context_sizes)
    model = random_model(vocabulary.size, seed, context=context, units=12)
    ngram = fit_ngram(data.part(data.split.train), data.part(data.split.validation), vocabulary)
    held_out = data.part(data.split.held_out)
    groups = data.groups_of(data.split.held_out)
    figures = likelihood(model, held_out, vocabulary, groups)
    manifest = {
        "domain": {
            "name": loaded.domain.name,
            "distribution": loaded.distribution,
            "version": loaded.version,
        },
        "identity": "untrained",
        "training": settings_to(training),
        "generation": settings_to(SamplingConfig()),
        "data_card": data.card.to_json(),
        "training_ended": {"ended": "epochs", "epochs": 1, "best_epoch": 1},
        "metrics": {
            "held_out": {
                **figures.to_json(),
                "items": len(held_out),
                "groups": len(set(groups.tolist())),
                "tokens": int(figures.tokens.sum()),
                "baselines": measure_baselines(ngram, held_out, vocabulary).to_json(),
            },
            "validation_nats_per_token": 1.0,
            "parameters": model.parameters,
        },
        "equivalence": {"largest_difference_nats": 1e-6, "tokens": 100},
    }
    sequences = [data.encoded[index].tokens for index in data.split.train]
    arrays = counts_to_arrays(ngram.counts, ngram.order)
    stored = items_to_arrays(sequences, vocabulary.size)
    return TrainedModel((model,), data.encoder, manifest, hash_items(sequences), arrays, stored)
