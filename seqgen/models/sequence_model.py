"""SequenceModel: the abstract next-token model that everything generates and scores with.

A ``Mixture`` averages the probabilities of several.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ModelShape:
    """The sizes that the data requires of a model.

    Args:
        vocabulary_size: ``V``, the number of ids that the model predicts, end token included.
            The model reads one id more: ``V`` itself, the start token.
        context_sizes: The number of values of each context column; empty without context.
    """

    vocabulary_size: int
    context_sizes: tuple[int, ...] = ()

    @property
    def context_width(self) -> int:
        """The width of all context columns as concatenated one-hot vectors."""
        return sum(self.context_sizes)


State = TypeVar("State")


class SequenceModel(ABC, Generic[State]):
    """Logits of the next token, computed from the tokens so far.

    Input tokens are shifted by one: the first input is ``vocabulary.start``, and the logits
    computed from input ``t`` are those of token ``t`` of the item (the end token is the last).
    A state belongs to a batch of rows, is passed in and out, and is never changed in place.
    """

    #: The vocabulary size and the context columns.
    shape: ModelShape

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """The state of ``batch`` rows before their first input."""

    @abstractmethod
    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: State
    ) -> tuple[NDArray[np.float32], State]:
        """Read one token of each row.

        Args:
            tokens: Input ids, shape ``(B,)``, each in ``[0, V]``.
            context: The context of the next token, shape ``(B, C)``; None without context.
            state: The state before the step.

        Returns:
            Logits of the next token, shape ``(B, V)``, and the state after the step.
        """

    @abstractmethod
    def select(self, state: State, rows: NDArray[Any]) -> State:
        """The state of the rows with these indices, in this order."""

    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        """Logits at every step: ``(B, T)`` (and ``(B, T, C)``) to ``(B, T, V)``."""
        return forward_by_steps(self, tokens, context)

    def stepper(self, batch: int) -> Stepper:
        """A stepper for ``batch`` rows that start from the initial state."""
        return ModelStepper(self, batch)


class Stepper(ABC):
    """Reads one token of each row at a time and owns the state of its batch.

    ``SequenceModel.step`` allocates a new state at every step; a stepper may write into its own
    buffers, which is faster. It serves one batch, in one thread.
    """

    @abstractmethod
    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        """Read one token of each row; arguments as in ``SequenceModel.step``.

        Returns:
            Logits of the next token, ``(B, V)``; read-only, and valid until the next call.
        """

    @abstractmethod
    def select(self, rows: NDArray[np.int64]) -> None:
        """Continue with the rows of these indices, in this order; a row may occur twice."""


@final
class ModelStepper(Stepper):
    """Steps any model with its ``step`` function."""

    def __init__(self, model: SequenceModel[Any], batch: int) -> None:
        self._model, self._state = model, model.initial_state(batch)

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits, self._state = self._model.step(tokens, context, self._state)
        return logits

    def select(self, rows: NDArray[np.int64]) -> None:
        self._state = self._model.select(self._state, rows)


def forward_by_steps(
    model: SequenceModel[Any], tokens: NDArray[Any], context: NDArray[Any] | None
) -> NDArray[np.float32]:
    """``forward`` as ``T`` steps."""
    import numpy as np

    stepper = model.stepper(len(tokens))
    logits = [
        stepper.read(tokens[:, t], None if context is None else context[:, t]).copy()
        for t in range(tokens.shape[1])
    ]
    return np.stack(logits, axis=1)  # (B, T, V)


def log_softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Log-probabilities of logits ``(B, V)``; minus infinity stays minus infinity.

    Each row must have a finite value.
    """
    import numpy as np

    wide = logits.astype(np.float64)
    wide = wide - wide.max(axis=-1, keepdims=True)
    result: NDArray[np.float64] = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return result


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
    import numpy as np

    total: Any = 0.0
    for own, weight in zip(logits, weights, strict=True):
        powers = np.exp(own.astype(np.float64) - own.max(axis=-1, keepdims=True))
        total = total + powers * (weight / powers.sum(axis=-1, keepdims=True))
    with np.errstate(divide="ignore"):  # no member gives the token a probability
        mixed: NDArray[np.float32] = np.log(total).astype(np.float32)
    return mixed
