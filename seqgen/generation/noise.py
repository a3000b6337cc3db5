"""Noise: the uniform random numbers of each sample, a function of (seed, index, position)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray


@final
class Noise:
    """One stream of uniforms for each sample, from Philox with the key (seed, index).

    Philox is counter-based, so the stream of a sample does not depend on which other samples
    are drawn, in which order, or on which machine. Source: J. K. Salmon et al., "Parallel random
    numbers: as easy as 1, 2, 3", SC'11.

    Args:
        seed: 0 to 2**64 - 1.
        indices: The sample index of each row, 0 to 2**64 - 1.
    """

    #: Uniforms are drawn in blocks, because one call for each row and token would dominate. The
    #: first block has this many, each further one three times the number drawn so far, at most
    #: ``LARGEST``: short items waste little and long items need few calls.
    BLOCK = 64
    LARGEST = 1024
    #: Numbers that Philox generates for each value of its counter.
    _PER_COUNT = 4

    def __init__(self, seed: int, indices: Sequence[int]) -> None:
        self._keys = np.array([[seed, index] for index in indices], dtype=np.uint64)
        # One bit generator serves all rows: setting its state takes a twentieth of the time of
        # creating one.
        self._bits = np.random.Philox(key=0)
        self._generator = np.random.Generator(self._bits)
        self._state = self._bits.state
        self._drawn = 0
        self._block = np.empty((len(indices), 0))
        self._place = 0

    def next(self) -> NDArray[np.float64]:
        """The next uniform of each row, shape ``(B,)``, each in ``[0, 1)``."""
        if self._place == self._block.shape[1]:
            self._fill()
        self._place += 1
        return self._block[:, self._place - 1]

    def _fill(self) -> None:
        """Draw the next block of every row, as a generator of its own would."""
        size = min(max(self.BLOCK, 3 * self._drawn), self.LARGEST)
        block = np.empty((len(self._keys), size))
        inner = self._state["state"]
        for row, key in enumerate(self._keys):
            inner["key"] = key
            inner["counter"][:] = (self._drawn // self._PER_COUNT, 0, 0, 0)
            self._state["buffer_pos"] = self._PER_COUNT  # discard what an earlier draw left
            self._bits.state = self._state
            self._generator.random(out=block[row])
        self._block, self._place = block, 0
        self._drawn += size

    def select(self, rows: NDArray[np.int64]) -> None:
        """Keep only some rows, in the order of ``rows``."""
        self._keys, self._block = self._keys[rows], self._block[rows]
