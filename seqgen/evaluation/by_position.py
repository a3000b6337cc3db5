"""Loss by position: how many nats a token costs at each place of an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.evaluation.intervals import Figure, mean

#: Long items are shown in so many stretches at most, of equal length.
STRETCHES = 40


@final
@dataclass(frozen=True, slots=True)
class Stretch:
    """Some places in a row.

    Args:
        first: The first place, counted from 1.
        last: The last.
        items: How many items reach it.
        nats: Nats per token there, the mean over the items that reach it.
    """

    first: int
    last: int
    items: int
    nats: Figure


def by_position(nats: Sequence[NDArray[np.float64]], most: int = STRETCHES) -> list[Stretch]:
    """The loss by position, end tokens included.

    Args:
        nats: Of each token of each item, as ``token_nats`` gives them.
        most: Stretches at most.
    """
    longest = max(map(len, nats))
    width = -(-longest // most)
    found = []
    for at in range(0, longest, width):
        parts = [float(item[at : at + width].mean()) for item in nats if len(item) > at]
        found.append(Stretch(at + 1, min(at + width, longest), len(parts), mean(parts)))
    return found
