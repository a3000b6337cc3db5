"""Encoded: one item as the numbers that a model reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, slots=True)
class Encoded:
    """One item as token ids, with what is known while they are chosen.

    Args:
        tokens: Token ids, shape ``(T,)`` int32, each in ``[0, vocabulary.end)``. The end
            token is not among them; the framework adds it.
        context: What is known before each token is chosen (the chord now, the place in the
            bar), shape ``(T + 1, C)`` int32; row ``t`` belongs to the choice of token ``t``
            and the last row to the choice of the end token. Column ``c`` holds values in
            ``[0, encoder.context_sizes[c])``. None when the domain has no context.
        condition: What the whole item is given and does not have to generate (a chord
            chart), any immutable value of the domain's own; None when there is none.
    """

    tokens: NDArray[np.int32]
    context: NDArray[np.int32] | None = None
    condition: object = None
