"""LogitsProcessor: the abstract change of logits before a choice, and the chain of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
State = TypeVar("State")


class LogitsProcessor(ABC, Generic[State]):
    """Changes the logits of a batch in place, row by row.

    What it remembers of a row is passed in and out, so batches, beams and threads are safe.
    A row may come with tokens at minus infinity, which stay there, and has at least one
    finite logit.
    """

    #: Whether it may leave a row without a finite logit; the row is then at a dead end.
    may_leave_none: bool = False

    @abstractmethod
    def start(self, batch: int) -> State:
        """What is remembered of ``batch`` rows before their first token."""

    @abstractmethod
    def apply(self, logits: Logits, state: State) -> None:
        """Change logits ``(B, V)`` in place."""

    @abstractmethod
    def advance(self, state: State, tokens: NDArray[np.int64]) -> State:
        """What is remembered after each row took its token, ``(B,)``."""

    @abstractmethod
    def select(self, state: State, rows: NDArray[np.int64]) -> State:
        """What is remembered of some rows, in the order of ``rows``."""


class StatelessProcessor(LogitsProcessor[None]):
    """A processor that looks at the logits alone."""

    @final
    def start(self, batch: int) -> None:
        return None

    @abstractmethod
    def change(self, logits: Logits) -> None:
        """Change logits ``(B, V)`` in place."""

    @final
    def apply(self, logits: Logits, state: None) -> None:
        self.change(logits)

    @final
    def advance(self, state: None, tokens: NDArray[np.int64]) -> None:
        return None

    @final
    def select(self, state: None, rows: NDArray[np.int64]) -> None:
        return None


@final
class ProcessorChain(LogitsProcessor[tuple[Any, ...]]):
    """Several processors one after the other; none at all changes nothing."""

    def __init__(self, processors: Sequence[LogitsProcessor[Any]]) -> None:
        self.processors = tuple(processors)
        self.may_leave_none = any(processor.may_leave_none for processor in processors)

    @property
    def factor(self) -> NDArray[np.float32] | None:
        """What the whole chain multiplies logits by, when that is all it does; 0-dimensional."""
        if len(self.processors) == 1:
            factor = getattr(self.processors[0], "factor", None)
            return factor if isinstance(factor, np.ndarray) else None
        return None

    def start(self, batch: int) -> tuple[Any, ...]:
        return tuple(processor.start(batch) for processor in self.processors)

    def apply(self, logits: Logits, state: tuple[Any, ...]) -> None:
        for processor, part in zip(self.processors, state, strict=True):
            processor.apply(logits, part)

    def advance(self, state: tuple[Any, ...], tokens: NDArray[np.int64]) -> tuple[Any, ...]:
        return tuple(
            processor.advance(part, tokens)
            for processor, part in zip(self.processors, state, strict=True)
        )

    def select(self, state: tuple[Any, ...], rows: NDArray[np.int64]) -> tuple[Any, ...]:
        return tuple(
            processor.select(part, rows)
            for processor, part in zip(self.processors, state, strict=True)
        )
