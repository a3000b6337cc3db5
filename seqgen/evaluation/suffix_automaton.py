"""Copied runs: the longest stretch of an item that stands in other items token by token."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, final


class Match(NamedTuple):
    """The longest run that ends at a place of an item and stands in one of the items.

    Args:
        run: Its tokens; 0 where the last one stands nowhere.
        item: The index of an item that holds it, the first one that does.
        end: The place of its last token there.
    """

    run: int
    item: int
    end: int


@final
class CopiedRuns:
    """Every stretch of some items, as a suffix automaton of all of them.

    Built in time and memory in proportion to their tokens; a question takes time in proportion
    to the item asked about. No stretch goes on from one item into the next.

    Source: A. Blumer et al., The smallest automaton recognizing the subwords of a text,
    Theoretical Computer Science 40 (1985), built as a generalised automaton.

    Args:
        items: Token ids of each item, integers of any kind.
    """

    def __init__(self, items: Iterable[Sequence[int]]) -> None:
        self._next: list[dict[int, int]] = [{}]
        self._link = [-1]
        self._length = [0]
        #: Where the stretches of a state first end: (item, place).
        self._first = [(0, -1)]
        for number, item in enumerate(items):
            last = 0
            for place, token in enumerate(map(int, item)):
                last = self._extend(last, token, (number, place))

    def matches(self, item: Sequence[int]) -> Iterator[Match]:
        """For each place of ``item``, the longest run in a row that ends there."""
        state = run = 0
        for token in map(int, item):
            while state and token not in self._next[state]:
                state = self._link[state]
                run = self._length[state]
            if token in self._next[state]:
                state, run = self._next[state][token], run + 1
            yield Match(run, *self._first[state])

    def longest(self, item: Sequence[int]) -> int:
        """Tokens of the longest run in a row that ``item`` shares with one of the items."""
        return max((match.run for match in self.matches(item)), default=0)

    def _extend(self, last: int, token: int, first: tuple[int, int]) -> int:
        """Add a token behind the state of an item's beginning; gives the state after it."""
        known = self._next[last].get(token)
        if known is not None:
            return self._exact(last, token, known)
        state = self._new({}, self._length[last] + 1, 0, first)
        at = last
        while at >= 0 and token not in self._next[at]:
            self._next[at][token] = state
            at = self._link[at]
        if at >= 0:
            self._link[state] = self._exact(at, token, self._next[at][token])
        return state

    def _exact(self, before: int, token: int, after: int) -> int:
        """The state of exactly the stretch that ends in ``token``, parted off where needed."""
        if self._length[after] == self._length[before] + 1:
            return after
        length, link = self._length[before] + 1, self._link[after]
        clone = self._new(dict(self._next[after]), length, link, self._first[after])
        while before >= 0 and self._next[before].get(token) == after:
            self._next[before][token] = clone
            before = self._link[before]
        self._link[after] = clone
        return clone

    def _new(
        self, following: dict[int, int], length: int, link: int, first: tuple[int, int]
    ) -> int:
        self._next.append(following)
        self._length.append(length)
        self._link.append(link)
        self._first.append(first)
        return len(self._next) - 1
