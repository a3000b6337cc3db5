"""Random walks: sequences of random allowed tokens, which any model could generate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, final

import numpy as np

from seqgen.domains.encoder import Vocabulary
from seqgen.domains.guide import Guide
from seqgen.testing.failures import format_value


@final
@dataclass(frozen=True, slots=True)
class Walk:
    """One random walk.

    Args:
        tokens: The token ids, without the end token.
        reason: Why it ended: with the end token, at a dead end, or at its maximum length.
    """

    tokens: tuple[int, ...]
    reason: Literal["end", "dead end", "length"]


def random_walk(
    guide: Guide[Any],
    vocabulary: Vocabulary,
    rng: np.random.Generator,
    max_tokens: int,
    *,
    end_bias: float = 0.0,
) -> Walk:
    """Draw random allowed tokens until the end, a dead end, or ``max_tokens`` tokens.

    Args:
        guide: The guide.
        vocabulary: Its vocabulary.
        rng: The source of randomness.
        max_tokens: The maximum number of tokens.
        end_bias: Added to the logit of the end token, in nats; minus infinity ends only if
            nothing else is allowed.
    """
    logits = rng.normal(0.0, rng.choice([0.0, 1.0, 3.0]), vocabulary.size)
    logits[vocabulary.end] += end_bias
    state = guide.start(1)
    tokens: list[int] = []
    while True:
        allowed = np.flatnonzero(guide.allowed(state)[0])
        if not len(allowed):
            return Walk(tuple(tokens), "dead end")
        token = int(allowed[0])
        if np.isfinite(logits[allowed]).any():
            weights = np.exp(logits[allowed] - logits[allowed].max())
            token = int(rng.choice(allowed, p=weights / weights.sum()))
        if token == vocabulary.end:
            return Walk(tuple(tokens), "end")
        if len(tokens) >= max_tokens:
            return Walk(tuple(tokens), "length")
        tokens.append(token)
        state = guide.advance(state, np.array([token], np.int64))


def random_walks(
    guide: Guide[Any], vocabulary: Vocabulary, count: int, max_tokens: int
) -> Iterator[Walk]:
    """Return ``count`` walks: a third of them short, a third of them long."""
    for number in range(count):
        rng = np.random.default_rng([0, number])
        yield random_walk(guide, vocabulary, rng, max_tokens, end_bias=(2.0, 0.0, -2.0)[number % 3])


def format_tokens(vocabulary: Vocabulary, tokens: tuple[int, ...]) -> str:
    """Return tokens as an example shows them: their symbols."""
    return f"tokens {format_value([vocabulary.symbols[token] for token in tokens])}"
