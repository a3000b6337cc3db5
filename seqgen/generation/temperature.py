"""Temperature: one for all tokens, by position, or by token group of the domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoder
from seqgen.errors import SettingError
from seqgen.generation.logits_processor import (
    Logits,
    PositionProcessor,
    Stage,
    StatelessProcessor,
)
from seqgen.generation.sampling_config import TemperatureOptions, parse_pairs, parse_positions
from seqgen.models.sequence_model import log_softmax


@final
class Temperature(StatelessProcessor):
    """Divides logits by one number; 1 changes nothing.

    Args:
        value: Above 0. Below 1, probable tokens become more probable.
    """

    name, Options, stage = "temperature", TemperatureOptions, Stage.TEMPERATURE

    @classmethod
    def make(cls, options: TemperatureOptions, encoder: Encoder[Any]) -> Temperature | None:
        return cls(options.temperature) if options.temperature != 1.0 else None

    def __init__(self, value: float) -> None:
        self.factor: NDArray[np.float32] = np.array(1.0 / value, np.float32)

    def change(self, logits: Logits) -> None:
        np.multiply(logits, self.factor, logits)


@final
class TemperatureSchedule(PositionProcessor):
    """A temperature that depends on the position, linear between points, constant outside them.

    A value of 1 everywhere changes nothing.

    Args:
        points: Pairs of position and temperature, ascending by position.
    """

    name, Options, stage = "temperature-schedule", TemperatureOptions, Stage.TEMPERATURE

    @classmethod
    def make(cls, options: TemperatureOptions, encoder: Encoder[Any]) -> TemperatureSchedule | None:
        setting = "temperature_schedule"
        if not options.temperature_schedule:
            return None
        points = [
            (position, _number(setting, text))
            for position, text in parse_positions(setting, options.temperature_schedule)
        ]
        return cls(sorted(points))

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

    name, Options, stage = "temperature-groups", TemperatureOptions, Stage.TEMPERATURE

    @classmethod
    def make(cls, options: TemperatureOptions, encoder: Encoder[Any]) -> GroupTemperature | None:
        setting, groups = "temperature_groups", encoder.token_groups
        if not options.temperature_groups:
            return None
        values = np.ones(encoder.vocabulary.size)
        for name, text in parse_pairs(setting, options.temperature_groups):
            if name not in groups:
                known = ", ".join(groups) or "none"
                raise SettingError(
                    f"{setting}: no group {name!r}; this domain has {known}", setting
                )
            values[list(groups[name])] = _number(setting, text)
        return cls(values)

    def __init__(self, values: NDArray[np.float64]) -> None:
        self._factors = 1.0 / values

    def change(self, logits: Logits) -> None:
        possible = logits > -np.inf
        some = possible.any(axis=-1)  # a row at a dead end does not change
        logits[some] = log_softmax(logits[some]) * self._factors
        logits[~possible] = -np.inf  # and not a product of infinity


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise SettingError(f"{name}: a temperature must be a number, was {text!r}", name) from None
    if not 0.001 <= value <= 100.0:
        raise SettingError(f"{name}: a temperature must be >= 0.001 and <= 100, was {value}", name)
    return value
