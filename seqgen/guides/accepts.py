"""accepts: whether a guide lets an item through; what a corpus can be checked with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqgen.domains.guide import Guide


def accepts(guide: Guide[Any], tokens: Iterable[int], end: int) -> bool:
    """Whether a guide allows each of the tokens and then the end.

    Args:
        guide: The guide; it is never told a token that it does not allow.
        tokens: The token ids of an item, without the end token.
        end: The id of the end token, ``vocabulary.end``.
    """
    return guide.accepts(tokens, end)
