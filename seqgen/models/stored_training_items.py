"""The training items as a model file keeps them: two arrays, to be avoided exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ModelFileError

TOKENS, LENGTHS = "training.tokens", "training.lengths"
#: Items that need more bytes than this are not kept; their hashes always are.
MOST_BYTES = 2_000_000


def items_to_arrays(
    sequences: Iterable[Iterable[int]], vocabulary_size: int, most_bytes: int = MOST_BYTES
) -> dict[str, NDArray[Any]]:
    """All tokens in a row and the length of each item, each different item once, sorted.

    Both arrays are of the smallest unsigned type that holds them; empty when they would need
    more than ``most_bytes``.

    Args:
        sequences: The token ids of each item, ``0 .. vocabulary_size - 1``.
        vocabulary_size: ``V``.
        most_bytes: The bound.
    """
    kind = np.min_scalar_type(vocabulary_size)
    different: set[tuple[int, ...]] = set()
    least = 0  # what they take with lengths of one byte
    for tokens in sequences:
        item = tuple(map(int, tokens))
        least += 0 if item in different else len(item) * kind.itemsize + 1
        if least > most_bytes:  # seen here, a large corpus is neither gathered nor sorted
            return {}
        different.add(item)
    items = sorted(different)
    lengths = list(map(len, items))
    arrays = {
        TOKENS: np.array([token for item in items for token in item], kind),
        LENGTHS: np.array(lengths, np.min_scalar_type(max(lengths, default=0))),
    }
    return arrays if sum(array.nbytes for array in arrays.values()) <= most_bytes else {}


def items_from_arrays(arrays: Mapping[str, NDArray[Any]]) -> list[NDArray[np.int64]] | None:
    """The items, each ``(T,)``; None where none are kept.

    Raises:
        ModelFileError: The two arrays do not fit each other.
    """
    if not {TOKENS, LENGTHS} <= arrays.keys():
        return None
    tokens, lengths = arrays[TOKENS], arrays[LENGTHS]
    fitting = tokens.ndim == lengths.ndim == 1 and {tokens.dtype.kind, lengths.dtype.kind} == {"u"}
    if not fitting or int(lengths.sum(dtype=np.uint64)) != len(tokens):
        raise ModelFileError(
            f"the training items are damaged: {len(tokens)} tokens do not make up the items; "
            "copy the model file again or train it anew"
        )
    if not len(lengths):
        return []
    return np.split(tokens.astype(np.int64), np.cumsum(lengths[:-1], dtype=np.int64))
