"""Training a run: from its data to a model file that knows what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from seqgen.domains.registry import LoadedDomain
from seqgen.errors import SeqgenError
from seqgen.evaluation.baselines import fit_ngram, measure_baselines
from seqgen.evaluation.likelihood import likelihood
from seqgen.evaluation.novelty import hash_items
from seqgen.models.config import ModelShape
from seqgen.models.model_file import TrainedModel, save_model
from seqgen.models.ngram import counts_to_arrays
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import log_softmax
from seqgen.models.training_items import items_to_arrays
from seqgen.models.windows import Window, pad, windows
from seqgen.runs.data import RunData
from seqgen.runs.recipe import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.settings import settings_to
from seqgen.training.batches import Batches
from seqgen.training.history import EpochReport, Training
from seqgen.training.trainer import Trainer

#: How many windows of held-out items the equivalence certificate is measured on.
CERTIFIED = 16
#: More than rounding can explain: the two halves of the model disagree.
LARGEST_DIFFERENCE = 1e-3


def train_run(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    on_epoch: Callable[[EpochReport], None],
) -> tuple[TrainedModel, Training]:
    """Train a model, score it once on the held-out items, and save it to the run folder.

    A model that stood there before is kept beside it.

    Raises:
        SeqgenError: Training was interrupted before its first epoch ended, the loss is not a
            number, or the file cannot be written.
    """
    from seqgen.training.backend import prepare_backend

    folder.prepare()
    prepare_backend(recipe.training.seed)
    from seqgen.models.keras_rnn import KerasRNN

    shape = ModelShape(data.encoder.vocabulary.size, tuple(data.encoder.context_sizes))
    keras_model = KerasRNN(recipe.model, shape, seed=recipe.training.seed)
    training = _train(keras_model, loaded, data, recipe, on_epoch)
    if training.best is None:
        raise SeqgenError("interrupted before the first epoch ended, so there is no model to keep")
    model = NumpyRNN(recipe.model, shape, keras_model.weights)
    ngram = fit_ngram(
        data.part(data.split.train), data.part(data.split.validation), data.encoder.vocabulary
    )
    manifest = {
        **_describe(loaded, data, recipe, training.best, training),
        "metrics": _score(model, ngram, data),
        "equivalence": _certify(keras_model, model, data),
    }
    sequences = [data.encoded[index].tokens for index in data.split.train]
    trained = TrainedModel(
        model,
        data.encoder,
        manifest,
        hash_items(sequences),
        counts_to_arrays(ngram.counts, ngram.order),
        items_to_arrays(sequences, data.encoder.vocabulary.size),
    )
    folder.keep_previous()
    save_model(folder.model, trained)
    folder.write_history(training.history)
    return trained, training


def _describe(
    loaded: LoadedDomain, data: RunData, recipe: Recipe, best: EpochReport, training: Training
) -> dict[str, Any]:
    """What a model comes from: code, data, settings, and how its training went."""
    return {
        "domain": {
            "name": loaded.domain.name,
            "distribution": loaded.distribution,
            "version": loaded.version,
        },
        "identity": recipe.identity(loaded, data.card),
        "training": settings_to(recipe.training),
        "generation": settings_to(recipe.generation),
        "data_card": data.card.to_json(),
        "training_ended": {
            "ended": training.ended,
            "epochs": len(training.history),
            "best_epoch": best.epoch,
            "seconds": round(training.history[-1].seconds, 2),
        },
    }


def _train(
    model: Any,
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    on_epoch: Callable[[EpochReport], None],
) -> Training:
    config, vocabulary = recipe.training, data.encoder.vocabulary
    batches = Batches(
        [data.items[index] for index in data.split.train],
        data.encoder.encode,
        vocabulary,
        batch_size=config.batch_size,
        window=config.window,
        seed=config.seed,
        augment=loaded.domain.augment,
    )
    rows = _windows(data, data.split.validation, config.window)
    rows.sort(key=lambda row: len(row.inputs))
    size = 4 * config.batch_size
    validation = [pad(rows[at : at + size], vocabulary) for at in range(0, len(rows), size)]
    return Trainer(model, batches, validation, config, on_epoch).train()


def _windows(data: RunData, indices: tuple[int, ...], length: int) -> list[Window]:
    return [
        row
        for entry in data.part(indices)
        for row in windows(entry, data.encoder.vocabulary, length)
    ]


def _score(model: NumpyRNN, ngram: Any, data: RunData) -> dict[str, Any]:
    """The held-out figures, computed once, after every choice has been made."""
    vocabulary = data.encoder.vocabulary
    held_out, validation = data.part(data.split.held_out), data.part(data.split.validation)
    figures = likelihood(model, held_out, vocabulary)
    low, high = figures.interval()
    return {
        "held_out": {
            "nats_per_token": figures.per_token,
            "interval": [low, high],
            "items": len(held_out),
            "tokens": int(figures.tokens.sum()),
            "baselines": measure_baselines(ngram, held_out, vocabulary).to_json(),
        },
        "validation_nats_per_token": likelihood(model, validation, vocabulary).per_token,
        "parameters": model.parameters,
    }


def _certify(keras_model: Any, model: NumpyRNN, data: RunData) -> dict[str, Any]:
    """Law 2 on real data: how far the two halves of the model are apart.

    Raises:
        SeqgenError: Further than rounding can explain.
    """
    rows = _windows(data, data.split.held_out, 256)[:CERTIFIED]
    batch = pad(rows, data.encoder.vocabulary)
    whole = log_softmax(keras_model.forward(batch.inputs, batch.context))
    stepped = log_softmax(model.forward(batch.inputs, batch.context))
    real = batch.weights > 0
    difference = float(np.abs(whole - stepped)[real].max())
    if not difference < LARGEST_DIFFERENCE:
        raise SeqgenError(
            f"Keras and NumPy disagree by {difference:.2e} nats on this model, more than "
            f"{LARGEST_DIFFERENCE}; it is not saved. Please report this with your settings"
        )
    return {"largest_difference_nats": difference, "tokens": int(real.sum())}
