"""Edits: the Levenshtein distance of one item to many, 64 of its tokens in a machine word."""

from __future__ import annotations

from typing import Any

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
