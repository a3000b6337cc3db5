"""Scores of a trained model with those of its baselines, on held-out items or on any corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.domain import Corpus
from seqgen.domains.encoder import Encoded, is_novel
from seqgen.evaluation.baselines import measure_baselines
from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.models.model_file import TrainedModel
from seqgen.models.ngram import NGram
from seqgen.runs.dataset import RunData, encode_known, group_items


def score_held_out(trained: TrainedModel, ngram: NGram, data: RunData) -> dict[str, Any]:
    """The metrics of a new model, as the model file stores them.

    Args:
        trained: The model.
        ngram: The n-gram of the same training items.
        data: Its held-out and validation items are scored.
    """
    vocabulary = data.encoder.vocabulary
    held_out, validation = data.part(data.split.held_out), data.part(data.split.validation)
    groups = data.groups_of(data.split.held_out)
    scores, scored = _score_items(trained, ngram, held_out, groups)
    members = [likelihood(network, held_out, vocabulary) for network in trained.networks]
    scored["networks"] = [member.per_token for member in members]
    if trained.ngram_weight:
        alone = replace(trained, ngram_weight=0.0).model
        network = likelihood(alone, held_out, vocabulary) if len(members) > 1 else members[0]
        scored["without_ngram"] = network.per_token
        scored["minus_without_ngram"] = scores.minus(network).to_json()
    return {
        "held_out": scored,
        "validation_nats_per_token": likelihood(trained.model, validation, vocabulary).per_token,
        "parameters": trained.parameters,
    }


def score_corpus(trained: TrainedModel, corpus: Corpus[Any]) -> dict[str, Any]:
    """The scores of a corpus as JSON values.

    ``in_training_data`` counts its training items. If it holds both training items and others,
    ``unseen`` has the scores of the others.

    Raises:
        DataError: The model can encode none of its items.
        ModelFileError: The file does not hold the n-gram.
    """
    known, skipped = encode_known(corpus, trained.encoder)
    encoded, groups, ngram = list(known.values()), group_items(corpus, known), trained.ngram()
    novel = np.array([is_novel(item.tokens, trained.training_hashes) for item in encoded])
    result = {
        **_score_items(trained, ngram, encoded, groups)[1],
        "in_training_data": int((~novel).sum()),
        "skipped": [entry.to_dict() for entry in skipped],
    }
    if novel.any() and not novel.all():
        unseen = [encoded[index] for index in np.flatnonzero(novel)]
        result["unseen"] = _score_items(trained, ngram, unseen, groups[novel])[1]
    return result


def _score_items(
    trained: TrainedModel, ngram: NGram, items: Sequence[Encoded], groups: NDArray[np.int64]
) -> tuple[Likelihood, dict[str, Any]]:
    vocabulary = trained.encoder.vocabulary
    scores = likelihood(trained.model, items, vocabulary, groups)
    baselines = measure_baselines(ngram, items, vocabulary)
    return scores, {
        **scores.to_json(),
        "items": len(items),
        "groups": len(np.unique(groups)),
        "tokens": int(scores.tokens.sum()),
        "baselines": baselines.to_json(),
        "minus_ngram": scores.minus(baselines.ngram).to_json(),
    }
