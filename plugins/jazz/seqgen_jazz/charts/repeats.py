"""The form of a chart: bars as they are written, and the order in which they are played."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from seqgen import DataError
from seqgen_jazz.charts.chart import Bar
from seqgen_jazz.charts.play_order import play_order

_ENDING: Final = re.compile(r"al ([1-9])(?:st|nd|rd|th) End")


@final
@dataclass(frozen=True, slots=True)
class WrittenBar:
    """A bar with the signs that stand at it.

    Args:
        bar: Its meter and changes.
        begins_repeat: A repeat sign opens in front of it.
        ends_repeat: A repeat sign closes behind it.
        times: How often a repeat that ends here is played where no endings say so.
        ending: The passes in which it is played, empty for all.
        section: The mark in front of it ("A"), empty for none.
        segno: The sign stands at it.
        coda: "" for none, "before" when the coda sign stands in front of it, "behind" after it.
        jump: What is said behind it, in these very words: "D.C." or "D.S.", alone or with
            "al Coda", "al Fine" or "al 2nd End"; empty for nothing.
        fine: The word Fine stands at it.
        last: The player stops here when nothing else is said.
    """

    bar: Bar
    begins_repeat: bool = False
    ends_repeat: bool = False
    times: int = 2
    ending: frozenset[int] = frozenset()
    section: str = ""
    segno: bool = False
    coda: str = ""
    jump: str = ""
    fine: bool = False
    last: bool = False


def close_endings(bars: Sequence[WrittenBar]) -> list[WrittenBar]:
    """The same bars, each ending grown from the bar it is marked at to the close of its repeat.

    An ending that no repeat sign closes (the last one) is the one bar.
    """
    grown = list(bars)
    for place, bar in enumerate(bars):
        if not bar.ending:
            continue
        end = place
        while end < len(bars) and not bars[end].ends_repeat:
            end += 1
            if end < len(bars) and (bars[end].ending or bars[end].begins_repeat):
                end = len(bars)
        for inner in range(place, end + 1 if end < len(bars) else place + 1):
            grown[inner] = replace(grown[inner], ending=bar.ending)
    return grown


def unfold(bars: Sequence[WrittenBar]) -> tuple[list[int], tuple[str, ...]]:
    """The indexes of the bars as they are played once through, and remarks on what is not.

    Repeats are played as often as they say; D.C. and D.S. are taken once, with repeats left
    out and the last ending behind them. A coda without either belongs to the end of the last
    chorus, so it is no part of the form.

    Raises:
        DataError: A sign is missing that a jump needs, or the form does not end.
    """
    _check_endings(bars)
    jumps = [place for place, bar in enumerate(bars) if bar.jump]
    if not jumps:
        return _without_jump(bars)
    jump = jumps[0]
    remarks = ("only the first of its D.C. and D.S. signs is played",) if jumps[1:] else ()
    words = bars[jump].jump
    start = 0
    if words.startswith("D.S."):
        start = _first(bars, "segno", words)
    ending = _said_ending(bars[jump])
    taken = int(ending[1]) if ending else 0
    order = play_order(bars[: jump + 1])
    if "Fine" in words:
        stop = _first(bars, "fine", words)
        return order + _once(bars, start, stop, taken), remarks
    if "Coda" in words:
        to, coda = _codas(bars, jump, words)
        tail = [coda + place for place in play_order(bars[coda:])]
        return order + _once(bars, start, to, taken) + tail, remarks
    once = _once(bars, start, jump if not taken else len(bars) - 1, taken)
    ends = next((number for number, place in enumerate(once) if bars[place].fine), None)
    if ends is not None:
        return order + once[: ends + 1], remarks
    if not any(taken in bars[place].ending for place in once if place > jump):
        where = "to the last bar" if taken else "up to that sign"
        remarks = (*remarks, f"no Fine says where it ends behind {words}: it is played {where}")
    return order + once, remarks


def _said_ending(bar: WrittenBar) -> re.Match[str] | None:
    return _ENDING.search(bar.jump)


def _check_endings(bars: Sequence[WrittenBar]) -> None:
    """No ending may be one that is never played, or that no repeat or jump asks for."""
    asked = [(at, {int(said[1])}) for at, bar in enumerate(bars) if (said := _said_ending(bar))]
    for place, bar in enumerate(bars):
        if not bar.ending:
            continue
        passes = _group(bars, place)
        if any(at < place and passes == ending for at, ending in asked):
            continue
        if passes != set(range(1, max(passes) + 1)):
            told = ", ".join(str(number) for number in sorted(passes))
            raise DataError(f"bar {place + 1} has ending {told}, but endings count from 1 on")
        if passes == {1} and not any(other.ends_repeat for other in bars[place:]):
            raise DataError(f"bar {place + 1} is a first ending, but no repeat ends behind it")


def _without_jump(bars: Sequence[WrittenBar]) -> tuple[list[int], tuple[str, ...]]:
    end = next((place + 1 for place, bar in enumerate(bars) if bar.last), len(bars))
    codas = [place for place, bar in enumerate(bars[:end]) if bar.coda]
    remarks: tuple[str, ...] = ()
    if len(codas) > 1 and bars[codas[-1]].coda == "before":
        end = codas[-1]
        remarks = ("its coda is left out: it follows the last chorus only",)
    return play_order(bars[:end]), remarks


def _first(bars: Sequence[WrittenBar], sign: str, words: str) -> int:
    for place, bar in enumerate(bars):
        if getattr(bar, sign):
            return place
    raise DataError(f"it says {words!r}, but there is no {sign} sign")


def _codas(bars: Sequence[WrittenBar], jump: int, words: str) -> tuple[int, int]:
    """The last bar in front of the jump to the coda, and the first bar of the coda.

    Where the coda alone is marked, it is left for from the bar that says so.
    """
    found = [place for place, bar in enumerate(bars) if bar.coda]
    if not found or found[-1] + (bars[found[-1]].coda == "behind") >= len(bars):
        raise DataError(f"it says {words!r}, but there is no coda sign with bars behind it")
    coda = found[-1] + (bars[found[-1]].coda == "behind")
    if len(found) == 1:
        return jump, coda
    return found[0] - (bars[found[0]].coda == "before"), coda


def _once(bars: Sequence[WrittenBar], start: int, stop: int, taken: int) -> list[int]:
    """The bars from ``start`` to ``stop``, repeats once, of endings ``taken`` or else the last.

    Where ``taken`` stands apart from the others, behind the jump, all between them is left out.
    """
    order = []
    apart = start
    for place in range(start, stop + 1):
        ending = bars[place].ending
        if ending and taken and place >= apart and taken not in _group(bars, place):
            apart = next((n for n in range(place, stop + 1) if taken in bars[n].ending), place)
        if place < apart:
            continue
        wanted = taken or max(_group(bars, place), default=0)
        if not ending or wanted in ending:
            order.append(place)
    return order


def _group(bars: Sequence[WrittenBar], place: int) -> set[int]:
    """The passes of all endings that stand side by side around a bar."""
    passes: set[int] = set()
    for step in (-1, 1):
        at = place
        while 0 <= at < len(bars) and bars[at].ending:
            passes |= bars[at].ending
            at += step
    return passes
