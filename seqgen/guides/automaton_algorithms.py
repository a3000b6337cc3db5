"""The algorithms of Automaton on arrays: exploration, product, trimming, minimization, tries."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeVar

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
