"""Drawing without a guide and judging by it: Unmasked and TokensOnly, with accepts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Encoder
from seqgen.domains.guide import Guide
from seqgen.domains.guide import accepts as accepts
from seqgen.domains.vocabulary import Vocabulary
from seqgen.errors import SeqgenError

#: The state of the watched guide for the rows that still please it (None when none does), and
#: which rows these are, ``(B,)``.
UnmaskedState = tuple[Any, NDArray[np.bool_]]


@final
class Unmasked(Guide[UnmaskedState]):
    """Masks nothing as long as a row has taken only what another guide allows.

    A row that took anything else can never please that guide again, so it is allowed no
    further token and leaves its batch at a dead end. Up to there it is drawn from the bare
    model: rejecting such rows, and those that end where the guide does not let them, leaves
    exactly the model's distribution given that the guide is pleased (rejection sampling, von
    Neumann, "Various techniques used in connection with random digits", 1951). The context
    comes from the watched guide; of a rejected row it is 0.

    Args:
        guide: The guide that is watched. It is never told a token that it does not allow.
    """

    def __init__(self, guide: Guide[Any]) -> None:
        self._guide = guide
        self._size = guide.allowed(guide.start(1)).shape[1]
        # At its longest an item must still get the chance to end by itself.
        self.max_tokens = None if guide.max_tokens is None else guide.max_tokens + 1

    def start(self, batch: int) -> UnmaskedState:
        return self._guide.start(batch), np.ones(batch, dtype=bool)

    def allowed(self, state: UnmaskedState) -> NDArray[np.bool_]:
        watched, pleased = state
        going = pleased.copy()
        if watched is not None:
            going[pleased] = self._guide.allowed(watched).any(axis=1)
        return np.repeat(going[:, None], self._size, axis=1)

    def advance(self, state: UnmaskedState, tokens: NDArray[np.int64]) -> UnmaskedState:
        watched, pleased = state
        if watched is None:
            return state
        rows, taken = np.flatnonzero(pleased), tokens[pleased]
        right = self._guide.allowed(watched)[np.arange(len(rows)), taken]
        pleased = np.zeros_like(pleased)
        pleased[rows[right]] = True
        if not right.any():
            return None, pleased
        if not right.all():
            watched = self._guide.select(watched, np.flatnonzero(right))
        return self._guide.advance(watched, taken[right]), pleased

    def select(self, state: UnmaskedState, rows: NDArray[np.int64]) -> UnmaskedState:
        watched, pleased = state
        kept = pleased[rows]
        if watched is None or not kept.any():
            return None, kept
        places = np.cumsum(pleased) - 1
        return self._guide.select(watched, places[rows[kept]]), kept

    def context(self, state: UnmaskedState) -> NDArray[np.int32] | None:
        watched, pleased = state
        known = self._guide.context(self._guide.start(1) if watched is None else watched)
        if known is None:
            return None
        context = np.zeros((len(pleased), known.shape[1]), np.int32)
        if watched is not None:
            context[pleased] = known
        return context


@final
class TokensOnly(Encoder[tuple[int, ...]]):
    """Another encoder's symbols, with the token ids themselves as items: any can be decoded.

    Args:
        encoder: The fitted encoder whose symbols these are.
    """

    def __init__(self, encoder: Encoder[Any]) -> None:
        self._encoder = encoder

    @property
    def vocabulary(self) -> Vocabulary:
        return self._encoder.vocabulary

    @property
    def token_groups(self) -> Mapping[str, Sequence[int]]:
        return self._encoder.token_groups

    @property
    def token_keys(self) -> Sequence[int]:
        return self._encoder.token_keys

    def fit(self, items: Iterable[tuple[int, ...]]) -> Self:
        return self

    def encode(self, item: tuple[int, ...]) -> Encoded:
        return Encoded(np.array(item, np.int32))

    def decode(self, tokens: Sequence[int], condition: Any = None) -> tuple[int, ...]:
        return tuple(tokens)

    def to_json(self) -> dict[str, Any]:
        return self._encoder.to_json()

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        raise SeqgenError("token ids are no items of a domain: no model file is made of them")
