"""History: what training reports after each epoch, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpochReport:
    """One finished epoch.

    Args:
        epoch: Counted from 1.
        train_nats: Mean nats per token over the epoch's training batches, dropout on.
        validation_nats: Nats per token on the validation windows, dropout off.
        best: Whether the validation figure is the lowest so far.
        seconds: Since training began.
        seconds_left: An upper estimate from the epochs that remain; far above after the first
            epoch, in which the step is compiled too.
        epochs: How many there are to be, as was known then.
    """

    epoch: int
    train_nats: float
    validation_nats: float
    best: bool
    seconds: float
    seconds_left: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Training:
    """A finished training: its history and why it ended.

    Args:
        history: One report an epoch.
        ended: ``"epochs"``, ``"patience"``, ``"minutes"``, ``"diverged"`` (the loss was no
            number any more) or ``"interrupted"``.
        execution: On which backend and how the steps were run.
    """

    history: tuple[EpochReport, ...]
    ended: str
    execution: str = ""

    @property
    def best(self) -> EpochReport | None:
        """The epoch whose weights were kept; None when not one was finished."""
        return min(self.history, key=lambda report: report.validation_nats, default=None)
