"""The automaton of positions of a pattern's tree, and its subsets as a deterministic table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SettingError
from seqgen.guides.automaton_algorithms import explore
from seqgen.guides.regex_parser import Choice, Node, Repeat, Symbols

#: The most places for symbols that a pattern may have once its repetitions are written out.
MAX_POSITIONS = 5_000


class _Part(NamedTuple):
    """A part of a pattern: may it be empty, and the positions it begins and ends with."""

    empty: bool
    first: int
    last: int


_NOTHING = _Part(True, 0, 0)


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@final
class Positions:
    """Glushkov's automaton: one state for each place of a symbol in the pattern.

    Sets of positions are masks with bit ``i + 1`` set for position ``i``; bit 0 says that
    the pattern may end.

    Args:
        tree: The pattern read.
        pattern: The pattern as it was written, for errors.

    Raises:
        SettingError: More than ``MAX_POSITIONS`` places.
    """

    def __init__(self, tree: Node, pattern: str) -> None:
        self._pattern = pattern
        self._symbols: list[int] = []
        self._follow: list[int] = []
        whole = self._build(tree)
        self._join(whole.last, 1)
        self._start = whole.first | whole.empty

    def subsets(
        self, symbols: int, max_states: int
    ) -> tuple[NDArray[np.integer[Any]], NDArray[np.bool_]]:
        """The deterministic table ``(S, symbols)`` and its accepting states.

        Raises:
            SettingError: More than ``max_states`` states.
        """
        # Symbols that stand in the same sets behave alike and are followed together.
        sets = list(dict.fromkeys(self._symbols))
        kinds: dict[tuple[int, ...], int] = {}
        columns = [
            kinds.setdefault(tuple(one >> symbol & 1 for one in sets), len(kinds))
            for symbol in range(symbols)
        ]
        places = dict.fromkeys(sets, 0)
        for position, one in enumerate(self._symbols):
            places[one] |= 2 << position
        readers = [
            sum(places[one] for one, has in zip(sets, kind, strict=True) if has) for kind in kinds
        ]

        def successors(state: int) -> Iterator[int | None]:
            for reader in readers:
                after = 0
                for bit in _bits(state & reader):
                    after |= self._follow[bit - 1]
                yield after or None

        table, states = explore(self._start, successors, max_states)
        return table[:, columns], np.array([state & 1 for state in states], dtype=bool)

    def _build(self, node: Node) -> _Part:
        if isinstance(node, Symbols):
            return self._place(node.mask)
        if isinstance(node, Repeat):
            return self._repeat(node)
        if isinstance(node, Choice):
            parts = [self._build(part) for part in node.parts]
            empty, first, last = parts[0]
            for part in parts[1:]:
                empty, first, last = empty or part.empty, first | part.first, last | part.last
            return _Part(empty, first, last)
        whole = _NOTHING
        for one in node.parts:
            whole = self._then(whole, self._build(one))
        return whole

    def _place(self, symbols: int) -> _Part:
        if len(self._symbols) == MAX_POSITIONS:
            raise SettingError(
                f"pattern {self._pattern!r} needs more than {MAX_POSITIONS} places for symbols; "
                "bound lengths with min_tokens and max_tokens, and give many words to "
                "Automaton.from_words"
            )
        self._symbols.append(symbols)
        self._follow.append(0)
        bit = 1 << len(self._symbols)
        return _Part(False, bit, bit)

    def _repeat(self, node: Repeat) -> _Part:
        """``x{2,4}`` as ``xx(x(x)?)?``: nested, so that each part is followed by two at most."""
        whole, copies = _NOTHING, node.most
        if copies is None:
            loop = self._build(node.part)
            self._join(loop.last, loop.first)
            whole = loop._replace(empty=loop.empty or node.least == 0)
            copies = max(node.least - 1, 0)
        for number in range(copies - 1, -1, -1):
            part = self._build(node.part)
            if not part.first:
                return part  # nothing but the empty item, however often it is repeated
            whole = self._then(part, whole)
            if node.most is not None and number >= node.least:
                whole = whole._replace(empty=True)
        return whole

    def _then(self, left: _Part, right: _Part) -> _Part:
        self._join(left.last, right.first)
        first = left.first | right.first if left.empty else left.first
        last = left.last | right.last if right.empty else right.last
        return _Part(left.empty and right.empty, first, last)

    def _join(self, before: int, after: int) -> None:
        for bit in _bits(before):
            self._follow[bit - 1] |= after
