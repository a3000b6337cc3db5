"""The training items in a model file: two arrays, which make exact novelty checks possible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import ModelFileError

TOKENS, LENGTHS = "training.tokens", "training.lengths"
#: Items that need more bytes than this are not stored; their hashes always are.
MOST_BYTES = 2_000_000


def items_to_arrays(
    sequences: Iterable[Iterable[int]], vocabulary_size: int, most_bytes: int = MOST_BYTES
) -> dict[str, NDArray[Any]]:
    """All tokens and the length of each item: the distinct items, sorted.

    Both arrays have the smallest unsigned type that fits; empty if they would need more than
    ``most_bytes``.

    Args:
        sequences: The token ids of each item, ``0 .. vocabulary_size - 1``.
        vocabulary_size: ``V``.
        most_bytes: Maximum size of both arrays in bytes.
    """
    kind = np.min_scalar_type(vocabulary_size)
    different: set[tuple[int, ...]] = set()
    least = 0  # their bytes if every length fits in one byte
    for tokens in sequences:
        item = tuple(map(int, tokens))
        least += 0 if item in different else len(item) * kind.itemsize + 1
        if least > most_bytes:  # before a large corpus is collected and sorted
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
    """The items, each ``(T,)``; None if none are stored.

    Raises:
        ModelFileError: The two arrays are inconsistent.
    """
    if not {TOKENS, LENGTHS} <= arrays.keys():
        return None
    tokens, lengths = arrays[TOKENS], arrays[LENGTHS]
    fitting = tokens.ndim == lengths.ndim == 1 and {tokens.dtype.kind, lengths.dtype.kind} == {"u"}
    if not fitting or int(lengths.sum(dtype=np.uint64)) != len(tokens):
        raise ModelFileError(
            f"the training items are damaged: {len(tokens)} tokens do not match their lengths; "
            "copy the model file again or retrain"
        )
    if not len(lengths):
        return []
    return np.split(tokens.astype(np.int64), np.cumsum(lengths[:-1], dtype=np.int64))
