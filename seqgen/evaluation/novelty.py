"""Novelty: whether an item stands in the training data, told by hashes alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.evaluation.bootstrap import Figure, mean, share
from seqgen.evaluation.edit_distance import Neighbour, Neighbours
from seqgen.evaluation.suffix_automaton import CopiedRuns


def item_hash(tokens: Iterable[int]) -> int:
    """64 bits that are equal for equal token sequences, in every process and on every machine."""
    if isinstance(tokens, np.ndarray):  # many times faster than one by one
        return hash_bytes(tokens.astype("<i4").tobytes())
    return hash_bytes(np.fromiter(tokens, dtype="<i4").tobytes())


def hash_bytes(data: bytes) -> int:
    """64 bits that are equal for equal bytes, in every process and on every machine."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")


def hash_items(sequences: Iterable[Iterable[int]]) -> NDArray[np.uint64]:
    """The hashes of many items, ascending and without repeats."""
    hashes = np.fromiter(map(item_hash, sequences), np.uint64)
    hashes.sort()  # in place: np.unique would hold the hashes of a large corpus three times
    first = np.ones(len(hashes), bool)
    np.not_equal(hashes[1:], hashes[:-1], out=first[1:])
    return hashes if first.all() else hashes[first]


def is_novel(tokens: Iterable[int], training_hashes: NDArray[np.uint64]) -> bool:
    """Whether no training item has exactly these tokens."""
    wanted: Any = np.uint64(item_hash(tokens))
    place = np.searchsorted(training_hashes, wanted)
    return bool(place == len(training_hashes) or training_hashes[place] != wanted)


Tokens = Sequence[int] | NDArray[np.integer]


@final
@dataclass(frozen=True, slots=True)
class Newness:
    """How one item stands to the training items.

    Args:
        known: Whether it stands among them.
        tokens: Its length, end token not counted.
        run: Tokens of the longest run that it shares with one of them.
        neighbour: The nearest of them.
    """

    known: bool
    tokens: int
    run: int
    neighbour: Neighbour


@final
@dataclass(frozen=True, slots=True)
class NewnessOfSet:
    """How a set of items stands to the training items.

    Args:
        items: How many.
        distinct: The number of different ones.
        known: The share that stands in the training data.
        run: Mean tokens of the longest run copied.
        run_share: The same over the item's length, 0 to 1.
        longest_run: The longest of all.
        distance: Mean distance to the nearest training item, 0 to 1.
    """

    items: int
    distinct: int
    known: Figure
    run: Figure
    run_share: Figure
    longest_run: int
    distance: Figure


@final
class TrainingItems:
    """The training items as that against which items are held.

    Args:
        items: Token ids of each; at least one.
    """

    def __init__(self, items: Sequence[Tokens]) -> None:
        plain = [[int(token) for token in item] for item in items]
        self._hashes, self._runs = hash_items(plain), CopiedRuns(plain)
        self._neighbours = Neighbours(plain)

    def hold(self, item: Tokens) -> bool:
        """Whether an item stands among them."""
        return not is_novel([int(token) for token in item], self._hashes)

    def newness(self, item: Tokens) -> Newness:
        """How an item stands to them."""
        plain = [int(token) for token in item]
        return Newness(
            self.hold(plain),
            len(plain),
            self._runs.longest(plain),
            self._neighbours.nearest(plain),
        )


def summary(items: Sequence[Tokens], found: Sequence[Newness]) -> NewnessOfSet:
    """The figures of a set.

    Args:
        items: The token ids of its items.
        found: What ``TrainingItems.newness`` gave for each.
    """
    return NewnessOfSet(
        len(items),
        len({tuple(map(int, item)) for item in items}),
        share(sum(one.known for one in found), len(found)),
        mean([one.run for one in found]),
        mean([one.run / max(one.tokens, 1) for one in found]),
        max((one.run for one in found), default=0),
        mean([one.neighbour.distance for one in found]),
    )


def copying_in_words(samples: NewnessOfSet, real: NewnessOfSet) -> str:
    """How many of both stand in the training data; says so where the two cannot be told apart."""
    text = (
        f"{100 * samples.known.value:.1f} % of the samples stand in the training data; "
        f"{100 * real.known.value:.1f} % of unseen real items do"
    )
    if samples.known.low > real.known.high:
        return f"{text}: the model copies more than chance would."
    if samples.known.high < real.known.low:
        return f"{text}: fewer than among real items."
    return f"{text}; the intervals overlap, so the two are not told apart."
