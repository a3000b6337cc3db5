"""Batches: training data as a pure function of (seed, epoch)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Any, final

import numpy as np

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.models.windows import Batch, Window, pad, windows


@final
class Batches:
    """The training batches of any epoch.

    Which windows stand in batch ``step`` of epoch ``epoch``, and how each item was augmented
    for that epoch, follows from the seed alone, so that training can be stopped and taken up
    at any step. Windows of like length share a batch; the order of batches is shuffled.

    Args:
        items: The training items.
        encode: The fitted encoder's ``encode``.
        vocabulary: Gives the ids of the start and the end.
        batch_size: Windows a batch.
        window: Longest window in tokens.
        seed: See above.
        augment: ``augment(item, rng)``, or None.
    """

    def __init__(
        self,
        items: Sequence[Any],
        encode: Callable[[Any], Encoded],
        vocabulary: Vocabulary,
        *,
        batch_size: int,
        window: int,
        seed: int,
        augment: Callable[[Any, Random], Any] | None = None,
    ) -> None:
        self._items, self._encode, self._vocabulary = items, encode, vocabulary
        self._size, self._window, self._seed, self._augment = batch_size, window, seed, augment
        self._plain = None if augment else self._cut(items)
        self.steps = -(-len(self._plain or self._cut(items)) // batch_size)

    def _cut(self, items: Sequence[Any]) -> list[Window]:
        return [
            row
            for item in items
            for row in windows(self._encode(item), self._vocabulary, self._window)
        ]

    def epoch(self, number: int) -> Iterator[Batch]:
        """Exactly ``steps`` batches, the same for the same (seed, number)."""
        rows = self._plain if self._plain is not None else self._cut(self._augmented(number))
        rng = np.random.Generator(np.random.Philox(key=[self._seed, number + 1]))
        shuffled = rng.permutation(len(rows))
        # Stable sort of a shuffled list: like lengths together, equal lengths in random order.
        by_length = shuffled[np.argsort([len(rows[k].inputs) for k in shuffled], kind="stable")]
        # Augmentation may shift the number of windows a little; the number of steps stays.
        groups = np.array_split(np.resize(by_length, max(len(rows), self.steps)), self.steps)
        for place in rng.permutation(self.steps):
            yield pad([rows[k] for k in groups[place]], self._vocabulary)

    def _augmented(self, number: int) -> list[Any]:
        assert self._augment is not None
        # A string seed is hashed by Random itself, the same in every process.
        return [
            self._augment(item, Random(f"{self._seed}/{number}/{place}"))
            for place, item in enumerate(self._items)
        ]
