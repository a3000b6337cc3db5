"""Noise: the uniforms behind every draw, a function of (seed, sample index, place) alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray


@final
class Noise:
    """One stream of uniforms for each sample, from Philox keyed by (seed, index).

    Philox is counter-based, so the stream of a sample does not depend on which other samples
    are drawn, in which order, or on which machine. Source: J. K. Salmon et al., "Parallel
    random numbers: as easy as 1, 2, 3", SC'11.

    Args:
        seed: 0 to 2**64 - 1.
        indices: The sample index of each row, 0 to 2**64 - 1.
    """

    #: Uniforms are drawn a block at a time, as one call for each row and token would dominate.
    BLOCK = 64

    def __init__(self, seed: int, indices: Sequence[int]) -> None:
        self._streams = [
            np.random.Generator(np.random.Philox(key=np.array([seed, index], dtype=np.uint64)))
            for index in indices
        ]
        self._block = np.empty((len(indices), 0))
        self._place = 0

    def next(self) -> NDArray[np.float64]:
        """The next uniform of each row, shape ``(B,)``, each in ``[0, 1)``."""
        if self._place == self._block.shape[1]:
            self._block = np.stack([stream.random(self.BLOCK) for stream in self._streams])
            self._place = 0
        self._place += 1
        return self._block[:, self._place - 1]

    def select(self, rows: NDArray[np.int64]) -> None:
        """Keep only some rows, in the order of ``rows``."""
        self._streams = [self._streams[row] for row in rows.tolist()]
        self._block = self._block[rows]
