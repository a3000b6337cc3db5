"""Mixing: how much of the n-gram goes into a model, chosen on validation items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.likelihood import in_all, token_nats
from seqgen.models.ngram import NGram
from seqgen.models.sequence_model import SequenceModel

#: Rounds of expectation and maximisation; the weight is still to four digits long before.
ROUNDS = 200
#: Smaller shares change nothing that could be measured.
LEAST_WEIGHT = 0.02


def choose_weight(
    model: SequenceModel[Any],
    ngram: NGram,
    validation: Sequence[Encoded],
    vocabulary: Vocabulary,
    wish: str,
) -> float:
    """The weight of the n-gram beside a model; 0 where the model is better alone.

    Args:
        model: The network, or the mean of several.
        ngram: The n-gram of the same training items.
        validation: Items that neither was trained on and that are not scored at the end.
        vocabulary: Of both.
        wish: ``"on"``; ``"off"``; ``"auto"`` takes the mixture where it gains in 97.5 % of the
            bootstraps over validation items, paired by item. That decides and claims
            nothing, so it is not made wider for few items.
    """
    if wish == "off":
        return 0.0
    own, other = (token_nats(part, validation, vocabulary) for part in (model, ngram))
    weight = fit_weight(np.concatenate(own), np.concatenate(other))
    if wish == "on":
        return min(max(weight, LEAST_WEIGHT), 1 - LEAST_WEIGHT)
    if weight < LEAST_WEIGHT:
        return 0.0
    weight = min(weight, 1 - LEAST_WEIGHT)
    mixed = [
        -np.logaddexp(np.log1p(-weight) - a, np.log(weight) - b)
        for a, b in zip(own, other, strict=True)
    ]
    low, _ = in_all(own).minus(in_all(mixed)).percentiles()
    return weight if low > 0 else 0.0


def fit_weight(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The weight of the other model under which the mixture likes the tokens best.

    Expectation and maximisation; the figure has one peak, so the start does not matter.
    Source: A. Dempster, N. Laird and D. Rubin, J. R. Stat. Soc. B 39 (1977), section 4.3.

    Args:
        own: Nats of each token under the one model, ``(N,)``.
        other: Under the other.
    """
    weight = 0.5
    ratio = np.exp(np.clip(own - other, -700, 700))  # how much likelier the other makes a token
    for _ in range(ROUNDS):
        weight = float(np.mean(weight * ratio / (weight * ratio + (1 - weight))))
    return weight
