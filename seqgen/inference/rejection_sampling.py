"""Rejection sampling: sample without the guide, and reject what it does not allow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Encoder, Vocabulary
from seqgen.domains.guide import Guide
from seqgen.errors import SeqgenError

#: The state of the guide for the rows that it still allows (None if there are none), and which
#: rows these are, ``(B,)``.
UnmaskedState = tuple[Any, NDArray[np.bool_]]


@final
class Unmasked(Guide[UnmaskedState]):
    """Masks nothing while a row has only tokens that another guide allows.

    A row with any other token can never be accepted by that guide again, so it gets no further
    token and leaves its batch at a dead end. Until then it is sampled from the model without
    constraints. Rejecting such rows, and those that end before the guide allows it, leaves exactly
    the distribution of the model given that the guide accepts the item (rejection sampling, von
    Neumann, "Various techniques used in connection with random digits", 1951). The context is that
    of the guide; for a rejected row it is 0.

    Args:
        guide: The guide. It never advances by a token that it does not allow.
    """

    def __init__(self, guide: Guide[Any]) -> None:
        self._guide = guide
        self._size = guide.allowed(guide.start(1)).shape[1]
        # An item of the maximum length needs one more step for its end token.
        self.max_tokens = None if guide.max_tokens is None else guide.max_tokens + 1

    def start(self, batch: int) -> UnmaskedState:
        return self._guide.start(batch), np.ones(batch, dtype=bool)

    def allowed(self, state: UnmaskedState) -> NDArray[np.bool_]:
        inner, alive = state
        open_rows = alive.copy()
        if inner is not None:
            open_rows[alive] = self._guide.allowed(inner).any(axis=1)
        return np.repeat(open_rows[:, None], self._size, axis=1)

    def advance(self, state: UnmaskedState, tokens: NDArray[np.int64]) -> UnmaskedState:
        inner, alive = state
        if inner is None:
            return state
        rows, chosen = np.flatnonzero(alive), tokens[alive]
        allowed = self._guide.allowed(inner)[np.arange(len(rows)), chosen]
        alive = np.zeros_like(alive)
        alive[rows[allowed]] = True
        if not allowed.any():
            return None, alive
        if not allowed.all():
            inner = self._guide.select(inner, np.flatnonzero(allowed))
        return self._guide.advance(inner, chosen[allowed]), alive

    def select(self, state: UnmaskedState, rows: NDArray[np.int64]) -> UnmaskedState:
        inner, alive = state
        selected = alive[rows]
        if inner is None or not selected.any():
            return None, selected
        positions = np.cumsum(alive) - 1
        return self._guide.select(inner, positions[rows[selected]]), selected

    def context(self, state: UnmaskedState) -> NDArray[np.int32] | None:
        inner, alive = state
        known = self._guide.context(self._guide.start(1) if inner is None else inner)
        if known is None:
            return None
        context = np.zeros((len(alive), known.shape[1]), np.int32)
        if inner is not None:
            context[alive] = known
        return context


@final
class TokensOnly(Encoder[tuple[int, ...]]):
    """Encodes token ids as items, with the symbols of another encoder: any tokens can be decoded.

    Args:
        encoder: The fitted encoder with the symbols.
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
        raise SeqgenError("token ids are no items of a domain: no model file stores them")
