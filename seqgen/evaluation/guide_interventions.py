"""Interventions: how often each rule of a guide forbade what the model would have liked best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqgen.domains.guide import Guide
from seqgen.domains.vocabulary import Vocabulary
from seqgen.models.sequence_model import SequenceModel


def interventions(
    model: SequenceModel[Any], guide: Guide[Any], tokens: Sequence[int], vocabulary: Vocabulary
) -> dict[str, int]:
    """For each rule of the guide, at how many places of an item it stepped in.

    A rule steps in where the likeliest token of all that the guide would allow without it is
    one that the guide forbids. The item is read token by token, as it was made.

    Args:
        model: What made the item.
        guide: What it was made under; its rules are those that ``guide.without`` names.
        tokens: The item's token ids without the end token.
        vocabulary: Its vocabulary.
    """
    looser = guide.without
    counts = dict.fromkeys(looser, 0)
    if not looser:
        return counts
    state, others = guide.start(1), {name: other.start(1) for name, other in looser.items()}
    read, memory = np.array([vocabulary.start]), model.initial_state(1)
    for place in range(len(tokens) + 1):
        logits, memory = model.step(read, guide.context(state), memory)
        allowed = guide.allowed(state)[0]
        for name, other in looser.items():
            possible = other.allowed(others[name])[0]
            liked = int(np.where(possible, logits[0], -np.inf).argmax())
            counts[name] += bool(possible.any() and not allowed[liked])
        if place < len(tokens):
            read = np.array([tokens[place]])
            state = guide.advance(state, read)
            others = {name: other.advance(others[name], read) for name, other in looser.items()}
    return counts
