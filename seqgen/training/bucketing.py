"""Lengths: the few that batches are padded to, so that a compiler sees few shapes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Lengths told apart while the best few are sought.
_GRID = 64


def padded_lengths(longest: NDArray[np.int64], most: int) -> tuple[int, ...]:
    """At most so many lengths, rising, that pad the least in all.

    Args:
        longest: The longest window of every block.
        most: How many lengths; 0 for none.
    """
    if not most:
        return ()
    coarse = -(int(longest.max()) // -_GRID)
    rounded = np.minimum(-(longest // -coarse) * coarse, longest.max())
    sizes, counts = np.unique(rounded, return_counts=True)
    below = np.concatenate([[0], np.cumsum(counts)])
    # best[j]: the least sum of lengths for the blocks up to size j, and the lengths chosen.
    best: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    best += [(int(size * below[j + 1]), (int(size),)) for j, size in enumerate(sizes)]
    for _ in range(most - 1):
        best = [best[0]] + [
            min(
                (best[i][0] + int(size * (below[j + 1] - below[i])), (*best[i][1], int(size)))
                for i in range(j + 1)
            )
            for j, size in enumerate(sizes)
        ]
    return best[-1][1]


def fitting(longest: NDArray[np.int64], lengths: Sequence[int]) -> NDArray[np.int64]:
    """The least of some rising lengths that holds each; where none does, its own."""
    if not lengths:
        return longest
    known = np.array(lengths)
    places = np.minimum(np.searchsorted(known, longest), len(known) - 1)
    fitted: NDArray[np.int64] = np.maximum(known[places], longest)
    return fitted
