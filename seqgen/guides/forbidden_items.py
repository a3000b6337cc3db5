"""ForbiddenItems: excludes certain items without dead ends, such as the training items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.domains.guide import Guide
from seqgen.errors import SettingError

#: The token ids of one item, without the end token.
TokenIds = Sequence[int] | NDArray[np.integer[Any]]
Flat = NDArray[np.int32]
Numbers = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: The number of rows of the guide's masks that are computed together.
_CHUNK = 4096


def flatten(items: Iterable[TokenIds], symbols: int) -> tuple[Flat, Numbers]:
    """All tokens in one array, and the start of each item, with the end of the last.

    Raises:
        SettingError: A token is not in ``0 .. symbols - 1``.
    """
    arrays = [np.asarray(item, dtype=np.int32) for item in items]
    starts = np.cumsum([0, *map(len, arrays)], dtype=np.int64)
    flat = np.concatenate([np.zeros(0, np.int32), *arrays])
    wrong = np.flatnonzero((flat < 0) | (flat >= symbols))
    if len(wrong):
        item = int(np.searchsorted(starts, wrong[0], side="right"))
        raise SettingError(
            f"tokens of forbidden items must be in 0..{symbols - 1}, "
            f"was {flat[wrong[0]]} in item {item}"
        )
    return flat, starts


def build_tree(
    guide: Guide[Any], flat: Flat, starts: Numbers, size: int
) -> tuple[Numbers, Numbers]:
    """The prefix tree of the items as far as the guide allows them, level by level.

    Returns two sorted arrays of codes ``node * size + token``. The edges: edge ``e`` leads to
    node ``e + 1``, and the root is node 0. The refused tokens: ends that are forbidden, and edges
    to nodes from which only forbidden items are possible.

    Raises:
        SettingError: Every item that the guide allows is forbidden.
    """
    lengths = np.diff(starts)
    items, nodes = np.arange(len(lengths)), np.zeros(len(lengths), np.int64)
    state, first, count = guide.start(1), 0, 1
    levels, open_nodes, forbidden = [], [], []
    for depth in range(int(lengths.max(initial=0)) + 1):
        ended = lengths[items] == depth
        forbidden.append(np.unique(nodes[ended]))
        items, nodes = items[~ended], nodes[~ended]
        tokens = flat[starts[items] + depth]
        kept, choices, may_end = _query(guide, state, count, nodes - first, tokens)
        edges, children = np.unique(nodes[kept] * size + tokens[kept], return_inverse=True)
        parents = edges // size - first
        may_end[forbidden[-1] - first] = False
        # With fewer edges than choices, some token leads out of the tree.
        open_nodes.append(may_end | (choices > np.bincount(parents, minlength=count)))
        levels.append(edges)
        state = guide.advance(guide.select(state, parents), edges % size)
        first, count = first + count, len(edges)
        items, nodes = items[kept], first + children.ravel()
        if not count:
            break
    every_edge = np.concatenate(levels)
    enterable = _enterable(np.concatenate(open_nodes), every_edge // size, levels)
    if not enterable[0]:
        raise SettingError(
            f"every allowed item is forbidden: no item is possible except the {len(lengths)} "
            "forbidden ones; relax the constraints, or forbid fewer items"
        )
    ends = np.concatenate(forbidden) * size + size - 1
    return every_edge, np.sort(np.concatenate([every_edge[~enterable[1:]], ends]))


def _query(
    guide: Guide[Any], state: Any, count: int, rows: Numbers, tokens: Flat
) -> tuple[Bools, Numbers, Bools]:
    """Which (row, token) pairs the guide allows, and for each row the number of allowed symbols
    and whether the item may end."""
    kept = np.zeros(len(rows), dtype=bool)
    choices, may_end = np.zeros(count, np.int64), np.zeros(count, dtype=bool)
    for low in range(0, count, _CHUNK):
        high = min(low + _CHUNK, count)
        mask = guide.allowed(guide.select(state, np.arange(low, high)))
        here = np.flatnonzero((rows >= low) & (rows < high))
        kept[here] = mask[rows[here] - low, tokens[here]]
        choices[low:high] = mask[:, :-1].sum(axis=1)
        may_end[low:high] = mask[:, -1]
    return kept, choices, may_end


def _enterable(open_nodes: Bools, parents: Numbers, levels: list[Numbers]) -> Bools:
    """The nodes from which an item is possible that is not forbidden, deepest level first."""
    enterable = open_nodes.copy()
    high = len(enterable)
    for edges in reversed(levels):
        children = np.arange(high - len(edges), high)
        enterable[parents[children[enterable[children]] - 1]] = True
        high -= len(edges)
    return enterable


#: The state of the other guide, and the tree node of each row, -1 outside: ``(B,)``.
ForbiddenState = tuple[Any, Any]


@final
class ForbiddenItems(Guide[ForbiddenState]):
    """Allows what another guide allows, except certain items: novelty without rejection.

    The end token is not allowed if the tokens so far are a forbidden item, and no token is allowed
    after which only forbidden items are possible. This is exact for every guide without dead ends,
    not only for automata: the prefix tree of the items is traversed once with the guide, and a node
    may be entered only if the item may end there, or an allowed token leads out of the tree or to a
    child that may be entered. (A product automaton would need a row of the vocabulary's size for
    each node; this takes 8 bytes per node.)

    Args:
        within: The other guide; ``FreeGuide(vocabulary.size)`` for everything.
        items: The forbidden items, token ids without the end token.

    Raises:
        SettingError: A token id is out of range, or every item that ``within`` allows is forbidden.
    """

    def __init__(self, within: Guide[Any], items: Iterable[TokenIds]) -> None:
        self.within, self.max_tokens = within, within.max_tokens
        self._size = vocabulary_size(within)
        self._flat, self._starts = flatten(items, self._size - 1)
        self._edges, self._refused = build_tree(within, self._flat, self._starts, self._size)

    @property
    def items(self) -> list[NDArray[np.int32]]:
        """The forbidden items, each ``(T,)``."""
        return np.split(self._flat, self._starts[1:-1]) if len(self._starts) > 1 else []

    def start(self, batch: int) -> ForbiddenState:
        return self.within.start(batch), np.zeros(batch, np.int64)

    def allowed(self, state: ForbiddenState) -> NDArray[np.bool_]:
        inner, nodes = state
        mask = self.within.allowed(inner)
        # The refused tokens of a node are adjacent; outside the tree there are none.
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
        inner, nodes = state
        after = np.full(len(nodes), -1)
        inside = np.flatnonzero(nodes >= 0)
        if len(inside) and len(self._edges):
            wanted = nodes[inside] * self._size + tokens[inside]
            places = np.searchsorted(self._edges, wanted)
            places[places == len(self._edges)] = 0
            # Nodes have the order of the edges that lead to them.
            after[inside] = np.where(self._edges[places] == wanted, places + 1, -1)
        return self.within.advance(inner, tokens), after

    def select(self, state: ForbiddenState, rows: NDArray[np.int64]) -> ForbiddenState:
        return self.within.select(state[0], rows), state[1][rows]

    def context(self, state: ForbiddenState) -> NDArray[np.int32] | None:
        return self.within.context(state[0])


def vocabulary_size(guide: Guide[Any]) -> int:
    """``V``, the number of tokens that a guide chooses from."""
    return int(guide.allowed(guide.start(1)).shape[1])
