"""Baselines: the uniform, unigram and n-gram figures beside which every model is reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.evaluation.likelihood import Likelihood, likelihood, uniform_per_token
from seqgen.models.config import ModelShape
from seqgen.models.ngram import NGram, count_ngrams

#: Orders tried for the n-gram; the one with the best validation figure is reported.
ORDERS = (2, 3, 4, 5, 6, 7)
#: The n-gram counts at most so many training tokens, end tokens among them: its counts lie in
#: memory and in the model file. The data card tells where that leaves items out.
MOST_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Baselines:
    """Figures of models that know nothing of recurrence, on the same scored items.

    Args:
        uniform: Nats per token of the uniform distribution.
        unigram: The order-1 model.
        ngram: The interpolated Kneser-Ney model.
        order: Its order.
        counted: The training tokens that it counted.
    """

    uniform: float
    unigram: Likelihood
    ngram: Likelihood
    order: int
    counted: int

    def to_json(self) -> dict[str, Any]:
        """Nats per token by name, the order, and the tokens counted."""
        return {
            "uniform": self.uniform,
            "unigram": self.unigram.per_token,
            "ngram": self.ngram.per_token,
            "ngram_order": self.order,
            "ngram_tokens": self.counted,
        }


def counted_items(
    lengths: Sequence[int] | NDArray[np.int64], most_tokens: int = MOST_TOKENS
) -> list[int]:
    """Which items the n-gram counts: all, or as many as fit, evenly spread over the corpus.

    Args:
        lengths: Tokens of each item, the end token not counted.
        most_tokens: The bound, in tokens with the end tokens; one item is counted in any case.
    """
    sizes = np.asarray(lengths, np.int64) + 1
    share = most_tokens / max(int(sizes.sum()), 1)
    if share >= 1:
        return list(range(len(sizes)))
    chosen = np.linspace(0, len(sizes), max(int(len(sizes) * share), 1), endpoint=False)
    places = chosen.astype(np.int64)
    fitting = int(np.searchsorted(np.cumsum(sizes[places]), most_tokens, side="right"))
    return places[: max(fitting, 1)].tolist()  # type: ignore[no-any-return]


def tell_counted(lengths: Sequence[int] | NDArray[np.int64], most_tokens: int = MOST_TOKENS) -> str:
    """What the n-gram leaves out, in words; empty where it counts every item."""
    counted = counted_items(lengths, most_tokens)
    if len(counted) == len(lengths):
        return ""
    tokens = sum(int(lengths[place]) + 1 for place in counted)
    every = int(np.sum(lengths)) + len(lengths)
    return (
        f"counts {len(counted):,} of {len(lengths):,} training items ({tokens:,} of "
        f"{every:,} tokens), evenly spread: more than {most_tokens:,} "
        "tokens would take too much memory; one that counts all would be the stronger baseline"
    )


def fit_ngram(
    train: Sequence[Encoded],
    validation: Sequence[Encoded],
    vocabulary: Vocabulary,
    most_tokens: int = MOST_TOKENS,
    lengths: NDArray[np.int64] | None = None,
) -> NGram:
    """The n-gram of the training items whose order is the best on the validation items.

    One model is in memory at a time: the best is counted a second time at the end.

    Args:
        train: The training items, of which ``counted_items`` chooses.
        validation: Choose the order.
        vocabulary: Of both.
        most_tokens: See ``counted_items``.
        lengths: Tokens of each training item, ``(N,)``, end token not counted; None reads every
            item for it.
    """
    shape = ModelShape(vocabulary.size)
    if lengths is None:
        lengths = np.fromiter((len(item.tokens) for item in train), np.int64, len(train))
    sequences = [train[place].tokens.tolist() for place in counted_items(lengths, most_tokens)]

    def counted(order: int) -> NGram:
        return NGram(order, shape, count_ngrams(order, shape, sequences))

    figures: list[float] = []
    for order in ORDERS:
        figures.append(likelihood(counted(order), validation, vocabulary).per_token)
        if len(figures) - int(np.argmin(figures)) > 2:  # the curve over orders has one valley
            break
    return counted(ORDERS[int(np.argmin(figures))])


def measure_baselines(ngram: NGram, scored: Sequence[Encoded], vocabulary: Vocabulary) -> Baselines:
    """What the baselines make of the items that a model was scored on."""
    return Baselines(
        uniform_per_token(vocabulary),
        likelihood(ngram.of_order(1), scored, vocabulary),
        likelihood(ngram, scored, vocabulary),
        ngram.order,
        sum(sum(counts.values()) for counts in ngram.counts.values()),
    )
