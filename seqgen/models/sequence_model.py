"""SequenceModel: the abstract next-token model that everything generates and scores with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.models.config import ModelShape

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
