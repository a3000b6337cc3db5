"""Training a run: from its data to a model file that knows what it is worth."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from seqgen.domains.registry import LoadedDomain
from seqgen.errors import SeqgenError
from seqgen.evaluation.baselines import fit_ngram, measure_baselines
from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.evaluation.mixing import choose_weight
from seqgen.evaluation.novelty import hash_items
from seqgen.files import held
from seqgen.models.config import ModelShape
from seqgen.models.model_file import TrainedModel, save_model
from seqgen.models.ngram import NGram, counts_to_arrays
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.models.sequence_model import log_softmax
from seqgen.models.training_items import items_to_arrays
from seqgen.models.windows import Window, pad, windows
from seqgen.runs.data import RunData
from seqgen.runs.recipe import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.settings import settings_to
from seqgen.training.batches import Batches
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.config import TrainConfig
from seqgen.training.history import EpochReport, Training
from seqgen.training.tensorboard import tensorboard_callbacks
from seqgen.training.trainer import Trainer

#: How many windows of held-out items the equivalence certificate is measured on.
CERTIFIED = 16
#: More than rounding can explain: the two halves of the model disagree.
LARGEST_DIFFERENCE = 1e-3


#: Called after each epoch with its report and the number of the network, from 1.
OnEpoch = Callable[[EpochReport, int], None]


def train_run(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    on_epoch: OnEpoch,
    events: Path | None = None,
) -> tuple[TrainedModel, tuple[Training, ...]]:
    """Train a model, score it once on the held-out items, and save it to the run folder.

    A training of the same code, data and settings that was stopped is gone on with. A model
    that stood there before is kept beside the new one. With ``events`` TensorBoard's files are
    written below that folder.

    Raises:
        SeqgenError: Training was interrupted before its first epoch ended, the loss is not a
            number, the file cannot be written, or another process works in the folder.
    """
    folder.prepare()
    with held(folder.lock, f"the run folder {folder.path}"):
        networks, trainings, equivalence = _train_networks(
            loaded, data, recipe, folder, on_epoch, events
        )
        trained = _assemble(loaded, data, recipe, networks, trainings, equivalence)
        folder.keep_previous()
        save_model(folder.model, trained)
        folder.write_history(trainings)
        if trainings[-1].ended != "interrupted":
            for network in range(recipe.training.seeds):
                folder.checkpoint(network).unlink(missing_ok=True)
    return trained, trainings


def _train_networks(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    folder: RunFolder,
    on_epoch: OnEpoch,
    events: Path | None,
) -> tuple[tuple[NumpyRNN, ...], tuple[Training, ...], dict[str, Any]]:
    """Every network in turn, how its training went, and the certificate of the furthest apart."""
    from seqgen.training.backend import prepare_backend

    prepare_backend(recipe.training.seed)
    from seqgen.models.keras_rnn import KerasRNN

    shape = ModelShape(data.encoder.vocabulary.size, tuple(data.encoder.context_sizes))
    identity = recipe.identity(loaded, data.card)
    networks, trainings, certificates = [], [], []
    for number, config in enumerate(_of_each_network(recipe.training)):
        keras_model = KerasRNN(recipe.model, shape, seed=config.seed)
        checkpoint = Checkpoint(folder.checkpoint(number), f"{identity} {number}")
        callbacks = tensorboard_callbacks(events, number + 1)
        report = functools.partial(_pass_on, on_epoch, number + 1)
        training = _train(keras_model, loaded, data, config, report, checkpoint, callbacks)
        if training.best is not None:
            networks.append(NumpyRNN(recipe.model, shape, keras_model.weights))
            trainings.append(training)
            certificates.append(_certify(keras_model, networks[-1], data))
        if training.ended == "interrupted":
            break
    if not networks:
        raise SeqgenError("interrupted before the first epoch ended, so there is no model to keep")
    if training.ended == "interrupted":
        trainings[-1] = replace(trainings[-1], ended="interrupted")
    worst = max(certificates, key=lambda entry: float(entry["largest_difference_nats"]))
    return tuple(networks), tuple(trainings), worst


def _of_each_network(config: TrainConfig) -> Iterator[TrainConfig]:
    """The settings of each network: seeds that follow, equal shares of the time."""
    minutes = None if config.minutes is None else config.minutes / config.seeds
    for number in range(config.seeds):
        yield replace(config, seed=(config.seed + number) % 2**32, minutes=minutes)


def _pass_on(on_epoch: OnEpoch, network: int, report: EpochReport) -> None:
    on_epoch(report, network)


def _assemble(
    loaded: LoadedDomain,
    data: RunData,
    recipe: Recipe,
    networks: tuple[NumpyRNN, ...],
    trainings: tuple[Training, ...],
    equivalence: dict[str, Any],
) -> TrainedModel:
    """The model of the networks and the n-gram, with its figures."""
    vocabulary, validation = data.encoder.vocabulary, data.part(data.split.validation)
    ngram = fit_ngram(data.part(data.split.train), validation, vocabulary)
    sequences = [data.encoded[index].tokens for index in data.split.train]
    manifest = {**_describe(loaded, data, recipe, trainings), "equivalence": equivalence}
    alone = TrainedModel(
        networks,
        data.encoder,
        manifest,
        hash_items(sequences),
        counts_to_arrays(ngram.counts, ngram.order),
        items_to_arrays(sequences, vocabulary.size),
    )
    weight = choose_weight(alone.model, ngram, validation, vocabulary, recipe.training.mixture)
    trained = replace(alone, ngram_weight=weight)
    return replace(trained, manifest={**manifest, "metrics": _score(trained, alone, ngram, data)})


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
        "training": settings_to(recipe.training),
        "generation": settings_to(recipe.generation),
        "data_card": data.card.to_json(),
        "training_ended": {
            "ended": trainings[-1].ended,
            "epochs": sum(len(training.history) for training in trainings),
            "best_epoch": best.epoch,
            "execution": trainings[0].execution,
        },
    }


def _train(
    model: Any,
    loaded: LoadedDomain,
    data: RunData,
    config: TrainConfig,
    on_epoch: Callable[[EpochReport], None],
    checkpoint: Checkpoint,
    callbacks: list[Any],
) -> Training:
    vocabulary = data.encoder.vocabulary
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
    return Trainer(
        model,
        batches,
        validation,
        config,
        on_epoch,
        checkpoint=checkpoint,
        callbacks=callbacks,
    ).train()


def _windows(data: RunData, indices: tuple[int, ...], length: int) -> list[Window]:
    return [
        row
        for entry in data.part(indices)
        for row in windows(entry, data.encoder.vocabulary, length)
    ]


def _score(
    trained: TrainedModel, alone: TrainedModel, ngram: NGram, data: RunData
) -> dict[str, Any]:
    """The held-out figures, computed once, after every choice has been made."""
    vocabulary = data.encoder.vocabulary
    held_out, validation = data.part(data.split.held_out), data.part(data.split.validation)
    figures = likelihood(trained.model, held_out, vocabulary)
    baselines = measure_baselines(ngram, held_out, vocabulary)
    members = [likelihood(network, held_out, vocabulary) for network in trained.networks]
    scored: dict[str, Any] = {
        "nats_per_token": figures.per_token,
        "interval": list(figures.interval()),
        "items": len(held_out),
        "tokens": int(figures.tokens.sum()),
        "baselines": baselines.to_json(),
        "minus_ngram": _difference(figures, baselines.ngram),
        "networks": [member.per_token for member in members],
    }
    if trained.ngram_weight:
        network = likelihood(alone.model, held_out, vocabulary) if len(members) > 1 else members[0]
        scored["without_ngram"] = network.per_token
        scored["minus_without_ngram"] = _difference(figures, network)
    return {
        "held_out": scored,
        "validation_nats_per_token": likelihood(trained.model, validation, vocabulary).per_token,
        "parameters": trained.parameters,
    }


def _difference(one: Likelihood, other: Likelihood) -> dict[str, Any]:
    """Nats per token of the one less the other's, paired by item."""
    paired = one.minus(other)
    return {"nats_per_token": paired.per_token, "interval": list(paired.interval())}


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
