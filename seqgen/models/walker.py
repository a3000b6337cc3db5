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
        """Read one token a row, shape ``(B,)``, with the context ``(B, C)`` of the next choice.

        Returns:
            The logits of the next token, ``(B, V)``; valid until the next call.
        """

    @abstractmethod
    def keep(self, rows: NDArray[np.int64]) -> None:
        """Go on with some rows alone, in the order of ``rows``, ascending."""


@final
class StepWalker(Walker):
    """Walks through any model by its ``step``.

    Args:
        model: The model.
        batch: How many rows.
    """

    def __init__(self, model: SequenceModel[Any], batch: int) -> None:
        self._model = model
        self._state = model.initial_state(batch)

    def read(self, tokens: NDArray[Any], context: NDArray[Any] | None) -> NDArray[np.float32]:
        logits, self._state = self._model.step(tokens, context, self._state)
        return logits

    def keep(self, rows: NDArray[np.int64]) -> None:
        self._state = self._model.select(self._state, rows)
