"""Validation batches: every item once, like lengths together, and no batch too large."""

from __future__ import annotations

import numpy as np
import pytest

from seqgen import Corpus
from seqgen.models.padded_batch import Batch
from seqgen.runs import training_batches
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import dino_names, text_domain

CONFIG = TrainConfig(batch_size=2, validation=0.3)


@pytest.fixture(scope="module")
def data() -> RunData:
    names = tuple(dino_names())
    return prepare_data(text_domain(names), Corpus(names), CONFIG)


def read(batches: list[Batch]) -> list[tuple[int, ...]]:
    """The targets of every item, in order."""
    return [
        tuple(targets[weights > 0].tolist())
        for batch in batches
        for targets, weights in zip(batch.targets, batch.weights, strict=True)
    ]


def test_four_times_as_many_as_are_trained_on(data: RunData) -> None:
    found = training_batches.validation_batches(data, CONFIG)
    assert {len(batch.inputs) for batch in found[:-1]} == {8}
    assert len(read(found)) == len(data.split.validation)
    lengths = [batch.inputs.shape[1] for batch in found]
    assert lengths == sorted(lengths)


def test_where_their_logits_are_many_as_many_as_are_trained_on(
    data: RunData, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = training_batches.validation_batches(data, CONFIG)
    size = data.encoder.vocabulary.size
    longest = max(batch.inputs.shape[1] for batch in usual)
    monkeypatch.setattr(training_batches, "MOST_LOGITS", 8 * (longest - 1) * size)
    found = training_batches.validation_batches(data, CONFIG)
    assert {len(batch.inputs) for batch in found} >= {8, 2}
    assert read(found) == read(usual)
    assert all(np.prod(batch.inputs.shape) * size <= 8 * (longest - 1) * size for batch in found)
