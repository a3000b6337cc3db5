"""Ended: how the training of a model came to its end, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqgen.training.history import Training

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
