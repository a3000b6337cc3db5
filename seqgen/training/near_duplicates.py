"""Near-duplicates: items one token apart join one group, so that no split can part them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

#: A group needs memory for each token of each item, so larger corpora are joined by equality only.
MOST_ITEMS = 200_000
#: Longer items that differ in one token are told from copies by their domain's groups, not here.
LONGEST = 64


def join_near_duplicates(
    groups: Sequence[Hashable], sequences: Sequence[NDArray[np.int32]], near: bool = True
) -> list[int]:
    """Groups made larger: items one substitution, insertion or deletion apart share a group.

    Exact, by neighbourhoods of deletions (T. Bocek et al., "Fast similarity search in large
    dictionaries", 2007): two items of one length differ in one token where they agree without
    it, and two others differ by an insertion where the longer agrees with the shorter without
    one token. Items over ``LONGEST`` tokens are compared for equality only, and so is a corpus
    of more than ``MOST_ITEMS``.

    Args:
        groups: The group of each item so far.
        sequences: The token ids of each item.
        near: False joins equal items only.

    Returns:
        A number for each item, equal for items of one group.
    """
    joined = _Groups(len(sequences))
    known: dict[Hashable, int] = {}
    near = near and len(sequences) <= MOST_ITEMS
    for item, (group, tokens) in enumerate(zip(groups, sequences, strict=True)):
        joined.join(item, known.setdefault(("group", group), item))
        data = np.ascontiguousarray(tokens, np.int32).tobytes()
        joined.join(item, known.setdefault(data, item))
        if near and len(tokens) <= LONGEST:
            for key in _neighbourhood(data):
                joined.join(item, known.setdefault(key, item))
    if near:
        _join_insertions(joined, known, sequences)
    return [joined.find(item) for item in range(len(sequences))]


def holds_together(groups: Sequence[int]) -> bool:
    """Whether one group has more than half of the items: they are all alike, as numbered names
    are, and keeping them on one side would leave nothing to split."""
    return max(Counter(groups).values()) > len(groups) / 2


def _neighbourhood(data: bytes) -> Iterator[tuple[int, bytes]]:
    """An item without each of its tokens, with the place of the token."""
    for at in range(0, len(data), 4):
        yield at, data[:at] + data[at + 4 :]


def _join_insertions(
    joined: _Groups, known: dict[Hashable, int], sequences: Sequence[NDArray[np.int32]]
) -> None:
    for item, tokens in enumerate(sequences):
        if len(tokens) <= LONGEST:
            data = np.ascontiguousarray(tokens, np.int32).tobytes()
            for _, shorter in _neighbourhood(data):
                if shorter in known:
                    joined.join(item, known[shorter])


class _Groups:
    """Disjoint sets with path halving (R. Tarjan, J. ACM 22, 1975)."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def find(self, item: int) -> int:
        parents = self._parents
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parents[second] = first
