"""Nearest neighbours: the item that takes the fewest edits to become another, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.evaluation.edits import edits

#: So many likely ones are compared first, and so many side by side then.
FIRST, SIDE_BY_SIDE = 128, 2048


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

    Of two items, as many tokens of the longer one must be edited as it does not share with the
    other, in whatever order. So items that share too few are passed over, and the answer stays
    exact.

    Args:
        items: Token ids of each, not negative; at least one item.
    """

    def __init__(self, items: Sequence[Sequence[int]]) -> None:
        assert len(items), "there is a nearest only among some"
        self._lengths = np.array([len(item) for item in items])
        self._begins = np.concatenate(([0], np.cumsum(self._lengths)))
        self._tokens = np.fromiter(
            (token for item in items for token in item), np.int32, int(self._begins[-1])
        )
        self._size = int(self._tokens.max(initial=-1)) + 1
        # Which items hold a token, and how often: the stretch from one begin to the next.
        owner = np.repeat(np.arange(len(items)), self._lengths)
        pairs, self._times = np.unique(
            self._tokens.astype(np.int64) * len(items) + owner, return_counts=True
        )
        self._holders = (pairs % len(items)).astype(np.int32)
        self._of_token = np.searchsorted(pairs // len(items), np.arange(self._size + 1))

    def nearest(self, item: Sequence[int]) -> Neighbour:
        """The nearest to an item of token ids."""
        tokens = np.asarray(item, np.int32)
        longer = np.maximum(self._lengths, len(tokens))
        # Quotients by the same numbers as the distances': rounding keeps their order.
        bounds = (longer - self._shared(tokens)) / np.maximum(longer, 1)
        first = np.argpartition(bounds, FIRST)[:FIRST] if len(bounds) > FIRST else slice(None)
        found = self._nearest_of(tokens, np.arange(len(bounds))[first])
        bounds[first] = np.inf
        rest = np.flatnonzero(bounds <= found.distance)
        rest = rest[np.argsort(bounds[rest], kind="stable")]
        for at in range(0, len(rest), SIDE_BY_SIDE):
            places = rest[at : at + SIDE_BY_SIDE]
            places = places[bounds[places] <= found.distance]
            if not len(places):
                break
            found = min(found, self._nearest_of(tokens, places), key=_by_distance)
        return found

    def _shared(self, tokens: NDArray[np.int32]) -> NDArray[np.int64]:
        """How many tokens each of the items shares with these, whatever their order, ``(N,)``."""
        shared = np.zeros(len(self._lengths), np.int64)
        for token, times in zip(*np.unique(tokens, return_counts=True), strict=True):
            if token < self._size:
                holding = slice(self._of_token[token], self._of_token[token + 1])
                shared[self._holders[holding]] += np.minimum(self._times[holding], times)
        return shared

    def _nearest_of(self, tokens: NDArray[np.int32], places: NDArray[np.int64]) -> Neighbour:
        """The nearest among those at some places."""
        places = places[np.lexsort((places, -self._lengths[places]))]  # the longest first
        lengths = self._lengths[places]
        # Behind the end of an item stands what follows it; nobody looks at it.
        at = self._begins[places] + np.arange(lengths[0])[:, None]
        size = max(self._size, int(tokens.max(initial=-1)) + 1)
        counts = edits(tokens, self._tokens.take(at, mode="clip"), lengths, size)
        distances = counts / np.maximum(np.maximum(lengths, len(tokens)), 1)
        least = int(np.lexsort((places, distances))[0])
        return Neighbour(int(places[least]), int(counts[least]), float(distances[least]))


def _by_distance(neighbour: Neighbour) -> tuple[float, int]:
    return neighbour.distance, neighbour.index
