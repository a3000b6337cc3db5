"""Nearest neighbours: the item that takes the fewest edits to become another, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray


@final
@dataclass(frozen=True, slots=True)
class Neighbour:
    """The nearest of some items.

    Args:
        index: Its place among them; the first where several are equally near.
        edits: Tokens put in, taken out or replaced (Levenshtein distance).
        distance: ``edits`` over the tokens of the longer of the two; 0 for equal, at most 1.
    """

    index: int
    edits: int
    distance: float


@final
class Neighbours:
    """Items among which the nearest is looked for, by ``Neighbour.distance``.

    All of them are compared side by side, a row of the table of R. Wagner and M. Fischer,
    The string-to-string correction problem, J. ACM 21 (1974), at a time.

    Args:
        items: Token ids of each, not negative; at least one item.
    """

    def __init__(self, items: Sequence[Sequence[int]]) -> None:
        assert len(items), "there is a nearest only among some"
        self._lengths = np.array([len(item) for item in items])
        # A column an item, so that one step runs over all of them side by side in memory.
        self._tokens = np.full((int(self._lengths.max()), len(items)), -1, np.int32)
        for place, item in enumerate(items):
            self._tokens[: len(item), place] = item

    def nearest(self, item: Sequence[int]) -> Neighbour:
        """The nearest to an item of token ids."""
        edits = self._edits(item)
        distances = edits / np.maximum(np.maximum(self._lengths, len(item)), 1)
        index = int(distances.argmin())
        return Neighbour(index, int(edits[index]), float(distances[index]))

    def _edits(self, item: Sequence[int]) -> NDArray[np.integer]:
        """Edits to each of the items, ``(N,)``."""
        width, count = self._tokens.shape
        # An edit count is at most the longer length, and no step adds more than one.
        kind: Any = np.int16 if width + len(item) < np.iinfo(np.int16).max else np.int32
        place: NDArray[np.integer] = np.arange(width + 1, dtype=kind)[:, None]
        row: NDArray[np.integer] = np.repeat(place, count, axis=1)
        for token in item:
            best = row + 1  # the token is taken out
            np.minimum(best[1:], row[:-1] + (self._tokens != token), out=best[1:])
            # Putting tokens in costs one a place: the least of all places before, at once.
            best -= place
            np.minimum.accumulate(best, axis=0, out=best)
            best += place
            row = best
        edits: NDArray[np.integer] = row[self._lengths, np.arange(count)]
        return edits
