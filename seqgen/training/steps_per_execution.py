"""Execution: how many steps run in one call of the backend, and whether XLA compiles them."""

from __future__ import annotations

from dataclasses import dataclass

from seqgen.models.config import ModelConfig, ModelShape
from seqgen.models.share_weight_rnn import GATES
from seqgen.training.config import TrainConfig

#: Most steps in one call, and the most work of one call in floating-point operations: some
#: tenths of a second on one core, so that Ctrl-C and a budget of time are heard soon.
MOST_STEPS, MOST_WORK = 16, 2e10
#: TensorFlow's XLA is taken up to here; at 256 units it is slower (docs/benchmarks/training.md).
WIDEST_COMPILED = 128
#: Each length compiles anew, so a training must be long enough to win that time back.
STEPS_A_LENGTH, MOST_LENGTHS = 500, 4


@dataclass(frozen=True, slots=True)
class Execution:
    """How the steps of a training are run.

    Args:
        backend: The Keras backend.
        at_once: Steps in one call; all of them have batches of one shape.
        compiled: Whether XLA compiles the whole step.
        lengths: The most lengths that batches are padded to; 0 pads each to its own.
    """

    backend: str
    at_once: int
    compiled: bool
    lengths: int

    def arranged(self, steps: int) -> int:
        """The steps of an epoch of so many, rounded up to whole calls."""
        return -(steps // -self.at_once) * self.at_once

    def __str__(self) -> str:
        """One line for the model file, and to tell checkpoints apart."""
        how = f"compiled for {self.lengths} lengths" if self.compiled else "not compiled"
        return f"{self.backend}, {self.at_once} steps at once, {how}"


def choose_execution(
    config: TrainConfig,
    model: ModelConfig,
    shape: ModelShape,
    steps: int,
    longest: int,
    backend: str,
) -> Execution:
    """The way that is likely the quickest: a function of the settings and the data alone.

    Nothing is timed. XLA rounds otherwise than single operations do, so a choice by the clock
    could differ between two runs of one seed, or between a training and its continuation.

    Args:
        config: The training settings.
        model: The model settings.
        shape: Its vocabulary.
        steps: Steps an epoch, at least.
        longest: Predictions of the longest window.
        backend: The Keras backend.
    """
    total = steps * config.epochs
    compiled = backend == "jax" or (
        backend == "tensorflow" and model.units <= WIDEST_COMPILED and total >= 2 * STEPS_A_LENGTH
    )
    lengths = min(max(total // STEPS_A_LENGTH, 1), MOST_LENGTHS) if compiled else 0
    work = 6.0 * config.batch_size * longest * _multiplications(model, shape)
    most = min(MOST_STEPS, max(int(MOST_WORK / work), 1), max(steps // 4, 1))
    return Execution(backend, _divisor(steps, most), compiled, lengths)


def _multiplications(model: ModelConfig, shape: ModelShape) -> int:
    """Products for one token; the first layer's inputs are picked, not multiplied."""
    products = 2 * model.layers - 1
    own = len(GATES[model.cell]) * model.units**2
    return products * own + model.units * shape.vocabulary_size


def _divisor(steps: int, most: int) -> int:
    """Between half of the most and the most, what an epoch needs the fewest more steps for."""
    return min(range((most + 1) // 2, most + 1), key=lambda n: (-(steps // -n) * n, -n))
