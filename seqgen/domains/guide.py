"""Guide: the abstract walker that says which tokens may come next, and the one that allows all."""

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
    """Walks beside a batch while it is generated.

    The state of a batch is passed in and out and never kept on the guide, so one guide
    serves any number of batches, restarts and threads. A state is never changed in place.
    A guide allows the end token exactly where an item may end; a row for which it allows
    nothing at all is at a dead end.
    """

    #: A number of tokens within which every item ends by construction; None when unbounded.
    max_tokens: int | None = None

    @abstractmethod
    def start(self, batch: int) -> State:
        """The state of ``batch`` rows before their first token."""

    @abstractmethod
    def allowed(self, state: State) -> NDArray[np.bool_]:
        """Which tokens may come next, shape ``(B, V)`` with ``V = vocabulary.size``."""

    @abstractmethod
    def advance(self, state: State, tokens: NDArray[np.int64]) -> State:
        """The state after each row took its token, ``tokens`` of shape ``(B,)``."""

    @abstractmethod
    def select(self, state: State, rows: NDArray[np.int64]) -> State:
        """The state of some rows alone, in the order of ``rows``, shape ``(B',)``."""

    def context(self, state: State) -> NDArray[np.int32] | None:
        """The context rows of the next choice, shape ``(B, C)``; None without context."""
        return None

    def accepts(self, tokens: Iterable[int], end: int) -> bool:
        """Whether each of the tokens and then the end token ``end`` is allowed."""
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
        """This guide without one of its rules, by the name of the rule.

        Rules are what a user may ask for beside the grammar. Those that are named here are
        counted: how often each forbade what the model would have liked best.
        """
        return {}


@final
class FreeGuide(Guide[int]):
    """Allows every token at any time; the guide of a domain that has none.

    Args:
        vocabulary_size: ``V``, the number of ids a model predicts.
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
    """A guide written for one row at a time; the batch is made here.

    Subclasses give three functions of an immutable row state. Masks are copied into the
    batch, so returning one cached array many times is safe and quick.
    """

    @abstractmethod
    def row_start(self) -> RowState:
        """The state of a row before its first token."""

    @abstractmethod
    def row_allowed(self, state: RowState) -> NDArray[np.bool_]:
        """Which tokens may come next, shape ``(V,)``."""

    @abstractmethod
    def row_advance(self, state: RowState, token: int) -> RowState:
        """The state after the token."""

    def row_context(self, state: RowState) -> Any:
        """The context row of the next choice, ``C`` integers; None without context."""
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
    """Whether a guide allows each of the tokens and then the end.

    Args:
        guide: The guide; it is never told a token that it does not allow.
        tokens: The token ids of an item, without the end token.
        end: The id of the end token, ``vocabulary.end``.
    """
    return guide.accepts(tokens, end)
