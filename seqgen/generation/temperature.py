"""Temperature: one number, a schedule over positions, or one value for each group of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.generation.logits_processor import Logits, PositionProcessor, StatelessProcessor
from seqgen.models.sequence_model import log_softmax


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
