"""LogitsProcessor: the abstract change of logits before a token is chosen; ProcessorChain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
State = TypeVar("State")


class LogitsProcessor(ABC, Generic[State]):
    """Changes the logits of a batch in place, each row independently.

    Its state is passed in and out and never changed in place, so one processor serves any number
    of batches, beams and threads. Each row has a finite logit; minus infinity stays.
    """

    #: Whether it may leave a row without a finite logit, which is a dead end.
    may_leave_none: bool = False

    @abstractmethod
    def start(self, batch: int) -> State:
        """The state of ``batch`` rows before their first token."""

    @abstractmethod
    def apply(self, logits: Logits, state: State) -> None:
        """Change logits ``(B, V)`` in place."""

    @abstractmethod
    def advance(self, state: State, tokens: NDArray[np.int64]) -> State:
        """The state after each row received its token, ``(B,)``."""

    @abstractmethod
    def select(self, state: State, rows: NDArray[np.int64]) -> State:
        """The state of the rows with these indices, in this order."""


class StatelessProcessor(LogitsProcessor[None]):
    """A processor that depends on the logits only."""

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


class PositionProcessor(LogitsProcessor[int]):
    """A processor that depends on the logits and the position, which all rows of a batch share."""

    @final
    def start(self, batch: int) -> int:
        return 0

    @final
    def advance(self, state: int, tokens: NDArray[np.int64]) -> int:
        return state + 1

    @final
    def select(self, state: int, rows: NDArray[np.int64]) -> int:
        return state


class ArrayProcessor(LogitsProcessor[NDArray[Any]]):
    """A processor whose state is one array with a row per item."""

    @final
    def select(self, state: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
        return state[rows]


@final
class ProcessorChain(LogitsProcessor[tuple[Any, ...]]):
    """Several processors, applied in order; an empty chain changes nothing."""

    def __init__(self, processors: Sequence[LogitsProcessor[Any]]) -> None:
        self.processors = tuple(processors)
        self.may_leave_none = any(processor.may_leave_none for processor in processors)

    @property
    def factor(self) -> NDArray[np.float32] | None:
        """The 0-dimensional factor of the logits, if the chain is nothing but that."""
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
