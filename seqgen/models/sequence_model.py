"""SequenceModel: the abstract next-token model that everything generates and scores with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.models.config import ModelShape


class Walker(ABC):
    """Reads one token a row at a time and owns the state of its batch.

    ``SequenceModel.step`` passes states in and out and changes nothing; that is what beams
    and proofs need. Drawing thousands of tokens needs buffers that are written again and
    again. A walker has them; it serves one batch, in one thread.
    """

    @abstractmethod
    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        """Read one token a row.

        Args:
            tokens: Ids, shape ``(B,)``.
            context: The context of the next choice, ``(B, C)``; None without.

        Returns:
            The logits of the next token, ``(B, V)``, not to be written to; they stay as they
            are for as many further reads as ``remember`` says.
        """

    @abstractmethod
    def recent(self, reads: int) -> NDArray[np.float32]:
        """The logits of the last reads, oldest first, ``(reads, B, V)``; at most ``remember``."""

    @abstractmethod
    def keep(self, rows: NDArray[np.int64]) -> None:
        """Go on with some rows alone, in the order of ``rows``; the last logits stay readable."""


@final
class StepWalker(Walker):
    """Walks through any model by its ``step``.

    Args:
        model: The model.
        batch: How many rows.
        remember: How many of the last logits ``recent`` can give, at least 1.
    """

    def __init__(self, model: SequenceModel[Any], batch: int, remember: int) -> None:
        self._model, self._remember = model, remember
        self._state = model.initial_state(batch)
        self._logits: list[NDArray[np.float32]] = []

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits, self._state = self._model.step(tokens, context, self._state)
        self._logits = [*self._logits, logits][-self._remember :]
        return logits

    def recent(self, reads: int) -> NDArray[np.float32]:
        import numpy as np

        return np.stack(self._logits[-reads:])

    def keep(self, rows: NDArray[np.int64]) -> None:
        self._state = self._model.select(self._state, rows)
        self._logits = [logits[rows] for logits in self._logits[-1:]]


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
