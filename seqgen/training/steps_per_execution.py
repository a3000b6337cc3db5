"""Execution: how many steps run in one call of the backend, and whether XLA compiles them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seqgen.models.cells.builtin_cells import find_cell
from seqgen.models.sequence_model import ModelShape
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.training.train_config import TrainConfig

#: Maximum steps per call, and maximum floating-point operations per call: some tenths of a second
#: on one core, so that Ctrl-C and a time limit take effect soon.
MAX_STEPS, MAX_WORK = 16, 2e10
#: Maximum units with TensorFlow's XLA; at 256 units it is slower (docs/benchmarks/training.md).
MAX_COMPILED_UNITS = 128
#: Each length is compiled separately, so a training must be long enough to gain that time.
STEPS_PER_LENGTH, MAX_LENGTHS = 500, 4


@dataclass(frozen=True, slots=True)
class Execution:
    """How the steps of a training are run.

    Args:
        backend: The Keras backend.
        steps_per_call: Steps in one call; their batches have one shape.
        compiled: Whether XLA compiles the entire step.
        max_lengths: Maximum number of lengths that batches are padded to; 0 for any.
    """

    backend: str
    steps_per_call: int
    compiled: bool
    max_lengths: int

    def round_up(self, steps: int) -> int:
        """The steps of an epoch, rounded up to complete calls."""
        return -(steps // -self.steps_per_call) * self.steps_per_call

    def __str__(self) -> str:
        """One line for people."""
        mode = f"compiled for {self.max_lengths} lengths" if self.compiled else "not compiled"
        return f"{self.backend}, {self.steps_per_call} steps per call, {mode}"


def choose_execution(
    config: TrainConfig,
    model: ModelConfig,
    shape: ModelShape,
    steps: int,
    longest: int,
    backend: str,
) -> Execution:
    """The execution that is probably the fastest: a function of the settings and the data.

    Nothing is timed. XLA rounds differently from single operations, so a choice by the clock
    could be different for two runs of one seed, or for a training and its continuation.

    Args:
        config: The training settings.
        model: The model settings.
        shape: The shape of the model.
        steps: Minimum number of steps per epoch.
        longest: The length of the longest window.
        backend: The Keras backend.
    """
    total = steps * config.epochs
    compiled = backend == "jax" or (
        backend == "tensorflow"
        and model.units <= MAX_COMPILED_UNITS
        and total >= 2 * STEPS_PER_LENGTH
    )
    lengths = min(max(total // STEPS_PER_LENGTH, 1), MAX_LENGTHS) if compiled else 0
    work = 6.0 * config.batch_size * longest * _multiplications(model, shape)
    most = min(MAX_STEPS, max(int(MAX_WORK / work), 1), max(steps // 4, 1))
    # The number from half the maximum that adds the fewest steps to an epoch; the largest of those.
    per_call = min(range((most + 1) // 2, most + 1), key=lambda n: (-(steps // -n) * n, -n))
    return Execution(backend, per_call, compiled, lengths)


def _multiplications(model: ModelConfig, shape: ModelShape) -> int:
    """Multiplications per token; the inputs of the first layer are looked up, not multiplied."""
    weights = find_cell(model.cell).weight_shapes(model.units, model.units)
    products = {name: math.prod(sizes) for name, sizes in weights.items() if len(sizes) == 2}
    products.pop("bias", None)
    every = model.layers * sum(products.values()) - products["kernel"]
    return every + model.units * shape.vocabulary_size
