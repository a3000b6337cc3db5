"""Guides that ask more of the generation loop than those of a domain do."""

from __future__ import annotations

from typing import final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import RowGuide


@final
class MoodyGuide(RowGuide[tuple[int, int]]):
    """Allows what its table says for the length and the last token; often nothing.

    Args:
        masks: Shape ``(lengths, V + 1, V)``.
    """

    def __init__(self, masks: NDArray[np.bool_]) -> None:
        self._masks = masks

    def row_start(self) -> tuple[int, int]:
        return 0, self._masks.shape[-1]

    def row_allowed(self, state: tuple[int, int]) -> NDArray[np.bool_]:
        mask: NDArray[np.bool_] = self._masks[state]
        return mask

    def row_advance(self, state: tuple[int, int], token: int) -> tuple[int, int]:
        return state[0] + 1, token


@final
class ClosingGuide(RowGuide[tuple[int, int]]):
    """At three tokens an item that ends in token 0 must end; others must continue.

    Args:
        size: ``V``.
    """

    def __init__(self, size: int) -> None:
        self._size = size

    def row_start(self) -> tuple[int, int]:
        return 0, self._size

    def row_allowed(self, state: tuple[int, int]) -> NDArray[np.bool_]:
        length, last = state
        mask = np.full(self._size, length < 3 or last > 0)
        mask[-1] = not mask[-1]
        return mask

    def row_advance(self, state: tuple[int, int], token: int) -> tuple[int, int]:
        return state[0] + 1, token
