"""SuffixAutomaton: the longest run of tokens that an item shares with other items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, final


class Match(NamedTuple):
    """The longest run that ends at a position of an item and occurs in one of the others.

    Args:
        length: Its tokens; 0 if the last one occurs nowhere.
        item: The index of the first item that contains it.
        end: The position of its last token in that item.
    """

    length: int
    item: int
    end: int


@final
class SuffixAutomaton:
    """All runs of tokens of some items; no run spans two items.

    Building it takes time and memory in proportion to the tokens of the items, a search time in
    proportion to the item searched for.

    Source: A. Blumer et al., The smallest automaton recognizing the subwords of a text,
    Theoretical Computer Science 40 (1985), as a generalized automaton of several texts.

    Args:
        items: Token ids of each item, integers of any kind.
    """

    def __init__(self, items: Iterable[Iterable[int]]) -> None:
        self._next: list[dict[int, int]] = [{}]
        self._link = [-1]
        self._length = [0]
        #: The first occurrence of a state's runs: the item and the position of their last token.
        self._first = [(0, -1)]
        for number, item in enumerate(items):
            state = 0
            for position, token in enumerate(map(int, item)):
                state = self._append(state, token, (number, position))

    def matches(self, item: Iterable[int]) -> Iterator[Match]:
        """For each position of ``item``, the longest run that ends there."""
        state = length = 0
        for token in map(int, item):
            while state and token not in self._next[state]:
                state = self._link[state]
                length = self._length[state]
            if token in self._next[state]:
                state, length = self._next[state][token], length + 1
            yield Match(length, *self._first[state])

    def longest(self, item: Iterable[int]) -> int:
        """The tokens of the longest run that ``item`` shares with one of the items."""
        return max((match.length for match in self.matches(item)), default=0)

    def _append(self, last: int, token: int, first: tuple[int, int]) -> int:
        """Append a token to the prefix of an item at the state ``last``; returns the new state."""
        target = self._next[last].get(token)
        if target is not None:
            return self._split(last, token, target)
        new = self._add({}, self._length[last] + 1, 0, first)
        state = last
        while state >= 0 and token not in self._next[state]:
            self._next[state][token] = new
            state = self._link[state]
        if state >= 0:
            self._link[new] = self._split(state, token, self._next[state][token])
        return new

    def _split(self, state: int, token: int, target: int) -> int:
        """The state of the longest run of ``state`` plus ``token``, cloned from ``target`` if
        that also has longer runs."""
        length = self._length[state] + 1
        if self._length[target] == length:
            return target
        clone = self._add(dict(self._next[target]), length, self._link[target], self._first[target])
        while state >= 0 and self._next[state].get(token) == target:
            self._next[state][token] = clone
            state = self._link[state]
        self._link[target] = clone
        return clone

    def _add(self, edges: dict[int, int], length: int, link: int, first: tuple[int, int]) -> int:
        self._next.append(edges)
        self._length.append(length)
        self._link.append(link)
        self._first.append(first)
        return len(self._next) - 1
