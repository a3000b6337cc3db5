"""Mixture: several next-token models whose probabilities are averaged with fixed weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from seqgen.models.sequence_model import SequenceModel, Walker, forward_by_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The state of each member.
MixtureState = tuple[Any, ...]


@final
class Mixture(SequenceModel[MixtureState]):
    """The probability of a token is the weighted mean of its members' probabilities.

    Source: linear interpolation, F. Jelinek and R. Mercer, "Interpolated estimation of Markov
    source parameters from sparse data" (1980).

    Args:
        members: Models of one vocabulary, at least one.
        weights: One a member, each above 0; they add up to 1.
    """

    def __init__(self, members: Sequence[SequenceModel[Any]], weights: Sequence[float]) -> None:
        assert len(members) == len(weights) > 0, "one weight a member"
        assert min(weights) > 0 and abs(sum(weights) - 1) < 1e-9, "shares of one whole"
        self.members, self.weights = tuple(members), tuple(weights)
        self.shape = self.members[0].shape

    def initial_state(self, batch: int) -> MixtureState:
        return tuple(member.initial_state(batch) for member in self.members)

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: MixtureState
    ) -> tuple[NDArray[np.float32], MixtureState]:
        pairs = [
            member.step(tokens, context, own)
            for member, own in zip(self.members, state, strict=True)
        ]
        return mix([logits for logits, _ in pairs], self.weights), tuple(own for _, own in pairs)

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return forward_by_steps(self, tokens, context)

    def select(self, state: MixtureState, rows: NDArray[Any]) -> MixtureState:
        return tuple(
            member.select(own, rows) for member, own in zip(self.members, state, strict=True)
        )

    def walker(self, batch: int, remember: int = 1) -> Walker:
        walkers = [member.walker(batch) for member in self.members]
        return _MixtureWalker(walkers, self.weights, remember)


@final
class _MixtureWalker(Walker):
    """The members' own walkers side by side."""

    def __init__(self, walkers: list[Walker], weights: tuple[float, ...], remember: int) -> None:
        self._walkers, self._weights, self._remember = walkers, weights, remember
        self._logits: list[NDArray[np.float32]] = []

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits = mix([walker.read(tokens, context) for walker in self._walkers], self._weights)
        self._logits = [*self._logits, logits][-self._remember :]
        return logits

    def recent(self, reads: int) -> NDArray[np.float32]:
        return np.stack(self._logits[-reads:])

    def keep(self, rows: NDArray[np.int64]) -> None:
        for walker in self._walkers:
            walker.keep(rows)
        self._logits = [logits[rows] for logits in self._logits[-1:]]


def mix(logits: Sequence[NDArray[np.float32]], weights: Sequence[float]) -> NDArray[np.float32]:
    """Log of the weighted mean of the members' probabilities, ``(B, V)`` each.

    Every row is computed by itself, so that a row's neighbours change nothing (law 3).
    """
    total: Any = 0.0
    for own, weight in zip(logits, weights, strict=True):
        powers = np.exp(own.astype(np.float64) - own.max(axis=-1, keepdims=True))
        total = total + powers * (weight / powers.sum(axis=-1, keepdims=True))
    with np.errstate(divide="ignore"):  # a token that no member allows
        mixed: NDArray[np.float32] = np.log(total).astype(np.float32)
    return mixed
