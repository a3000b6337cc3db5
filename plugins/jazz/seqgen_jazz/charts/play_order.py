"""Repeats: the order in which the bars of a tune with repeat signs and endings are played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from seqgen import DataError

_MOST_BARS: Final = 20_000


class Repeatable(Protocol):
    """What ``play_order`` looks at in a bar."""

    @property
    def begins_repeat(self) -> bool: ...

    @property
    def ends_repeat(self) -> bool: ...

    @property
    def ending(self) -> frozenset[int]: ...

    @property
    def times(self) -> int: ...


def play_order(bars: Sequence[Repeatable]) -> list[int]:
    """The indexes of the bars as they are played.

    A repeat is played as often as its last bar or its numbered endings say; it goes back to its own
    sign, or to the end of the repeat before.

    Raises:
        DataError: The tune would not end within 20,000 bars.
    """
    order: list[int] = []
    place = start = 0
    turn = 1
    while place < len(bars):
        bar = bars[place]
        left_endings = place > 0 and not bar.ending and bars[place - 1].ending
        if place != start and (bar.begins_repeat or (left_endings and order)):
            start, turn = place, 1
        if bar.ending and turn not in bar.ending:
            place += 1
            continue
        order.append(place)
        if len(order) > _MOST_BARS:
            raise DataError(f"its repeats make more than {_MOST_BARS} bars")
        if bar.ends_repeat and turn < _turns(bars, place):
            turn, place = turn + 1, start
            continue
        if bar.ends_repeat and not bar.ending:
            start, turn = place + 1, 1
        place += 1
    return order


def _turns(bars: Sequence[Repeatable], place: int) -> int:
    """How often the repeat that ends with this bar is played."""
    ending = bars[place].ending
    if not ending:
        return bars[place].times
    last = max(ending)
    more = place + 1 < len(bars) and last + 1 in bars[place + 1].ending
    return last + 1 if more else max(2, last)
