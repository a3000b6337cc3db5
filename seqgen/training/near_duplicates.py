"""Near-duplicates: items one token apart join one group, so that no split can part them."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

#: Keys need memory for each token of each item, so larger corpora are joined by equality only.
MOST_ITEMS = 200_000
#: Longer items that differ in one token are told from copies by their domain's groups, not here.
LONGEST = 64


def alike_groups(
    own: Sequence[Hashable], tokens: Sequence[NDArray[np.int32]]
) -> tuple[NDArray[np.int64], bool]:
    """The group of each item, ``(N,)``, and whether items that are nearly alike had to be parted.

    Args:
        own: The group of each item so far.
        tokens: The token ids of each item.
    """
    groups = join_near_duplicates(own, tokens)
    if holds_together(groups):
        equal = join_near_duplicates(own, tokens, near=False)
        if not holds_together(equal):
            return equal, True
    return groups, False


def join_near_duplicates(
    groups: Sequence[Hashable], sequences: Sequence[NDArray[np.int32]], near: bool = True
) -> NDArray[np.int64]:
    """Groups made larger: items one substitution, insertion or deletion apart share a group.

    By neighbourhoods of deletions (T. Bocek et al., "Fast similarity search in large
    dictionaries", 2007): two items of one length differ in one token where they agree without
    it, and two others differ by an insertion where the longer agrees with the shorter without
    one token. They are compared by 64-bit hashes: that two different ones among a million
    items are taken for equal has a chance of some 1 in 30 million. Items over ``LONGEST`` tokens
    are compared for equality only, and so is a corpus of more than ``MOST_ITEMS``.

    Args:
        groups: The group of each item so far.
        sequences: The token ids of each item.
        near: False joins equal items only.

    Returns:
        For each item the first of its group, ``(N,)``.
    """
    count = len(sequences)
    joined = _Groups(count)
    if not isinstance(groups, range):  # each item a group of its own: nothing to join
        first: dict[Hashable, int] = {}
        for item, group in enumerate(groups):
            joined.join(item, first.setdefault(group, item))
    near = near and count <= MOST_ITEMS
    whole = array("Q")
    without, replaced, owners = array("Q"), array("Q"), array("l")
    for item, tokens in enumerate(sequences):
        if not near:  # many times quicker than the sums that the other keys are had from
            whole.frombytes(blake2b(np.asarray(tokens).tobytes(), digest_size=8).digest())
            continue
        key, shorter = _keys(np.asarray(tokens))
        whole.append(key)
        if len(tokens) <= LONGEST:
            without.frombytes(shorter.tobytes())
            places = np.arange(len(shorter), dtype=np.uint64)
            replaced.frombytes(_mixed(shorter + _mixed(places)).tobytes())
            owners.extend([item] * len(shorter))
    keys = np.frombuffer(whole, np.uint64)
    _join_equal(joined, keys, np.arange(count))
    if near and owners:
        of = np.frombuffer(owners, np.dtype("l"))
        _join_equal(joined, np.frombuffer(replaced, np.uint64), of)
        _join_insertions(joined, keys, np.frombuffer(without, np.uint64), of)
    return joined.roots()


def holds_together(groups: NDArray[np.int64]) -> bool:
    """Whether one group has more than half of the items: they are all alike, as numbered names
    are, and keeping them on one side would leave nothing to split."""
    return bool(np.bincount(groups).max() > len(groups) / 2)


def _keys(tokens: NDArray[np.int32]) -> tuple[int, NDArray[np.uint64]]:
    """A hash of an item, and of the item without each of its tokens, ``(T,)``.

    The hash is the sum of one for each token at its place, so that those without a token are
    had from the sums before it and behind it.
    """
    count = len(tokens)
    places = np.arange(count, dtype=np.uint64)
    ids = tokens.astype(np.uint64) << np.uint64(32)
    here, moved = _mixed(ids + places), _mixed(ids + places - np.uint64(1))
    before = np.cumsum(here) - here
    behind = np.sum(moved, dtype=np.uint64, keepdims=True) - np.cumsum(moved)
    sizes = _mixed(np.array([count, max(count - 1, 0)], np.uint64) + np.uint64(1 << 63))
    whole = np.sum(here, dtype=np.uint64, keepdims=True) + sizes[:1]  # arrays wrap in silence
    return int(whole[0]), before + behind + sizes[1:]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each value as 64 bits that look drawn by chance.

    Source: the finaliser of SplitMix64, G. Steele, D. Lea and C. Flood, OOPSLA 2014.
    """
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _join_equal(joined: _Groups, keys: NDArray[np.uint64], items: NDArray[np.integer]) -> None:
    """Join the items of equal keys."""
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    for one, other in zip(
        items[order[same]].tolist(), items[order[same + 1]].tolist(), strict=True
    ):
        joined.join(one, other)


def _join_insertions(
    joined: _Groups,
    whole: NDArray[np.uint64],
    without: NDArray[np.uint64],
    owners: NDArray[np.integer],
) -> None:
    """Join each item with one that it is when a token is taken out."""
    order = np.argsort(whole, kind="stable")
    places = np.minimum(np.searchsorted(whole[order], without), len(whole) - 1)
    found = order[places]
    for at in np.flatnonzero(whole[found] == without).tolist():
        joined.join(int(owners[at]), int(found[at]))


class _Groups:
    """Disjoint sets with path halving (R. Tarjan, J. ACM 22, 1975); the first item is the root."""

    def __init__(self, count: int) -> None:
        self._parents = array("q", range(count))

    def find(self, item: int) -> int:
        parents = self._parents
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.find(one), self.find(other)))
        self._parents[second] = first

    def roots(self) -> NDArray[np.int64]:
        """The root of every item."""
        roots = np.array(self._parents)
        while (roots[roots] != roots).any():
            roots = roots[roots]
        return roots
