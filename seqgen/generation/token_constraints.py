"""Banned tokens, forced tokens at positions, and a minimum length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np

from seqgen.domains.encoder import Encoder
from seqgen.errors import SettingError
from seqgen.generation.logits_processor import (
    Logits,
    PositionProcessor,
    Stage,
    StatelessProcessor,
)
from seqgen.generation.sampling_config import TokenOptions, parse_positions


@final
class BannedTokens(StatelessProcessor):
    """Excludes tokens; an empty list changes nothing.

    Args:
        tokens: The excluded ids.
    """

    name, Options, stage = "ban", TokenOptions, Stage.EXCLUDE
    may_leave_none = True

    @classmethod
    def make(cls, options: TokenOptions, encoder: Encoder[Any]) -> BannedTokens | None:
        if not options.ban:
            return None
        return cls([encoder.vocabulary.id(symbol) for symbol in options.ban.split()])

    def __init__(self, tokens: Sequence[int]) -> None:
        self._tokens = np.array(tokens, dtype=np.int64)

    def change(self, logits: Logits) -> None:
        logits[:, self._tokens] = -np.inf


@final
class FixedPositions(PositionProcessor):
    """Requires tokens at positions, and excludes the end before a minimum length.

    No position and a minimum length of 0 change nothing.

    Args:
        forced: Token id by position, counted from 0.
        min_tokens: The minimum length in tokens.
        end: The id of the end token.
    """

    name, Options, stage = "force", TokenOptions, Stage.EXCLUDE
    may_leave_none = True

    @classmethod
    def make(cls, options: TokenOptions, encoder: Encoder[Any]) -> FixedPositions | None:
        if not options.force and not options.min_tokens:
            return None
        vocabulary = encoder.vocabulary
        pairs = parse_positions("force", options.force) if options.force else []
        forced = {position: vocabulary.id(text) for position, text in pairs}
        for position, token in forced.items():
            symbol = vocabulary.symbols[token]
            if symbol in options.ban.split():
                raise SettingError(f"{symbol!r} is both banned and forced at position {position}")
            if options.max_tokens is not None and position >= options.max_tokens:
                raise SettingError(
                    f"force: position {position} must be < max_tokens, which is "
                    f"{options.max_tokens}",
                    "force",
                    "max_tokens",
                )
        return cls(forced, options.min_tokens, vocabulary.end)

    def __init__(self, forced: Mapping[int, int], min_tokens: int, end: int) -> None:
        self._forced, self._min_tokens, self._end = dict(forced), min_tokens, end

    def apply(self, logits: Logits, state: int) -> None:
        if state < self._min_tokens:
            logits[:, self._end] = -np.inf
        token = self._forced.get(state)
        if token is not None:
            kept = logits[:, token].copy()
            logits[:] = -np.inf
            logits[:, token] = kept
