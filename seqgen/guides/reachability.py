"""Ways: how many tokens bring a place of a rule to an end, found by walking the rule."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar, final

from seqgen.errors import PluginError

Place = TypeVar("Place", bound=Hashable)


@final
class Ways(Generic[Place]):
    """What is known of the ways from places to an end; every answer is kept.

    Args:
        name: Whose rule it is, for messages.
        following: The places one token after a place, those nearest to an end first.
        may_end: Whether an item may end at a place.
        furthest: The most places that are walked to find one end.
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
        self._known: dict[Place, float] = {}
        self._least: dict[Place, int] = {}  # no end comes in fewer tokens

    def forget(self) -> None:
        """Forget all answers; they are found anew."""
        self._known.clear()
        self._least.clear()

    def known(self, place: Place) -> float:
        """The tokens of one way to an end, not always the shortest; infinite without any.

        Raises:
            PluginError: None was found within ``furthest`` places.
        """
        if (known := self._known.get(place)) is None:
            # All that was passed is decided: from an end back, and nothing else can end.
            self._known |= _back(*self._walked(place))
            known = self._known[place]
        return known

    def _walked(self, place: Place) -> tuple[dict[Place, list[Place]], tuple[Place, float] | None]:
        """A walk in depth to the first end: what was passed, each from where, and that end with
        the tokens that are known from there.

        A place is left only when all after it were passed.
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
            self._hold(len(before), place)
        return before, None

    def within(self, place: Place, tokens: float) -> bool:
        """Whether an end comes within so many tokens, exactly.

        A walk in breadth, made only where the known way is too long.

        Raises:
            PluginError: As ``known``.
        """
        known = self.known(place)
        if known <= tokens or known == math.inf or tokens < self._least.get(place, 0):
            return known <= tokens and known < math.inf
        before: dict[Place, Place | None] = {place: None}
        layer = [place]
        for left in range(int(tokens) - 1, -1, -1):
            ahead: list[Place] = []
            for here in layer:
                for after in self._following(here):
                    if after in before or self._least.get(after, 0) > left:
                        continue
                    before[after] = here
                    if self._may_end(after) or self._known.get(after, math.inf) <= left:
                        self._keep(after, before)
                        return True
                    ahead.append(after)
                self._hold(len(before), place)
            layer = ahead
        self._least[place] = int(tokens) + 1
        return False

    def _keep(self, last: Place, before: dict[Place, Place | None]) -> None:
        """Keep the way through ``last`` for all places on it."""
        tokens = 0.0 if self._may_end(last) else self._known[last]
        place: Place | None = last
        while place is not None:
            self._known[place] = min(tokens, self._known.get(place, math.inf))
            place, tokens = before[place], tokens + 1

    def _hold(self, walked: int, place: Place) -> None:
        if walked > self._furthest:
            raise PluginError(
                f"{self._name}: no end was found within {self._furthest:,} places after {place}; "
                "its rule must refuse earlier what leads nowhere, and what cannot be asked for "
                "must be a seqgen.SettingError"
            )


def _back(before: dict[Place, list[Place]], end: tuple[Place, float] | None) -> dict[Place, float]:
    """The tokens from every place that was passed, found from the end back."""
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
