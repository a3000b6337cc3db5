"""Novelty: whether an item stands in the training data, told by hashes alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
