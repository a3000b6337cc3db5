"""SequenceModel: the abstract next-token model that everything generates and scores with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from seqgen.models.walker import StepWalker, Walker

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.models.config import ModelShape

State = TypeVar("State")


class SequenceModel(ABC, Generic[State]):
    """Logits of the next token from the tokens so far.

    Input tokens are shifted by one: the first a model reads is ``vocabulary.start``, and the
    logits given for input ``t`` are those of token ``t`` of the item (the end token last).
    A state belongs to a batch of rows, is passed in and out, and is never changed in place.
    """

    #: The vocabulary size and the context columns.
    shape: ModelShape

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """The state of ``batch`` rows that have read nothing."""

    @abstractmethod
    def step(
        self, tokens: NDArray[Any], context: NDArray[Any] | None, state: State
    ) -> tuple[NDArray[np.float32], State]:
        """Read one token a row.

        Args:
            tokens: Input ids, shape ``(B,)``, each in ``[0, V]``.
            context: What is known before the next token, shape ``(B, C)``; None without.
            state: The state before.

        Returns:
            Logits of the next token, shape ``(B, V)``, and the state after.
        """

    @abstractmethod
    def forward(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        """Logits at every step: ``(B, T)`` (and ``(B, T, C)``) to ``(B, T, V)``."""

    @abstractmethod
    def select(self, state: State, rows: NDArray[Any]) -> State:
        """The state of some rows alone, in the order of ``rows``."""

    def walker(self, batch: int, remember: int = 1) -> Walker:
        """A walker over ``batch`` rows that remembers so many of its last logits; a model
        with a quicker one of its own gives that."""
        return StepWalker(self, batch, remember)


def forward_by_steps(
    model: SequenceModel[Any], tokens: NDArray[Any], context: NDArray[Any] | None
) -> NDArray[np.float32]:
    """``forward`` as ``T`` calls of ``step``: for models without a quicker way, and law 2."""
    import numpy as np

    walker = model.walker(len(tokens))
    rows = []
    for t in range(tokens.shape[1]):
        rows.append(walker.read(tokens[:, t], None if context is None else context[:, t]).copy())
    return np.stack(rows, axis=1)  # (B, T, V)


def log_softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Log-probabilities of logits ``(B, V)``; minus infinity stays minus infinity.

    A row must hold at least one finite value.
    """
    import numpy as np

    wide = logits.astype(np.float64)
    wide = wide - wide.max(axis=-1, keepdims=True)
    result: NDArray[np.float64] = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return result
