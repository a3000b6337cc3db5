"""History: what training reports after each epoch, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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


WHY = {
    "epochs": "",
    "patience": ", no better for a while",
    "minutes": ", stopped: the time was spent before its schedule was through",
    "diverged": ", stopped: the loss was no number any more (try a lower --learning-rate)",
    "interrupted": ", interrupted",
}
#: What is told of several networks where one of them ended so, whatever the others did.
TELLING = ("interrupted", "diverged", "minutes")


def ended_of(trainings: Sequence[Training]) -> str:
    """How the training of all networks of a model ended: one key of ``WHY``."""
    return first_told([training.ended for training in trainings])


def first_told(ends: Sequence[str]) -> str:
    """Of the ends of several trainings the one that is told for all."""
    return next((why for why in TELLING if why in ends), ends[-1])


def ended_in_words(ended: Mapping[str, Any], networks: int, took: str = "") -> str:
    """How long a training was, why it ended, and what was kept.

    Args:
        ended: ``training_ended`` of a model file.
        networks: How many networks were trained; of several, no one epoch is kept.
        took: Said behind the epochs, such as the time they took.
    """
    several = f" of {networks} networks" if networks > 1 else ""
    kept = f"; kept epoch {ended['best_epoch']}" if not several else ""
    return (
        f"{ended['epochs']} epoch{'s' * (ended['epochs'] > 1)}{several}{took}"
        f"{WHY[ended['ended']]}{kept}"
    )
