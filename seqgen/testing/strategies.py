"""Hypothesis strategies: tokens that a guided model could draw, and items of a domain."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqgen.domains.domain import Domain
from seqgen.testing.domain_under_test import Subject
from seqgen.testing.parametrize import needed

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Walks that nothing else bounds end here: hypothesis wants small examples.
MOST = 60


def tokens(domain: str | Path | Domain | Subject, **options: Any) -> SearchStrategy[list[int]]:
    """Token ids of finished items, each drawn from what the guide allows; shrinks to short ones.

    Args:
        domain: The name of an installed domain, the path of its file, the Domain, or a Subject.
        options: Values of its prompt options; the condition is the one that they make.

    Returns:
        Lists of token ids without the end token. Where the guide does not let an item end
        within 60 tokens, the list is cut there.

    Raises:
        SeqgenError: hypothesis is not installed.
    """
    subject = domain if isinstance(domain, Subject) else Subject(domain)
    strategies = needed("hypothesis.strategies")

    def draw_tokens(draw: DrawFn) -> list[int]:
        import numpy as np

        guided = subject.guided(subject.domain.generation_options(**options))
        end = subject.encoder.vocabulary.end
        state, found = guided.guide.start(1), list[int]()
        while len(found) < MOST:
            allowed = np.flatnonzero(guided.guide.allowed(state)[0]).tolist()
            # The end first: hypothesis shrinks towards it.
            token = draw(strategies.sampled_from(sorted(allowed, key=lambda each: each != end)))
            if token == end:
                break
            found.append(token)
            state = guided.guide.advance(state, np.array([token]))
        return found

    made: SearchStrategy[list[int]] = strategies.composite(draw_tokens)()
    return made


def items(domain: str | Path | Domain | Subject, **options: Any) -> SearchStrategy[Any]:
    """Items of a domain: those that ``tokens`` decode to and, without options, its own corpus.

    Args:
        domain: As for ``tokens``.
        options: As for ``tokens``. With any, no item of the corpus comes: it need not be as asked.

    Raises:
        SeqgenError: hypothesis is not installed.
    """
    subject = domain if isinstance(domain, Subject) else Subject(domain)
    strategies = needed("hypothesis.strategies")

    def decoded(drawn: list[int]) -> Any:
        guided = subject.guided(subject.domain.generation_options(**options))
        return subject.encoder.decode(drawn, guided.condition)

    made: SearchStrategy[Any] = tokens(subject, **options).map(decoded)
    if options:
        return made
    own = strategies.deferred(lambda: strategies.sampled_from(list(subject.items)))
    either: SearchStrategy[Any] = strategies.one_of(own, made)
    return either
