"""Other data: what a finished model makes of items that its training did not read, or did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.corpus import Corpus
from seqgen.domains.encoder import Encoded
from seqgen.evaluation.baselines import measure_baselines
from seqgen.evaluation.likelihood import likelihood
from seqgen.evaluation.novelty import is_novel
from seqgen.models.model_file import TrainedModel
from seqgen.models.ngram import NGram
from seqgen.runs.dataset import alike, encode_known


def score_corpus(trained: TrainedModel, corpus: Corpus[Any]) -> dict[str, Any]:
    """The figures of a corpus as JSON values, those of items that were not trained on apart.

    ``in_training_data`` counts the others, and ``unseen`` is there where both kinds are.

    Raises:
        DataError: The model can encode none of its items.
        ModelFileError: The file does not hold the n-gram.
    """
    known, left_out = encode_known(corpus, trained.encoder)
    encoded, groups, ngram = list(known.values()), alike(corpus, known), trained.ngram()
    novel = np.array([is_novel(item.tokens, trained.training_hashes) for item in encoded])
    result: dict[str, Any] = {
        **_figures(trained, ngram, encoded, groups),
        "in_training_data": int((~novel).sum()),
        "left_out": [entry.to_json() for entry in left_out],
    }
    if novel.any() and not novel.all():
        unseen = [encoded[place] for place in np.flatnonzero(novel)]
        result["unseen"] = _figures(trained, ngram, unseen, groups[novel])
    return result


def _figures(
    trained: TrainedModel, ngram: NGram, items: Sequence[Encoded], groups: NDArray[np.int64]
) -> dict[str, Any]:
    vocabulary = trained.encoder.vocabulary
    found = likelihood(trained.model, items, vocabulary, groups)
    baselines = measure_baselines(ngram, items, vocabulary)
    return {
        **found.to_json(),
        "items": len(items),
        "groups": len(np.unique(groups)),
        "tokens": int(found.tokens.sum()),
        "baselines": baselines.to_json(),
        "minus_ngram": found.minus(baselines.ngram).to_json(),
    }
