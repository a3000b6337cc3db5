"""Noise: each sample has the stream of NumPy's Philox keyed by seed and index, for ever."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from seqgen.generation.sampler import Noise

KEYS = st.one_of(st.integers(0, 1000), st.sampled_from([2**32, 2**63 - 1, 2**64 - 1]))


def stream(seed: int, index: int, count: int) -> NDArray[np.float64]:
    """The first uniforms of a sample, by a generator of its own."""
    philox = np.random.Philox(key=np.array([seed, index], dtype=np.uint64))
    return np.random.Generator(philox).random(count)


@settings(max_examples=25)
@given(
    KEYS,
    st.lists(KEYS, min_size=1, max_size=5),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
)
def test_a_row_has_its_own_stream_for_any_selection_of_rows(
    seed: int, indices: list[int], moves: list[int]
) -> None:
    noise, place = Noise(seed, indices), 0
    streams = [stream(seed, index, 6 * 131) for index in indices]
    for move in moves:
        for _ in range(1 + move % 130):  # across the ends of blocks
            found = noise.next()
            assert found.shape == (len(streams),) and found.dtype == np.float64
            assert found.tolist() == [row[place] for row in streams]
            place += 1
        rng = np.random.default_rng(move)
        kept = rng.permutation(len(streams))[: rng.integers(1, len(streams) + 1)]
        noise.select(kept)
        streams = [streams[row] for row in kept.tolist()]


@pytest.mark.parametrize("before", [0, 1, 63, 64, 65, 128])
def test_a_remaining_row_continues_its_stream(before: int) -> None:
    noise, wanted = Noise(7, [3, 412]), stream(7, 412, 400)
    for _ in range(before):
        noise.next()
    noise.select(np.array([1]))
    found = [noise.next().item() for _ in range(200)] + noise.next().tolist()
    assert found == wanted[before : before + 201].tolist()


def test_no_rows() -> None:
    noise = Noise(0, [1, 2])
    noise.next()
    noise.select(np.array([], dtype=np.int64))
    assert noise.next().shape == (0,)


def test_streams_are_uniform_and_differ() -> None:
    noise: Any = Noise(0, range(200))
    block = np.array([noise.next() for _ in range(300)])
    assert block.min() >= 0.0 and block.max() < 1.0
    counts = np.histogram(block, bins=20, range=(0, 1))[0]
    assert ((counts - 3000) ** 2 / 3000).sum() < 45.0  # 19 degrees of freedom, 0.07 %
    between = np.corrcoef(block.T)[~np.eye(200, dtype=bool)]
    assert np.abs(between).max() < 0.35, "300 numbers each, 19,900 pairs"
    along = np.corrcoef(block)[~np.eye(300, dtype=bool)]
    assert np.abs(along).max() < 0.45, "no block comes twice"
