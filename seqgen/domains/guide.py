"""Guide: the abstract interface that constrains the next token, and a guide without constraints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray


State = TypeVar("State")
RowState = TypeVar("RowState")


class Guide(ABC, Generic[State]):
    """Says for each row of a batch which tokens are allowed next.

    The state of a batch is passed in and returned; the guide itself has no state and never
    changes one in place, so one guide serves any number of batches and threads. A guide allows the
    end token exactly where an item may end. A row without an allowed token is at a dead end.
    """

    #: The largest number of tokens of an item under this guide; None if there is no limit.
    max_tokens: int | None = None

    @abstractmethod
    def start(self, batch: int) -> State:
        """Return the state of ``batch`` rows before their first token."""

    @abstractmethod
    def allowed(self, state: State) -> NDArray[np.bool_]:
        """Return which tokens are allowed next, shape ``(B, V)`` with ``V = vocabulary.size``."""

    @abstractmethod
    def advance(self, state: State, tokens: NDArray[np.int64]) -> State:
        """Return the state after one more token of each row, ``tokens`` of shape ``(B,)``."""

    @abstractmethod
    def select(self, state: State, rows: NDArray[np.int64]) -> State:
        """Return the state of these rows, in the order of ``rows``, shape ``(B',)``."""

    def context(self, state: State) -> NDArray[np.int32] | None:
        """Return the context of the next token, shape ``(B, C)``; None if there is none."""
        return None

    def accepts(self, tokens: Iterable[int], end: int) -> bool:
        """Return whether each of the tokens and then the end token ``end`` is allowed."""
        import numpy as np

        state = self.start(1)
        for token in (*tokens, end):
            if not self.allowed(state)[0, token]:
                return False
            if token != end:
                state = self.advance(state, np.array([token]))
        return True

    @property
    def without(self) -> Mapping[str, Guide[Any]]:
        """The same guide without one of its constraints, by the name of the constraint.

        The constraints are options of the user, not part of the grammar. Commands report how often
        each of them forbids the most probable token.
        """
        return {}


@final
class FreeGuide(Guide[int]):
    """Allows every token; the guide of a domain without one.

    Args:
        vocabulary_size: ``V``, the number of ids that a model predicts.
    """

    def __init__(self, vocabulary_size: int) -> None:
        self._size = vocabulary_size

    def start(self, batch: int) -> int:
        return batch

    def allowed(self, state: int) -> NDArray[np.bool_]:
        import numpy as np

        return np.ones((state, self._size), dtype=bool)

    def advance(self, state: int, tokens: NDArray[np.int64]) -> int:
        return state

    def select(self, state: int, rows: NDArray[np.int64]) -> int:
        return len(rows)


class RowGuide(Guide[tuple[RowState, ...]], Generic[RowState]):
    """A guide that is written for one row; this class forms the batch.

    A subclass has three methods with an immutable state of one row. Masks are copied into the
    batch, so a method may return the same cached array every time.
    """

    @abstractmethod
    def row_start(self) -> RowState:
        """Return the state of a row before its first token."""

    @abstractmethod
    def row_allowed(self, state: RowState) -> NDArray[np.bool_]:
        """Return which tokens are allowed next, shape ``(V,)``."""

    @abstractmethod
    def row_advance(self, state: RowState, token: int) -> RowState:
        """Return the state after one more token."""

    def row_context(self, state: RowState) -> Any:
        """Return the context of the next token, ``C`` integers; None if there is none."""
        return None

    @final
    def start(self, batch: int) -> tuple[RowState, ...]:
        return (self.row_start(),) * batch

    @final
    def allowed(self, state: tuple[RowState, ...]) -> NDArray[np.bool_]:
        import numpy as np

        return np.stack([self.row_allowed(row) for row in state])

    @final
    def advance(
        self, state: tuple[RowState, ...], tokens: NDArray[np.int64]
    ) -> tuple[RowState, ...]:
        return tuple(self.row_advance(r, t) for r, t in zip(state, tokens.tolist(), strict=True))

    @final
    def select(self, state: tuple[RowState, ...], rows: NDArray[np.int64]) -> tuple[RowState, ...]:
        return tuple(state[row] for row in rows.tolist())

    @final
    def context(self, state: tuple[RowState, ...]) -> NDArray[np.int32] | None:
        import numpy as np

        rows = [self.row_context(row) for row in state]
        return None if rows[0] is None else np.array(rows, dtype=np.int32)


def accepts(guide: Guide[Any], tokens: Iterable[int], end: int) -> bool:
    """Return whether a guide allows each of the tokens and then the end.

    Args:
        guide: The guide.
        tokens: The token ids of an item, without the end token.
        end: The id of the end token, ``vocabulary.end``.
    """
    return guide.accepts(tokens, end)
