"""Guide interventions: how often each rule of a guide forbids the most probable token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqgen.domains.encoder import Vocabulary
from seqgen.domains.guide import Guide
from seqgen.models.sequence_model import SequenceModel


def count_interventions(
    model: SequenceModel[Any], guide: Guide[Any], tokens: Sequence[int], vocabulary: Vocabulary
) -> dict[str, int]:
    """For each rule of a guide, the number of positions of an item at which it intervenes.

    A rule intervenes if the most probable token that the guide would allow without it is one
    that the guide forbids. The item is read token by token.

    Args:
        model: The model that generated the item.
        guide: The guide it was generated under; its rules are the keys of ``guide.without``.
        tokens: The item's token ids, end token excluded.
        vocabulary: Its vocabulary.
    """
    relaxed = guide.without
    counts = dict.fromkeys(relaxed, 0)
    if not relaxed:
        return counts
    state, states = guide.start(1), {name: other.start(1) for name, other in relaxed.items()}
    token, memory = np.array([vocabulary.start]), model.initial_state(1)
    for position in range(len(tokens) + 1):
        logits, memory = model.step(token, guide.context(state), memory)
        allowed = guide.allowed(state)[0]
        for name, other in relaxed.items():
            possible = other.allowed(states[name])[0]
            best = int(np.where(possible, logits[0], -np.inf).argmax())
            counts[name] += bool(possible.any() and not allowed[best])
        if position < len(tokens):
            token = np.array([tokens[position]])
            state = guide.advance(state, token)
            states = {name: other.advance(states[name], token) for name, other in relaxed.items()}
    return counts
