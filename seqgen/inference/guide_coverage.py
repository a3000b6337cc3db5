"""Items of a user's own data that the domain's guide would never let a model make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqgen.domains.domain import make_guide
from seqgen.domains.guide import accepts

if TYPE_CHECKING:
    from seqgen.domains.domain import Domain
    from seqgen.domains.guide import Guide
    from seqgen.runs.dataset import RunData

#: So many tokens are looked at, of items spread over all of them: a guide may be slow.
TOKENS = 20_000


def tell_refused(domain: Domain, data: RunData) -> str:
    """A line that says how many items the guide refuses when nothing is asked for; "" if none."""
    if domain.guide is None:
        return ""
    step = max(1, -(-data.card.tokens // TOKENS))
    looked = range(0, len(data.encoded), step)
    refused = sum(not each for each in _accepted(domain, data, looked))
    if not refused:
        return ""
    seen = f"{len(looked):,} items{' looked at' * (step > 1)}"
    return (
        f"{refused:,} of {seen} are not what the guide of "
        f"domain {domain.name!r} allows: the model learns them and can never make them. Leave them "
        "out, or widen the guide (seqgen check looks at the domain's own data)"
    )


def _accepted(domain: Domain, data: RunData, looked: range) -> Iterator[bool]:
    """For each item whether the guide of its own condition accepts it."""
    options, end = domain.generation_options(), data.encoder.vocabulary.end
    shared: Guide[Any] | None = None
    for encoded in data.part(looked):
        if shared is None or encoded.condition is not None:
            shared = make_guide(domain, data.encoder, options, encoded.condition)
        yield accepts(shared, encoded.tokens.tolist(), end)
