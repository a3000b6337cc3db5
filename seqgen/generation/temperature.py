"""Temperature: one number, a schedule over positions, or one value for each group of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.logits_processor import Logits, LogitsProcessor, StatelessProcessor
from seqgen.models.sequence_model import log_softmax


@final
class Temperature(StatelessProcessor):
    """Logits divided by one number; 1 changes nothing.

    Args:
        value: Above 0. Below 1 the likely tokens become likelier.
    """

    def __init__(self, value: float) -> None:
        #: What logits are multiplied by.
        self.factor = np.array(1.0 / value, np.float32)

    def change(self, logits: Logits) -> None:
        np.multiply(logits, self.factor, logits)


@final
class TemperatureSchedule(LogitsProcessor[int]):
    """A temperature that depends on the position, linear between the points given.

    The state is the position, which all rows of a batch share. Before the first point and
    after the last the temperature is theirs; a value of 1 everywhere changes nothing.

    Args:
        points: Pairs of position and temperature, ascending by position.
    """

    def __init__(self, points: Sequence[tuple[int, float]]) -> None:
        self._positions = [position for position, _ in points]
        self._values = [value for _, value in points]

    def start(self, batch: int) -> int:
        return 0

    def apply(self, logits: Logits, state: int) -> None:
        value = np.interp(state, self._positions, self._values)
        np.multiply(logits, np.float32(1.0 / value), logits)

    def advance(self, state: int, tokens: NDArray[np.int64]) -> int:
        return state + 1

    def select(self, state: int, rows: NDArray[np.int64]) -> int:
        return state


@final
class GroupTemperature(StatelessProcessor):
    """One temperature for each token: rhythm can be strict while pitch is free.

    Log-probabilities are divided, not logits, because these are known only up to a constant
    and dividing that by unequal numbers would change the balance between the groups. 1 for
    every token changes no probability.

    Args:
        values: The temperature of each token, shape ``(V,)``, each above 0.
    """

    def __init__(self, values: NDArray[np.float64]) -> None:
        self._factors = 1.0 / values

    def change(self, logits: Logits) -> None:
        possible = logits > -np.inf
        some = possible.any(axis=-1)  # a row at a dead end stays as it is
        logits[some] = log_softmax(logits[some]) * self._factors
        logits[~possible] = -np.inf  # and not a product of infinity
