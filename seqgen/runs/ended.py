"""Ended: how the training of a model came to its end, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WHY = {
    "epochs": "",
    "patience": ", no better for a while",
    "minutes": ", stopped: the time was spent before its schedule was through",
    "interrupted": ", interrupted",
}


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
