"""Nearest neighbours: the item that takes the fewest edits to become another, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

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
        self._tokens = np.full((len(items), int(self._lengths.max())), -1, np.int32)
        for row, item in zip(self._tokens, items, strict=True):
            row[: len(item)] = item

    def nearest(self, item: Sequence[int]) -> Neighbour:
        """The nearest to an item of token ids."""
        edits = self._edits(item)
        distances = edits / np.maximum(np.maximum(self._lengths, len(item)), 1)
        index = int(distances.argmin())
        return Neighbour(index, int(edits[index]), float(distances[index]))

    def _edits(self, item: Sequence[int]) -> NDArray[np.int32]:
        """Edits to each of the items, ``(N,)``."""
        count, width = self._tokens.shape
        place = np.arange(width + 1, dtype=np.int32)
        row = np.repeat(place[None], count, axis=0)
        for token in item:
            best = row + 1  # the token is taken out
            np.minimum(best[:, 1:], row[:, :-1] + (self._tokens != token), out=best[:, 1:])
            # Putting tokens in costs one a place: the least of all places before, at once.
            row = np.minimum.accumulate(best - place, axis=1) + place
        edits: NDArray[np.int32] = row[np.arange(count), self._lengths]
        return edits
