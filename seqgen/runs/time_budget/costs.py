"""Costs: what training by a recipe costs on this machine, and what a given time is enough for."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean
from typing import NamedTuple, final

from seqgen.training.steps_per_execution import Execution


@final
@dataclass(frozen=True, slots=True)
class Costs:
    """What a recipe costs on this machine, in seconds.

    Args:
        start: Making a network, holding it against its NumPy half and tracing its first step.
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


@final
class EpochSeconds(NamedTuple):
    """What an epoch of a probe took, in seconds.

    Args:
        steps: Its steps.
        steady: Its steps without what comes once an epoch before the first of them.
        rest: What came behind them: validation and the checkpoint.
    """

    steps: float
    steady: float
    rest: float


@final
@dataclass(frozen=True, slots=True)
class Timings:
    """What a probe has timed, in seconds.

    Args:
        trained_in: Its training, from making the network on.
        epochs: Each of its epochs, two at least; the first one traces.
        made: Steps of each; no time.
        certificate: The certificate of what was trained.
        network_token: Scoring one token under the network.
        ngram_token: Scoring one token under the n-gram.
    """

    trained_in: float
    epochs: tuple[EpochSeconds, ...]
    made: int
    certificate: float
    network_token: float
    ngram_token: float

    def costs(self, steps: int, scored: int, execution: Execution) -> Costs:
        """What a whole training costs by them.

        Args:
            steps: Steps of an epoch of all the data.
            scored: Tokens that the finished model scores, each time counted.
            execution: How the steps are run.
        """
        counted = self.epochs[1:]
        whole, steady, rest = (mean(seconds) for seconds in zip(*counted, strict=True))
        return Costs(
            start=max(self.trained_in - len(counted) * (whole + rest), 0.0),
            epoch=steps * steady / self.made + (whole - steady) + rest,
            finish=self.certificate + scored * self.network_token,
            model=scored * self.ngram_token,
            steps=steps,
            execution=execution,
        )
