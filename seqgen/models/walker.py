"""Walker: one batch of rows on its way through a model, kept in place for speed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqgen.models.sequence_model import SequenceModel


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
