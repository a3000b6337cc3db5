"""ForbiddenItems: never makes certain items again, and still meets no dead end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, final

from seqgen.domains.guide import Guide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    #: The token ids of one item, without the end token.
    TokenIds = Sequence[int] | NDArray[np.integer[Any]]

#: The state of the other guide, and of each row its node in the tree, -1 outside: ``(B,)``.
ForbiddenState = tuple[Any, Any]


@final
class ForbiddenItems(Guide[ForbiddenState]):
    """Allows all that another guide does, save some whole items: novelty without rejection.

    The end token is not allowed where the tokens so far are exactly a forbidden item, and no
    token is allowed after which nothing but forbidden items could come. This is exact for
    every guide without dead ends of its own, not for automata alone: the tree of the items
    is walked once with the guide, and a node is entered only if the item may end there, or
    some allowed token leads out of the tree, or to a child that may be entered. (A product
    automaton would need a row of the whole vocabulary for each node; this takes 8 bytes a
    node.)

    Args:
        within: What is allowed besides; ``FreeGuide(vocabulary.size)`` for everything.
        items: The forbidden items, token ids without the end token.

    Raises:
        SettingError: A token id out of range, or every item that ``within`` allows is forbidden.
    """

    def __init__(self, within: Guide[Any], items: Iterable[TokenIds]) -> None:
        from seqgen.guides.item_tree import flatten, grow

        self.within, self.max_tokens = within, within.max_tokens
        self._size = vocabulary_size(within)
        self._flat, self._starts = flatten(items, self._size - 1)
        self._edges, self._refused = grow(within, self._flat, self._starts, self._size)

    @property
    def items(self) -> list[NDArray[np.int32]]:
        """The forbidden items, each ``(T,)``."""
        import numpy as np

        return np.split(self._flat, self._starts[1:-1]) if len(self._starts) > 1 else []

    def start(self, batch: int) -> ForbiddenState:
        import numpy as np

        return self.within.start(batch), np.zeros(batch, np.int64)

    def allowed(self, state: ForbiddenState) -> NDArray[np.bool_]:
        import numpy as np

        inner, nodes = state
        mask = self.within.allowed(inner)
        # The refused tokens of a node stand side by side; outside the tree there are none.
        bounds = np.searchsorted(self._refused, np.stack([nodes, nodes + 1]) * self._size)
        counts = bounds[1] - bounds[0]
        if not counts.any():
            return mask
        rows = np.repeat(np.arange(len(nodes)), counts)
        ends = np.cumsum(counts)
        places = np.arange(ends[-1]) + np.repeat(bounds[1] - ends, counts)
        mask = mask.copy()
        mask[rows, self._refused[places] % self._size] = False
        return mask

    def advance(self, state: ForbiddenState, tokens: NDArray[np.int64]) -> ForbiddenState:
        import numpy as np

        inner, nodes = state
        after = np.full(len(nodes), -1)
        inside = np.flatnonzero(nodes >= 0)
        if len(inside) and len(self._edges):
            wanted = nodes[inside] * self._size + tokens[inside]
            places = np.searchsorted(self._edges, wanted)
            places[places == len(self._edges)] = 0
            # Nodes are numbered in the order of the edges that lead to them.
            after[inside] = np.where(self._edges[places] == wanted, places + 1, -1)
        return self.within.advance(inner, tokens), after

    def select(self, state: ForbiddenState, rows: NDArray[np.int64]) -> ForbiddenState:
        return self.within.select(state[0], rows), state[1][rows]

    def context(self, state: ForbiddenState) -> NDArray[np.int32] | None:
        return self.within.context(state[0])


def vocabulary_size(guide: Guide[Any]) -> int:
    """``V``, how many tokens a guide chooses from."""
    return int(guide.allowed(guide.start(1)).shape[1])
