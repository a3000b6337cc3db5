"""Hypothesis strategies: tokens that a guided model can generate, and items of a domain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqgen.domains.domain import Domain
from seqgen.testing.domain_under_test import DomainUnderTest
from seqgen.testing.parametrize import import_test_library

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: The maximum number of tokens: hypothesis prefers small examples.
MAX_TOKENS = 60


def tokens(
    domain: str | Path | Domain | DomainUnderTest, **options: Any
) -> SearchStrategy[list[int]]:
    """Draw token ids of finished items that the guide allows; shrinks to short ones.

    Args:
        domain: The name of an installed domain, the path of its file, the Domain, or a
            DomainUnderTest.
        options: Values of its generation options, from which the condition is made.

    Returns:
        A strategy of lists of token ids without the end token. If the guide does not allow the end
        within 60 tokens, the list is cut there.

    Raises:
        SeqgenError: hypothesis is not installed.
    """
    strategies = import_test_library("hypothesis.strategies")
    under_test = domain if isinstance(domain, DomainUnderTest) else DomainUnderTest(domain)

    def draw_tokens(draw: DrawFn) -> list[int]:
        guide = under_test.make_prompt(under_test.domain.generation_options(**options)).guide
        end = under_test.encoder.vocabulary.end
        state, drawn = guide.start(1), list[int]()
        while len(drawn) < MAX_TOKENS:
            allowed = np.flatnonzero(guide.allowed(state)[0]).tolist()
            # Hypothesis shrinks towards the first element: the end.
            token = draw(strategies.sampled_from(sorted(allowed, key=lambda each: each != end)))
            if token == end:
                break
            drawn.append(token)
            state = guide.advance(state, np.array([token]))
        return drawn

    strategy: SearchStrategy[list[int]] = strategies.composite(draw_tokens)()
    return strategy


def items(domain: str | Path | Domain | DomainUnderTest, **options: Any) -> SearchStrategy[Any]:
    """Draw items that ``tokens`` decode to and, without options, items of the corpus.

    Args:
        domain: As for ``tokens``.
        options: As for ``tokens``. Items of the corpus need not satisfy them.

    Raises:
        SeqgenError: hypothesis is not installed.
    """
    strategies = import_test_library("hypothesis.strategies")
    under_test = domain if isinstance(domain, DomainUnderTest) else DomainUnderTest(domain)

    def decode(drawn: list[int]) -> Any:
        prompt = under_test.make_prompt(under_test.domain.generation_options(**options))
        return under_test.encoder.decode(drawn, prompt.condition)

    generated: SearchStrategy[Any] = tokens(under_test, **options).map(decode)
    if options:
        return generated
    own = strategies.deferred(lambda: strategies.sampled_from(list(under_test.items)))
    either: SearchStrategy[Any] = strategies.one_of(own, generated)
    return either
