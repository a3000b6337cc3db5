"""LogitsProcessor: the abstract change of logits before a token is chosen; ProcessorChain."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Generic, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from seqgen.models.sequence_model import log_softmax

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


@final
class Temperature(StatelessProcessor):
    """Divides logits by one number; 1 changes nothing.

    Args:
        value: Above 0. Below 1, probable tokens become more probable.
    """

    def __init__(self, value: float) -> None:
        #: The factor of the logits.
        self.factor = np.array(1.0 / value, np.float32)

    def change(self, logits: Logits) -> None:
        np.multiply(logits, self.factor, logits)


@final
class TemperatureSchedule(PositionProcessor):
    """A temperature that depends on the position, linear between points, constant outside them.

    A value of 1 everywhere changes nothing.

    Args:
        points: Pairs of position and temperature, ascending by position.
    """

    def __init__(self, points: Sequence[tuple[int, float]]) -> None:
        self._positions = [position for position, _ in points]
        self._values = [value for _, value in points]

    def apply(self, logits: Logits, state: int) -> None:
        value = np.interp(state, self._positions, self._values)
        np.multiply(logits, np.float32(1.0 / value), logits)


@final
class GroupTemperature(StatelessProcessor):
    """One temperature for each token: rhythm can be strict while pitch is free.

    It divides log-probabilities, not logits: logits have an arbitrary constant, and dividing it by
    unequal numbers would change the balance between the groups. 1 for every token changes no
    probability.

    Args:
        values: The temperature of each token, shape ``(V,)``, each above 0.
    """

    def __init__(self, values: NDArray[np.float64]) -> None:
        self._factors = 1.0 / values

    def change(self, logits: Logits) -> None:
        possible = logits > -np.inf
        some = possible.any(axis=-1)  # a row at a dead end does not change
        logits[some] = log_softmax(logits[some]) * self._factors
        logits[~possible] = -np.inf  # and not a product of infinity
