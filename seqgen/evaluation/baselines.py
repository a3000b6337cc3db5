"""Baselines: the uniform, unigram and n-gram figures beside which every model is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.likelihood import Likelihood, likelihood, uniform_per_token
from seqgen.models.config import ModelShape
from seqgen.models.ngram import NGram, count_ngrams

#: Orders tried for the n-gram; the one with the best validation figure is reported.
ORDERS = (2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True)
class Baselines:
    """Figures of models that know nothing of recurrence, on the same scored items.

    Args:
        uniform: Nats per token of the uniform distribution.
        unigram: The order-1 model.
        ngram: The interpolated Kneser-Ney model.
        order: Its order.
    """

    uniform: float
    unigram: Likelihood
    ngram: Likelihood
    order: int

    def to_json(self) -> dict[str, Any]:
        """Nats per token by name, and the order."""
        return {
            "uniform": self.uniform,
            "unigram": self.unigram.per_token,
            "ngram": self.ngram.per_token,
            "ngram_order": self.order,
        }


def fit_ngram(
    train: Sequence[Encoded], validation: Sequence[Encoded], vocabulary: Vocabulary
) -> NGram:
    """The n-gram of the training items whose order is the best on the validation items."""
    shape = ModelShape(vocabulary.size)
    sequences = [item.tokens.tolist() for item in train]
    best, best_figure, worse = None, float("inf"), 0
    for order in ORDERS:
        model = NGram(order, shape, count_ngrams(order, shape, sequences))
        figure = likelihood(model, validation, vocabulary).per_token
        if figure < best_figure:
            best, best_figure, worse = model, figure, 0
        else:
            worse += 1
        if worse == 2:  # the curve over orders has one valley
            break
    assert best is not None, "a smoothed n-gram gives every token a finite figure"
    return best


def measure_baselines(ngram: NGram, scored: Sequence[Encoded], vocabulary: Vocabulary) -> Baselines:
    """What the baselines make of the items that a model was scored on."""
    return Baselines(
        uniform_per_token(vocabulary),
        likelihood(ngram.of_order(1), scored, vocabulary),
        likelihood(ngram, scored, vocabulary),
        ngram.order,
    )
