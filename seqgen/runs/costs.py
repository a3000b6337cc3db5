"""Costs: what training by a recipe costs on this machine, and what a given time is enough for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from seqgen.training.execution import Execution


@final
@dataclass(frozen=True, slots=True)
class Costs:
    """What a recipe costs on this machine, in seconds.

    Args:
        start: Making a network and tracing its first step.
        epoch: An epoch: its steps, the validation items and the checkpoint.
        finish: What a network takes behind its last epoch: its certificate and its scores.
        model: What the finished model takes besides: the scores of the n-gram, the files.
        steps: Steps of an epoch; no time.
        execution: How they are run.
    """

    start: float
    epoch: float
    finish: float
    model: float
    steps: int
    execution: Execution

    def epochs_in(self, seconds: float, networks: int) -> int:
        """The epochs that each of so many networks gets; 1 at least."""
        left = seconds - self.model - networks * (self.start + self.finish)
        return max(int(left / (networks * self.epoch)), 1)

    def total(self, networks: int, epochs: int) -> float:
        """The seconds of so many networks and epochs, from the first to the saved model."""
        return self.model + networks * (self.start + epochs * self.epoch + self.finish)
