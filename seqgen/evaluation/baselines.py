"""Baselines: the uniform, unigram and n-gram models that every model is compared with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary
from seqgen.evaluation.likelihood import Likelihood, likelihood
from seqgen.models.ngram import NGram, count_ngrams
from seqgen.models.sequence_model import ModelShape

#: Orders tried for the n-gram; the best one on the validation items is reported.
ORDERS = (2, 3, 4, 5, 6, 7)
#: Maximum number of training tokens that the n-gram counts, end tokens included. Its counts are
#: in memory and in the model file.
MAX_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Baselines:
    """The baselines on the items that a model is scored on.

    Args:
        uniform: Nats per token of the uniform distribution.
        unigram: Nats per token of the unigram model.
        ngram: The likelihood under the interpolated Kneser-Ney n-gram.
        ngram_order: The order of the n-gram.
        ngram_tokens: The number of training tokens that it counted.
    """

    uniform: float
    unigram: float
    ngram: Likelihood
    ngram_order: int
    ngram_tokens: int

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values, likelihoods in nats per token."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {**values, "ngram": self.ngram.per_token}


def select_ngram_items(
    lengths: Sequence[int] | NDArray[np.int64], max_tokens: int = MAX_TOKENS
) -> list[int]:
    """The indices of the items that the n-gram counts: all, or a subset evenly spread over them.

    Args:
        lengths: The tokens of each item, end token excluded.
        max_tokens: Maximum number of tokens, end tokens included; one item is always counted.
    """
    sizes = np.asarray(lengths, np.int64) + 1
    share = max_tokens / max(int(sizes.sum()), 1)
    if share >= 1:
        return list(range(len(sizes)))
    spread = np.linspace(0, len(sizes), max(int(len(sizes) * share), 1), endpoint=False)
    indices = spread.astype(np.int64)
    fitting = int(np.searchsorted(np.cumsum(sizes[indices]), max_tokens, side="right"))
    return indices[: max(fitting, 1)].tolist()  # type: ignore[no-any-return]


def describe_ngram_items(
    lengths: Sequence[int] | NDArray[np.int64], max_tokens: int = MAX_TOKENS
) -> str:
    """A note on the items that the n-gram skips; empty if it counts all."""
    sizes = np.asarray(lengths, np.int64) + 1
    indices = select_ngram_items(lengths, max_tokens)
    if len(indices) == len(sizes):
        return ""
    return (
        f"counts {len(indices):,} of {len(sizes):,} training items ({sizes[indices].sum():,} of "
        f"{sizes.sum():,} tokens), evenly spread, because more than {max_tokens:,} tokens would "
        "take too much memory; an n-gram of all items would be a stronger baseline"
    )


def fit_ngram(
    train: Sequence[Encoded],
    validation: Sequence[Encoded],
    vocabulary: Vocabulary,
    max_tokens: int = MAX_TOKENS,
    lengths: NDArray[np.int64] | None = None,
) -> NGram:
    """Fit the n-gram whose order is the best on the validation items.

    Only one model is in memory at a time; the best one is counted again at the end.

    Args:
        train: The training items; see ``select_ngram_items``.
        validation: The items that decide the order.
        vocabulary: The vocabulary of both.
        max_tokens: Maximum number of tokens counted.
        lengths: The tokens of each training item, ``(N,)``, end token excluded; None reads
            every item to find out.
    """
    shape = ModelShape(vocabulary.size)
    if lengths is None:
        lengths = np.fromiter((len(item.tokens) for item in train), np.int64, len(train))
    indices = select_ngram_items(lengths, max_tokens)
    sequences = [train[index].tokens.tolist() for index in indices]

    def fit(order: int) -> NGram:
        return NGram(order, shape, count_ngrams(order, shape, sequences))

    losses: list[float] = []
    for order in ORDERS:
        losses.append(likelihood(fit(order), validation, vocabulary).per_token)
        if len(losses) - int(np.argmin(losses)) > 2:  # the loss has one minimum over the orders
            break
    return fit(ORDERS[int(np.argmin(losses))])


def measure_baselines(ngram: NGram, scored: Sequence[Encoded], vocabulary: Vocabulary) -> Baselines:
    """The baselines on encoded items."""
    return Baselines(
        math.log(vocabulary.size),
        likelihood(ngram.of_order(1), scored, vocabulary).per_token,
        likelihood(ngram, scored, vocabulary),
        ngram.order,
        sum(sum(counts.values()) for counts in ngram.counts.values()),
    )
