"""Window: the inputs and targets of an item; Batch: windows padded to one length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.encoder import Encoded, Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Consecutive tokens of one item, as inputs and targets of a model.

    Args:
        inputs: Input ids, shape ``(T,)``; the first is the start token, or the token before the
            window.
        targets: Ids to predict, shape ``(T,)``; the last target of an item is the end token.
        context: The context rows of the targets, shape ``(T, C)``; None without context.
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
    """One complete item as a single window."""
    targets = np.append(encoded.tokens, np.int32(vocabulary.end)).astype(np.int32)
    inputs = np.append(np.int32(vocabulary.start), encoded.tokens).astype(np.int32)
    return Window(inputs, targets, encoded.context)


def windows(encoded: Encoded, vocabulary: Vocabulary, length: int) -> list[Window]:
    """One item, split into windows of at most ``length`` tokens."""
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
    """A batch of windows, padded on the right, as the GPU kernels of Keras require."""
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
            assert row.context is not None, "either all rows have context or none"
            context[place, :size] = row.context
    return Batch(inputs, targets, context, weights)
