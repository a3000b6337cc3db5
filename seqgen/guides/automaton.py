"""Automaton: a deterministic finite automaton over symbols, and operations on it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from seqgen.errors import SettingError

Key = TypeVar("Key", bound=Hashable)
Table = NDArray[np.integer[Any]]
Bools = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def check_states(states: int, max_states: int) -> None:
    """Raise a SettingError if an automaton exceeds the bound."""
    if states > max_states:
        raise SettingError(
            f"the automaton needs at least {states} states, more than the {max_states} allowed; "
            "simplify it, or raise max_states"
        )


def explore(
    start: Key, successors: Callable[[Key], Iterable[Key | None]], max_states: int
) -> tuple[Table, list[Key]]:
    """Number everything reachable, breadth first: the table, and the key of each state.

    Raises:
        SettingError: More than ``max_states`` states are reachable.
    """
    numbers, keys, rows = {start: 0}, [start], []
    for key in keys:  # grows during the loop
        row = []
        for after in successors(key):
            if after is None:
                row.append(-1)
                continue
            if after not in numbers:
                numbers[after] = len(keys)
                keys.append(after)
                check_states(len(keys), max_states)
            row.append(numbers[after])
        rows.append(row)
    return np.array(rows, dtype=np.int32), keys


def distinct_columns(table: Table) -> tuple[Table, Numbers]:
    """The distinct columns in the order of their first occurrence, and the column of each symbol.

    Most symbols of a vocabulary have equal columns, so algorithms on columns are much faster.
    """
    _, first, inverse = np.unique(table, axis=1, return_index=True, return_inverse=True)
    order = np.argsort(first)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return table[:, first[order]], ranks[inverse.ravel()]


def product(left: Table, right: Table, max_states: int) -> tuple[Table, Numbers]:
    """The table of the pairs reachable from (0, 0), and the pairs, shape ``(S, 2)``."""
    columns, symbols = distinct_columns(np.concatenate([left, right]))
    lefts, rights = columns[: len(left)].tolist(), columns[len(left) :].tolist()

    def successors(pair: tuple[int, int]) -> list[tuple[int, int] | None]:
        ways = zip(lefts[pair[0]], rights[pair[1]], strict=True)
        return [None if one < 0 or two < 0 else (one, two) for one, two in ways]

    table, pairs = explore((0, 0), successors, max_states)
    return table[:, symbols], np.array(pairs, dtype=np.int64)


def useful(table: Table, accepting: Bools) -> Bools:
    """The states on a path from the start to an accepting state, shape ``(S,)``."""
    columns, _ = distinct_columns(table)
    sources, places = np.nonzero(columns >= 0)
    targets = columns[sources, places].astype(np.int64)
    met = _spread(sources, targets, np.arange(len(table)) == 0)
    return met & _spread(targets, sources, accepting)


def _spread(sources: Numbers, targets: Numbers, seeds: Bools) -> Bools:
    """Everything reachable from the seeds along the edges, seeds included."""
    order = np.argsort(sources, kind="stable")
    targets = targets[order]
    starts = np.searchsorted(sources[order], np.arange(len(seeds) + 1)).tolist()
    reached = seeds.copy()
    waiting = np.flatnonzero(seeds).tolist()
    while waiting:
        state = waiting.pop()
        fresh = targets[starts[state] : starts[state + 1]]
        fresh = np.unique(fresh[~reached[fresh]])
        reached[fresh] = True
        waiting.extend(fresh.tolist())
    return reached


def quotient(table: Table, accepting: Bools) -> tuple[Table, Bools]:
    """The minimal table and its accepting states, of a trimmed automaton."""
    columns, symbols = distinct_columns(table)
    classes = _refine(columns, accepting)
    _, examples = np.unique(classes, return_index=True)
    after = np.append(classes, -1)[columns[examples]].tolist()

    def successors(number: int) -> list[int | None]:
        return [None if one < 0 else one for one in after[number]]

    small, keys = explore(int(classes[0]), successors, len(table))
    return small[:, symbols], accepting[examples[keys]]


def _refine(columns: Table, accepting: Bools) -> Numbers:
    """Moore's refinement: the class ``0 .. n - 1`` of each state, equal for equivalent states."""
    classes = np.unique(accepting, return_inverse=True)[1]
    while True:
        # One more class, the last, for the refusing state -1.
        padded = np.append(classes, len(classes))
        refined = classes
        for column in columns.T:
            codes = refined * (len(classes) + 1) + padded[column]
            refined = np.unique(codes, return_inverse=True)[1]
        if refined.max() == classes.max():
            return classes
        classes = refined


def word_tree(words: Iterable[Sequence[int]], symbols: int, max_states: int) -> tuple[Table, Bools]:
    """A trie as a table and its accepting states."""
    children: dict[tuple[int, int], int] = {}
    ends = set()
    for place, word in enumerate(words):
        node = 0
        for token in word:
            if not 0 <= token < symbols:
                raise SettingError(
                    f"tokens must be in 0..{symbols - 1}, was {token} in sequence {place + 1}"
                )
            node = children.setdefault((node, int(token)), len(children) + 1)
        check_states(len(children) + 1, max_states)
        ends.add(node)
    table = np.full((len(children) + 1, symbols), -1, dtype=np.int32)
    accepting = np.zeros(len(table), dtype=bool)
    if children:
        nodes, tokens = np.array(list(children)).T
        table[nodes, tokens] = list(children.values())
    accepting[list(ends)] = True
    return table, accepting


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
