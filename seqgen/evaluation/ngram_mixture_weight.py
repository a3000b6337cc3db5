"""The weight of the n-gram in the mixture of network and n-gram, chosen on validation items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.evaluation.likelihood import Likelihood, token_nats
from seqgen.models.ngram import NGram
from seqgen.models.sequence_model import SequenceModel

#: Iterations of expectation-maximization; the weight converges to four digits much earlier.
ITERATIONS = 200
#: A smaller weight has no measurable effect.
MIN_WEIGHT = 0.02


def choose_weight(
    model: SequenceModel[Any],
    ngram: NGram,
    validation: Sequence[Encoded],
    vocabulary: Vocabulary,
    mode: str,
) -> float:
    """The weight of the n-gram in the mixture; 0 for the model alone.

    Args:
        model: The network, or the mean of several.
        ngram: The n-gram of the same training items.
        validation: Items that neither was trained on and that are not scored at the end.
        vocabulary: The vocabulary of both.
        mode: ``"on"``, ``"off"``, or ``"auto"``: use the mixture if it is better in 97.5 % of
            the bootstraps over validation items, paired by item. This is a decision, not a
            reported result, so the interval is not widened for few items.
    """
    if mode == "off":
        return 0.0
    own, other = (token_nats(part, validation, vocabulary) for part in (model, ngram))
    weight = fit_weight(np.concatenate(own), np.concatenate(other))
    if mode == "on":
        return min(max(weight, MIN_WEIGHT), 1 - MIN_WEIGHT)
    if weight < MIN_WEIGHT:
        return 0.0
    weight = min(weight, 1 - MIN_WEIGHT)
    mixed = [
        -np.logaddexp(np.log1p(-weight) - a, np.log(weight) - b)
        for a, b in zip(own, other, strict=True)
    ]
    gain = Likelihood.from_token_nats(own).minus(Likelihood.from_token_nats(mixed))
    return weight if gain.percentiles()[0] > 0 else 0.0


def fit_weight(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The weight of the other model that maximizes the likelihood of the tokens, 0 to 1.

    Expectation-maximization; the likelihood has one maximum, so the start does not matter.
    Source: A. Dempster, N. Laird and D. Rubin, J. R. Stat. Soc. B 39 (1977), section 4.3.

    Args:
        own: Nats of each token under the first model, ``(N,)``.
        other: Nats of each token under the other model, ``(N,)``.
    """
    weight = 0.5
    ratio = np.exp(np.clip(own - other, -700, 700))  # likelihood ratio, other to own
    for _ in range(ITERATIONS):
        weight = float(np.mean(weight * ratio / (weight * ratio + (1 - weight))))
    return weight
