"""Automaton: an immutable deterministic finite automaton over token ids, and its algebra."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SettingError
from seqgen.guides.automaton_algorithms import product, quotient, useful, word_tree

#: Maximum number of states of the result of an operation; more are an error.
MAX_STATES = 50_000


@final
@dataclass(frozen=True, slots=True, eq=False)
class Automaton:
    """A deterministic finite automaton over the symbols; the end token is not one of them.

    It is immutable: the arrays are copied and made read-only, and every operation returns a new
    automaton.

    Args:
        table: The next state for each state and symbol, shape ``(S, V - 1)`` integers below ``S``,
            -1 for a refused symbol. State 0 is the start.
        accepting: The states in which an item may end, shape ``(S,)`` bool.

    Raises:
        SettingError: No state, no symbol, inconsistent shapes, or a next state out of range.
    """

    table: NDArray[np.integer[Any]]
    accepting: NDArray[np.bool_]

    def __post_init__(self) -> None:
        table, accepting = np.array(self.table), np.array(self.accepting, dtype=bool)
        if table.ndim != 2 or 0 in table.shape or accepting.shape != table.shape[:1]:
            raise SettingError(
                f"an automaton needs a table (S, V - 1) and accepting (S,), at least one state "
                f"and one symbol; the shapes were {table.shape} and {accepting.shape}"
            )
        if not np.issubdtype(table.dtype, np.integer):
            raise SettingError(f"an automaton's table must hold integers, was {table.dtype}")
        if table.min() < -1 or table.max() >= len(table):
            raise SettingError(
                f"next states must be in -1..{len(table) - 1}, were {table.min()}..{table.max()}"
            )
        table = table.astype(np.int32)
        for name, array in (("table", table), ("accepting", accepting)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def anything(cls, symbols: int) -> Automaton:
        """Accepts every sequence of ``symbols`` distinct symbols, including the empty one."""
        return cls(np.zeros((1, symbols), np.int32), np.array([True]))

    @classmethod
    def from_words(
        cls, words: Iterable[Sequence[int]], symbols: int, max_states: int = MAX_STATES
    ) -> Automaton:
        """Accepts exactly these sequences of token ids, each ``0 .. symbols - 1`` (a trie).

        Raises:
            SettingError: A token is out of range, or more than ``max_states`` states are needed.
        """
        return cls(*word_tree(words, symbols, max_states))

    @property
    def states(self) -> int:
        """``S``, the number of states."""
        return len(self.table)

    @property
    def symbols(self) -> int:
        """``V - 1``, the number of symbols."""
        return int(self.table.shape[1])

    @property
    def is_empty(self) -> bool:
        """Whether no sequence is accepted."""
        return not self.trimmed().accepting.any()

    def accepts(self, tokens: Iterable[int]) -> bool:
        """Whether a sequence of token ids ``0 .. symbols - 1`` is accepted."""
        state = 0
        for token in tokens:
            state = int(self.table[state, token])
            if state < 0:
                return False
        return bool(self.accepting[state])

    def intersection(self, other: Automaton, max_states: int = MAX_STATES) -> Automaton:
        """Accepts what both accept: the reachable states of the product automaton.

        Source: Rabin and Scott, "Finite automata and their decision problems", 1959.

        Raises:
            SettingError: The numbers of symbols differ, or ``max_states`` states are not enough.
        """
        if self.symbols != other.symbols:
            raise SettingError(
                f"automata of {self.symbols} and of {other.symbols} symbols cannot be "
                "intersected: both must have the same vocabulary"
            )
        left, right = self.trimmed(), other.trimmed()
        table, pairs = product(left.table, right.table, max_states)
        both = left.accepting[pairs[:, 0]] & right.accepting[pairs[:, 1]]
        return Automaton(table, both).trimmed()

    def __and__(self, other: Automaton) -> Automaton:
        return self.intersection(other)

    def complement(self) -> Automaton:
        """Accepts exactly the sequences of these symbols that this one does not."""
        sink = self.states
        table = np.concatenate([self.table, np.full((1, self.symbols), -1)])
        table[table < 0] = sink
        return Automaton(table, ~np.append(self.accepting, False)).trimmed()

    def trimmed(self) -> Automaton:
        """The same without unreachable states and states from which nothing is accepted.

        An automaton that accepts nothing becomes one state that refuses every symbol.
        """
        kept = useful(self.table, self.accepting)
        if kept.all():
            return self
        if not kept[0]:
            return Automaton(np.full((1, self.symbols), -1), np.array([False]))
        # The last number replaces -1, so that a refused symbol stays refused.
        numbers = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)
        return Automaton(numbers[self.table[kept]], self.accepting[kept])

    def minimal(self) -> Automaton:
        """The smallest equivalent automaton, its states in breadth-first order.

        It is canonical: two automata over the same symbols are equivalent exactly if their minimal
        ones have equal arrays. Source: Moore, "Gedanken-experiments on sequential
        machines", 1956 (partition refinement; here on the distinct columns of the table).
        """
        trimmed = self.trimmed()
        return Automaton(*quotient(trimmed.table, trimmed.accepting))

    def longest(self) -> int | None:
        """The maximum length of an accepted sequence; None if unbounded, 0 if none is accepted."""
        after = [set(row) - {-1} for row in self.trimmed().table.tolist()]
        try:
            order = list(TopologicalSorter(dict(enumerate(after))).static_order())
        except CycleError:
            return None
        heights = [0] * len(after)
        for state in order:
            heights[state] = max((heights[s] + 1 for s in after[state]), default=0)
        return heights[0]
