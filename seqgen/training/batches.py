"""Batches: training data as a pure function of (seed, step)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary
from seqgen.models.windows import Batch
from seqgen.training.token_store import TokenStore

#: The windows of an epoch, which of them stand in each batch, and the order of the batches.
_Epoch = tuple[
    TokenStore,
    tuple[NDArray[np.int64], NDArray[np.int32]],
    list[NDArray[np.int64]],
    NDArray[np.int64],
]


@final
class Batches:
    """The training batches of any epoch.

    Which windows stand in batch ``step`` of epoch ``epoch``, and how each item was augmented
    for that epoch, follows from the seed alone, so that training can be stopped and taken up
    at any step. Windows of like length share a batch; the order of batches is shuffled.

    Args:
        items: The training items; a generator will do, and is read once.
        encode: The fitted encoder's ``encode``.
        vocabulary: Gives the ids of the start and the end.
        batch_size: Windows a batch.
        window: Longest window in tokens.
        seed: See above.
        augment: ``augment(item, rng)``, or None.
    """

    def __init__(
        self,
        items: Iterable[Any],
        encode: Callable[[Any], Encoded],
        vocabulary: Vocabulary,
        *,
        batch_size: int,
        window: int,
        seed: int,
        augment: Callable[[Any, Random], Any] | None = None,
    ) -> None:
        # Kept only where each epoch reads them again: a plain corpus lies in the store alone.
        self._items = list(items) if augment else []
        self._encode, self._vocabulary = encode, vocabulary
        self._size, self._window, self._seed, self._augment = batch_size, window, seed, augment
        self._store = TokenStore(map(encode, self._items or items), vocabulary)
        self._windows = self._store.cut(window)
        self.steps = -(-len(self._windows[0]) // batch_size)
        self._ready: tuple[int, _Epoch] | None = None

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0 over all epochs: a function of (seed, step)."""
        number, within = divmod(step, self.steps)
        if self._ready is None or self._ready[0] != number:
            self._ready = number, self._order(number)
        store, (begins, lengths), groups, places = self._ready[1]
        rows = groups[places[within]]
        return store.batch(begins[rows], lengths[rows])

    def epoch(self, number: int) -> Iterator[Batch]:
        """Exactly ``steps`` batches, the same for the same (seed, number)."""
        for step in range(number * self.steps, (number + 1) * self.steps):
            yield self.batch(step)

    def _order(self, number: int) -> _Epoch:
        store, (begins, lengths) = self._store, self._windows
        if self._augment is not None:
            store = TokenStore(map(self._encode, self._augmented(number)), self._vocabulary)
            begins, lengths = store.cut(self._window)
        rng = np.random.Generator(np.random.Philox(key=[self._seed, number + 1]))
        shuffled = rng.permutation(len(begins))
        # Stable sort of a shuffled list: like lengths together, equal lengths in random order.
        by_length = shuffled[np.argsort(lengths[shuffled], kind="stable")]
        # Augmentation may shift the number of windows a little; the number of steps stays.
        every = np.resize(by_length, max(len(begins), self.steps))
        groups = np.array_split(every, self.steps)
        return store, (begins, lengths), groups, rng.permutation(self.steps)

    def _augmented(self, number: int) -> Iterator[Any]:
        assert self._augment is not None
        # A string seed is hashed by Random itself, the same in every process.
        for place, item in enumerate(self._items):
            yield self._augment(item, Random(f"{self._seed}/{number}/{place}"))
