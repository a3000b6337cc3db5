"""Edits: the Levenshtein distance of one item to many, 64 of its tokens in a machine word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

WORD = 64
Bits = NDArray[np.uint64]
_ONE = np.uint64(1)


def edits(
    item: NDArray[np.integer],
    others: NDArray[np.integer],
    lengths: NDArray[np.integer],
    vocabulary_size: int,
) -> NDArray[np.int64]:
    """The fewest tokens to put in, take out or replace that make an item into each of others.

    Source: G. Myers, A fast bit-vector algorithm for approximate string matching based on
    dynamic programming, J. ACM 46 (1999); over several words as in H. Hyyrö, A bit-vector
    algorithm for computing Levenshtein and Damerau edit distances, Nordic J. Computing 10
    (2003). All of the others go on side by side, a token a step, and drop out at their end.

    Args:
        item: Token ids, shape ``(M,)``.
        others: Token ids of each, a column each, shape ``(T, N)``; what stands behind an end
            counts for nothing, but must be a token id.
        lengths: The tokens of each, shape ``(N,)``, from the longest to the shortest.
        vocabulary_size: Token ids are below it.

    Returns:
        Shape ``(N,)``.
    """
    if not len(item):
        return lengths.astype(np.int64)
    places = _places(item, vocabulary_size)
    last = np.uint64((len(item) - 1) % WORD)
    found = np.full(len(lengths), len(item), np.int64)
    words, count = len(places), len(lengths)
    # The differences of one row of the table from the row before it: bits of those that are +1
    # and of those that are -1.
    more, less = np.full((words, count), ~np.uint64(0)), np.zeros((words, count), np.uint64)
    for step in range(int(lengths[0]) if count else 0):
        count = int(np.count_nonzero(lengths[:count] > step))
        tokens = others[step, :count]
        # Above the first word the row of the empty beginning rises by one a token.
        rises: Bits = np.ones(count, np.uint64)
        falls: Bits = np.zeros(count, np.uint64)
        for word in range(words):
            top = last if word == words - 1 else np.uint64(WORD - 1)
            part = more[word, :count], less[word, :count]
            rises, falls = _advance(places[word][tokens], *part, rises, falls, top)
        found[:count] += rises.astype(np.int64) - falls.astype(np.int64)
    return found


def _places(item: NDArray[np.integer], vocabulary_size: int) -> Bits:
    """For each word of the item and each token id, the bits of the places where it stands."""
    words = -(-len(item) // WORD)
    places = np.zeros((words, vocabulary_size), np.uint64)
    for place, token in enumerate(item.tolist()):
        places[place // WORD, token] |= _ONE << np.uint64(place % WORD)
    return places


def _advance(
    equal: Bits, more: Bits, less: Bits, rises: Bits, falls: Bits, top: Any
) -> tuple[Bits, Bits]:
    """Take one word a column on, in place; gives what its top bit rises and falls by.

    Args:
        equal: Where the column's token stands.
        more: Bits where the distance grows down the column.
        less: Bits where it falls.
        rises: 1 where the value above the word grew from the column before, else 0.
        falls: 1 where it fell.
        top: The bit that is told on.
    """
    vertical = equal | less
    equal = equal | falls
    across = (((equal & more) + more) ^ more) | equal
    grown, fallen = less | ~(across | more), more & across
    told = (grown >> top) & _ONE, (fallen >> top) & _ONE
    grown, fallen = (grown << _ONE) | rises, (fallen << _ONE) | falls
    more[:] = fallen | ~(vertical | grown)
    less[:] = grown & vertical
    return told


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
