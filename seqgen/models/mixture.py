"""Mixture: several next-token models whose probabilities are averaged with fixed weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from seqgen.models.sequence_model import SequenceModel, Stepper

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
        members: At least one model, all of the same vocabulary.
        weights: The weight of each member, above 0; they sum to 1.
    """

    def __init__(self, members: Sequence[SequenceModel[Any]], weights: Sequence[float]) -> None:
        assert len(members) == len(weights) > 0, "one weight per member"
        assert min(weights) > 0 and abs(sum(weights) - 1) < 1e-9, "weights above 0 that sum to 1"
        self.members, self.weights = tuple(members), tuple(weights)
        self.shape = self.members[0].shape

    def initial_state(self, batch: int) -> MixtureState:
        return tuple(member.initial_state(batch) for member in self.members)

    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: MixtureState
    ) -> tuple[NDArray[np.float32], MixtureState]:
        pairs = [
            member.step(tokens, context, part)
            for member, part in zip(self.members, state, strict=True)
        ]
        return mix([logits for logits, _ in pairs], self.weights), tuple(part for _, part in pairs)

    def select(self, state: MixtureState, rows: NDArray[Any]) -> MixtureState:
        return tuple(
            member.select(part, rows) for member, part in zip(self.members, state, strict=True)
        )

    def stepper(self, batch: int) -> Stepper:
        return _MixtureStepper([member.stepper(batch) for member in self.members], self.weights)


@final
class _MixtureStepper(Stepper):
    """One stepper per member."""

    def __init__(self, members: list[Stepper], weights: tuple[float, ...]) -> None:
        self._members, self._weights = members, weights

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        return mix([member.read(tokens, context) for member in self._members], self._weights)

    def select(self, rows: NDArray[np.int64]) -> None:
        for member in self._members:
            member.select(rows)


def mix(logits: Sequence[NDArray[np.float32]], weights: Sequence[float]) -> NDArray[np.float32]:
    """Log of the weighted mean of the members' probabilities, ``(B, V)`` each.

    Each row is computed on its own, so that it does not depend on the other rows of the batch.
    """
    total: Any = 0.0
    for own, weight in zip(logits, weights, strict=True):
        powers = np.exp(own.astype(np.float64) - own.max(axis=-1, keepdims=True))
        total = total + powers * (weight / powers.sum(axis=-1, keepdims=True))
    with np.errstate(divide="ignore"):  # no member gives the token a probability
        mixed: NDArray[np.float32] = np.log(total).astype(np.float32)
    return mixed
