"""Walks: sequences of random allowed tokens, as any model could draw them under a guide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, final

import numpy as np

from seqgen.domains.guide import Guide
from seqgen.domains.vocabulary import Vocabulary
from seqgen.testing.check import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray


@final
@dataclass(frozen=True, slots=True)
class Walk:
    """One walk.

    Args:
        tokens: The token ids, the end token not among them.
        reason: Whether it came to the end token, to a dead end, or to its most tokens.
    """

    tokens: tuple[int, ...]
    reason: Literal["end", "dead end", "length"]


def walk(
    guide: Guide[Any],
    vocabulary: Vocabulary,
    rng: np.random.Generator,
    most: int,
    *,
    eager: float = 0.0,
) -> Walk:
    """Take random allowed tokens until the end, a dead end, or ``most`` tokens.

    Args:
        guide: The guide.
        vocabulary: Its vocabulary.
        rng: Where randomness comes from.
        most: The most tokens.
        eager: How much more (above 0) or less (below) likely the end is than another token,
            in nats; minus infinity ends only where nothing else is allowed.
    """
    favour = rng.normal(0.0, rng.choice([0.0, 1.0, 3.0]), vocabulary.size)
    favour[vocabulary.end] += eager
    state = guide.start(1)
    tokens: list[int] = []
    while True:
        allowed = np.flatnonzero(guide.allowed(state)[0])
        if not len(allowed):
            return Walk(tuple(tokens), "dead end")
        token = _draw(allowed, favour, rng)
        if token == vocabulary.end:
            return Walk(tuple(tokens), "end")
        if len(tokens) >= most:
            return Walk(tuple(tokens), "length")
        tokens.append(token)
        state = guide.advance(state, np.array([token], np.int64))


def _draw(allowed: NDArray[np.int64], favour: NDArray[np.float64], rng: np.random.Generator) -> int:
    logits = favour[allowed]
    if not np.isfinite(logits).any():
        return int(allowed[0])
    weights = np.exp(logits - logits.max())
    return int(rng.choice(allowed, p=weights / weights.sum()))


def walks(
    guide: Guide[Any], vocabulary: Vocabulary, count: int, most: int, seed: int = 0
) -> Iterator[Walk]:
    """So many walks, some that end soon and some that go on for long."""
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        yield walk(guide, vocabulary, rng, most, eager=(2.0, 0.0, -2.0)[number % 3])


def spelled(vocabulary: Vocabulary, tokens: tuple[int, ...]) -> str:
    """Tokens as an example shows them: their symbols."""
    return f"tokens {shown([vocabulary.symbols[token] for token in tokens])}"


@final
@dataclass(frozen=True, slots=True, eq=False)
class Guided:
    """What is asked for, and what the host makes of it.

    Args:
        asked: What is asked for, in words.
        options: The prompt options.
        condition: What every item is given.
        guide: The guide.
    """

    asked: str
    options: Any
    condition: Any
    guide: Guide[Any]
