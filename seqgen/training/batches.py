"""Batches: training data as a pure function of (seed, epoch, step)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of one item as a model reads and predicts it.

    Args:
        inputs: Ids read, shape ``(T,)``; the first is the start token, or the token before
            the stretch.
        targets: Ids to predict, shape ``(T,)``; the last of an item is the end token.
        context: Rows of the targets, shape ``(T, C)``; None without context.
    """

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    context: NDArray[np.int32] | None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Windows padded on the right to one length.

    Args:
        inputs: Shape ``(B, T)`` int32. Padding repeats the end token.
        targets: Shape ``(B, T)`` int32.
        context: Shape ``(B, T, C)`` int32; None without context.
        weights: Shape ``(B, T)`` float32: 1 for a real token, 0 for padding.
    """

    inputs: NDArray[np.int32]
    targets: NDArray[np.int32]
    context: NDArray[np.int32] | None
    weights: NDArray[np.float32]


def whole(encoded: Encoded, vocabulary: Vocabulary) -> Window:
    """One item, start to end, as a single window."""
    targets = np.append(encoded.tokens, np.int32(vocabulary.end)).astype(np.int32)
    inputs = np.append(np.int32(vocabulary.start), encoded.tokens).astype(np.int32)
    return Window(inputs, targets, encoded.context)


def windows(encoded: Encoded, vocabulary: Vocabulary, length: int) -> list[Window]:
    """One item cut into windows of at most ``length`` tokens."""
    full = whole(encoded, vocabulary)
    return [
        Window(
            full.inputs[at : at + length],
            full.targets[at : at + length],
            None if full.context is None else full.context[at : at + length],
        )
        for at in range(0, len(full.inputs), length)
    ]


def pad(rows: Sequence[Window], vocabulary: Vocabulary) -> Batch:
    """Windows side by side, padded on the right (what the GPU kernels of Keras require)."""
    shape = (len(rows), max(len(row.inputs) for row in rows))
    inputs = np.full(shape, vocabulary.end, np.int32)
    targets = np.full(shape, vocabulary.end, np.int32)
    weights = np.zeros(shape, np.float32)
    context = None
    if rows[0].context is not None:
        context = np.zeros((*shape, rows[0].context.shape[1]), np.int32)
    for place, row in enumerate(rows):
        size = len(row.inputs)
        inputs[place, :size], targets[place, :size] = row.inputs, row.targets
        weights[place, :size] = 1.0
        if context is not None:
            context[place, :size] = row.context
    return Batch(inputs, targets, context, weights)


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
