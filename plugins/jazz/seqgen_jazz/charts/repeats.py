"""Repeats, endings and jumps: the order in which the written bars of a tune are played."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol, final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar

_MAX_BARS: Final = 20_000
_ORDINALS: Final = {1: "1st", 2: "2nd", 3: "3rd"}


class RepeatableBar(Protocol):
    """The signs that ``play_order`` reads."""

    @property
    def begins_repeat(self) -> bool: ...

    @property
    def ends_repeat(self) -> bool: ...

    @property
    def ending(self) -> frozenset[int]: ...

    @property
    def times(self) -> int: ...


def play_order(bars: Sequence[RepeatableBar]) -> list[int]:
    """The indices of the bars in the order in which they are played.

    A repeat is played as often as its last bar or its numbered endings say. It goes back to its
    opening sign, or to the end of the previous repeat.

    Raises:
        DataError: The tune does not end within 20,000 bars.
    """
    order: list[int] = []
    place = start = 0
    turn = 1
    while place < len(bars):
        bar = bars[place]
        leaves_endings = place > 0 and not bar.ending and bars[place - 1].ending
        if place != start and (bar.begins_repeat or (leaves_endings and order)):
            start, turn = place, 1
        if bar.ending and turn not in bar.ending:
            place += 1
            continue
        order.append(place)
        if len(order) > _MAX_BARS:
            raise DataError(f"its repeats make more than {_MAX_BARS} bars")
        if bar.ends_repeat and turn < _turns(bars, place):
            turn, place = turn + 1, start
            continue
        if bar.ends_repeat and not bar.ending:
            start, turn = place + 1, 1
        place += 1
    return order


def _turns(bars: Sequence[RepeatableBar], place: int) -> int:
    """How often the repeat that ends with this bar is played."""
    ending = bars[place].ending
    if not ending:
        return bars[place].times
    last = max(ending)
    more = place + 1 < len(bars) and last + 1 in bars[place + 1].ending
    return last + 1 if more else max(2, last)


@final
@dataclass(frozen=True, slots=True)
class Jump:
    """A D.C. or D.S. direction.

    Args:
        to_segno: Whether it returns to the segno (D.S.), not to the beginning (D.C.).
        target: The sign at which the return ends.
        ending: The ending that the return takes; 0 for the last one.
    """

    to_segno: bool = False
    target: Literal["", "coda", "fine"] = ""
    ending: int = 0

    def __str__(self) -> str:
        target = self.target.capitalize()
        if self.ending:
            target = f"{_ORDINALS.get(self.ending, f'{self.ending}th')} End"
        return ("D.S." if self.to_segno else "D.C.") + (f" al {target}" if target else "")


@final
@dataclass(frozen=True, slots=True)
class WrittenBar:
    """A bar with its signs.

    Args:
        bar: Its meter and changes.
        begins_repeat: Whether a repeat opens before it.
        ends_repeat: Whether a repeat closes after it.
        times: How often a repeat that ends here is played, unless endings say so.
        ending: The passes in which it is played; empty for all.
        section: The section mark before it ("A"); empty for none.
        segno: Whether it has the segno sign.
        coda: Whether a coda sign is before or after it; empty for none.
        jump: The jump after it.
        fine: Whether it has the word Fine.
        last: Whether the tune ends here if there is no jump.
    """

    bar: Bar
    begins_repeat: bool = False
    ends_repeat: bool = False
    times: int = 2
    ending: frozenset[int] = frozenset()
    section: str = ""
    segno: bool = False
    coda: Literal["", "before", "after"] = ""
    jump: Jump | None = None
    fine: bool = False
    last: bool = False


def extend_endings(bars: Sequence[WrittenBar]) -> list[WrittenBar]:
    """The same bars, each ending extended from its mark to the close of its repeat.

    An ending without a closing repeat sign (the last one) is one bar long.
    """
    extended = list(bars)
    for place, bar in enumerate(bars):
        if not bar.ending:
            continue
        end = place
        while end < len(bars) and not bars[end].ends_repeat:
            end += 1
            if end < len(bars) and (bars[end].ending or bars[end].begins_repeat):
                end = len(bars)
        for inner in range(place, end + 1 if end < len(bars) else place + 1):
            extended[inner] = replace(extended[inner], ending=bar.ending)
    return extended


def unfold(bars: Sequence[WrittenBar]) -> tuple[list[int], tuple[str, ...]]:
    """The indices of the bars of one chorus in playing order, and remarks on what is not played.

    The first D.C. or D.S. is followed once, without repeats and with the last ending. A coda
    without a jump belongs to the end of the last chorus and is not part of the form.

    Raises:
        DataError: A sign that a jump needs is missing, or the form does not end.
    """
    _check_endings(bars)
    jumps = [(place, bar.jump) for place, bar in enumerate(bars) if bar.jump]
    if not jumps:
        return _unfold_without_jump(bars)
    place, jump = jumps[0]
    remarks = ("only the first of its D.C. and D.S. signs is followed",) if jumps[1:] else ()
    start = _find_sign(bars, "segno", jump) if jump.to_segno else 0
    order = play_order(bars[: place + 1])
    if jump.target == "fine":
        return order + _return(bars, start, _find_sign(bars, "fine", jump), 0), remarks
    if jump.target == "coda":
        last, coda = _codas(bars, place, jump)
        tail = [coda + number for number in play_order(bars[coda:])]
        return order + _return(bars, start, last, 0) + tail, remarks
    back = _return(bars, start, len(bars) - 1 if jump.ending else place, jump.ending)
    fine = next((number for number, at in enumerate(back) if bars[at].fine), None)
    if fine is not None:
        return order + back[: fine + 1], remarks
    if not any(jump.ending in bars[at].ending for at in back if at > place):
        end = "to the last bar" if jump.ending else "up to that sign"
        remarks = (*remarks, f"there is no Fine for its {jump}: the return is played {end}")
    return order + back, remarks


def _check_endings(bars: Sequence[WrittenBar]) -> None:
    """Raise a DataError for an ending that is never played."""
    jumps = [(at, {bar.jump.ending}) for at, bar in enumerate(bars) if bar.jump]
    for place, bar in enumerate(bars):
        if not bar.ending:
            continue
        passes = _adjacent_endings(bars, place)
        if any(at < place and passes == ending for at, ending in jumps):
            continue
        if passes != set(range(1, max(passes) + 1)):
            numbers = ", ".join(map(str, sorted(passes)))
            raise DataError(f"bar {place + 1} has ending {numbers}, but endings count from 1")
        if passes == {1} and not any(other.ends_repeat for other in bars[place:]):
            raise DataError(f"bar {place + 1} is a first ending, but no repeat ends after it")


def _unfold_without_jump(bars: Sequence[WrittenBar]) -> tuple[list[int], tuple[str, ...]]:
    end = next((place + 1 for place, bar in enumerate(bars) if bar.last), len(bars))
    codas = [place for place, bar in enumerate(bars[:end]) if bar.coda]
    remarks: tuple[str, ...] = ()
    if len(codas) > 1 and bars[codas[-1]].coda == "before":
        end = codas[-1]
        remarks = ("its coda is skipped: it follows only the last chorus",)
    return play_order(bars[:end]), remarks


def _find_sign(bars: Sequence[WrittenBar], sign: str, jump: Jump) -> int:
    for place, bar in enumerate(bars):
        if getattr(bar, sign):
            return place
    raise DataError(f"it has {str(jump)!r}, but no {sign} sign")


def _codas(bars: Sequence[WrittenBar], place: int, jump: Jump) -> tuple[int, int]:
    """The last bar before the jump to the coda, and the first bar of the coda.

    If only the coda is marked, the jump leaves from the bar of the direction.
    """
    signs = [(at, bar.coda) for at, bar in enumerate(bars) if bar.coda]
    coda = signs[-1][0] + (signs[-1][1] == "after") if signs else len(bars)
    if coda >= len(bars):
        raise DataError(f"it has {str(jump)!r}, but no coda sign with bars after it")
    if len(signs) == 1:
        return place, coda
    return signs[0][0] - (signs[0][1] == "before"), coda


def _return(bars: Sequence[WrittenBar], start: int, stop: int, chosen: int) -> list[int]:
    """The bars from ``start`` to ``stop`` without repeats, with ending ``chosen`` or else the last.

    If ``chosen`` is after the jump, separate from the other endings, all bars between them are
    skipped.
    """
    order = []
    resume = start
    for place in range(start, stop + 1):
        ending = bars[place].ending
        passes = _adjacent_endings(bars, place)
        if ending and chosen and place >= resume and chosen not in passes:
            resume = next((n for n in range(place, stop + 1) if chosen in bars[n].ending), place)
        if place >= resume and (not ending or (chosen or max(passes)) in ending):
            order.append(place)
    return order


def _adjacent_endings(bars: Sequence[WrittenBar], place: int) -> set[int]:
    """The passes of all endings that are adjacent around a bar."""
    passes: set[int] = set()
    for step in (-1, 1):
        at = place
        while 0 <= at < len(bars) and bars[at].ending:
            passes |= bars[at].ending
            at += step
    return passes
