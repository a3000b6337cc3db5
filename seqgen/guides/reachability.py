"""Reachability: the tokens from a place of a rule to an end, found by walking the rule."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar, final

from seqgen.errors import PluginError

Place = TypeVar("Place", bound=Hashable)


@final
class Reachability(Generic[Place]):
    """The distances from places to an end; known distances are cached.

    Args:
        name: The name of the rule, for messages.
        following: The places one token after a place, those nearest to an end first.
        may_end: Whether an item may end at a place.
        furthest: The maximum number of places to visit to find one end.
    """

    def __init__(
        self,
        name: str,
        following: Callable[[Place], Iterable[Place]],
        may_end: Callable[[Place], bool],
        furthest: int,
    ) -> None:
        self._name, self._following, self._may_end = name, following, may_end
        self._furthest = furthest
        #: The tokens to an end, not always the shortest way; infinite if there is none.
        self._known: dict[Place, float] = {}
        self._least: dict[Place, int] = {}  # no end within fewer tokens

    def __len__(self) -> int:
        return len(self._known) + len(self._least)

    def clear(self) -> None:
        """Forget all distances; they are computed again."""
        self._known.clear()
        self._least.clear()

    def distance(self, place: Place) -> float:
        """The tokens of one way to an end, not always the shortest; infinite if there is none.

        Raises:
            PluginError: No end was found within ``furthest`` places.
        """
        if (known := self._known.get(place)) is None:
            # Everything visited is decided: backwards from the end, and nothing else can end.
            distances = _distances(*self._walk_deep(place))
            self._known |= distances
            known = distances[place]
        return known

    def _walk_deep(
        self, place: Place
    ) -> tuple[dict[Place, list[Place]], tuple[Place, float] | None]:
        """Depth-first search for an end.

        Returns:
            The visited places, each with its predecessors, and the end with the tokens that are
            known from there. A place is left only when everything after it was visited.
        """
        before: dict[Place, list[Place]] = {place: []}
        if self._may_end(place):
            return before, (place, 0)
        way = [(place, iter(self._following(place)))]
        while way:
            here, following = way[-1]
            if (after := next(following, None)) is None:
                way.pop()
            elif after in before:
                before[after].append(here)
            elif (known := self._known.get(after)) != math.inf:
                before[after] = [here]
                if known is not None or self._may_end(after):
                    return before, (after, known or 0)
                way.append((after, iter(self._following(after))))
            self._check_visited(len(before), place)
        return before, None

    def ends_within(self, place: Place, tokens: float) -> bool:
        """Whether an end is possible within this many tokens, exactly.

        Raises:
            PluginError: As ``distance``.
        """
        known = self.distance(place)
        if known <= tokens or known == math.inf or tokens < self._least.get(place, 0):
            return known <= tokens and known < math.inf
        # Breadth-first search, only if the known way is too long.
        before: dict[Place, Place | None] = {place: None}
        layer = [place]
        for left in range(int(tokens) - 1, -1, -1):
            ahead: list[Place] = []
            for here in layer:
                for after in self._following(here):
                    if after in before or self._least.get(after, 0) > left:
                        continue
                    before[after] = here
                    rest = 0.0 if self._may_end(after) else self._known.get(after, math.inf)
                    if rest <= left:
                        self._shorten(after, rest, before)
                        return True
                    ahead.append(after)
                self._check_visited(len(before), place)
            layer = ahead
        self._least[place] = int(tokens) + 1
        return False

    def _shorten(self, last: Place, tokens: float, before: dict[Place, Place | None]) -> None:
        """Store the distances of all places on the way through ``last``."""
        place: Place | None = last
        while place is not None:
            self._known[place] = min(tokens, self._known.get(place, math.inf))
            place, tokens = before[place], tokens + 1

    def _check_visited(self, visited: int, place: Place) -> None:
        if visited > self._furthest:
            raise PluginError(
                f"{self._name}: no end was found within {self._furthest:,} places after {place}; "
                "its rule must refuse earlier what leads to no end, and impossible options must "
                "be a seqgen.SettingError"
            )


def _distances(
    before: dict[Place, list[Place]], end: tuple[Place, float] | None
) -> dict[Place, float]:
    """The tokens from every visited place, computed backwards from the end."""
    tokens = dict.fromkeys(before, math.inf)
    waiting: deque[Place] = deque()
    if end is not None:
        tokens[end[0]] = end[1]
        waiting.append(end[0])
    while waiting:
        last = waiting.popleft()
        for earlier in before[last]:
            if tokens[earlier] == math.inf:
                tokens[earlier] = tokens[last] + 1
                waiting.append(earlier)
    return tokens
