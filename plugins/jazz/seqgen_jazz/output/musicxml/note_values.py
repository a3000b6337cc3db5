"""Signs: how the notes of a bar are cut into pieces that notation has a sign for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import final

#: The ticks of plain signs, whole note to 32nd, and of dotted ones.
_PLAIN = {96: "whole", 48: "half", 24: "quarter", 12: "eighth", 6: "16th", 3: "32nd"}
_DOTTED = {ticks * 3 // 2: name for ticks, name in _PLAIN.items() if ticks * 3 % 2 == 0}
#: The ticks of signs in a triplet: two thirds of what they are outside.
_TRIPLET = {16: "quarter", 8: "eighth", 4: "16th", 2: "32nd", 1: "64th"}
_TRIPLET_DOTTED = {12: "eighth", 6: "16th", 3: "32nd"}


@final
@dataclass(frozen=True, slots=True)
class Sign:
    """One written note or rest.

    Args:
        start: Tick in the bar.
        ticks: Its length as it sounds.
        name: "whole" to "64th"; None for the rest of a silent bar, which has one sign in any meter.
        dotted: Whether it has a dot.
        window: Start and end of its triplet group, ticks in the bar; None outside triplets.
    """

    start: int
    ticks: int
    name: str | None
    dotted: bool
    window: tuple[int, int] | None = None

    @property
    def end(self) -> int:
        """The tick in the bar at which it ends."""
        return self.start + self.ticks


def cut_bar(
    ends: Sequence[int], rests: Sequence[bool], meter: tuple[int, int], lead: int = 0
) -> list[list[Sign]]:
    """Cut the events of a bar into signs.

    A part of the bar is written in triplets when something begins or ends in it off the grid
    of 32nds; its triplet group is then always whole. Elsewhere the signs show the beats.

    Args:
        ends: The tick in the bar at which each event ends, ascending; the last is the bar's
            end. The first event begins at 0, every other where the one before ends.
        rests: Whether each event is a rest.
        meter: Beats and beat unit, which is at most 32.
        lead: How many ticks are missing at the beginning of a bar of the meter: those of a
            pickup, whose beats are counted from its end. Its silence has the signs of its
            length, none above a half: a silent bar's rest, and a whole one, are read as long as
            the meter says.

    Returns:
        The signs of each event. A note of several signs is tied.
    """
    beat = 36 if meter[1] >= 8 and meter[0] % 3 == 0 and meter[0] > 3 else 24
    edges = [lead + tick for tick in (0, *ends)]
    if list(rests) == [True]:
        silent = (
            _silent_pickup(edges[0], edges[-1], beat) if lead else [Sign(0, ends[0], None, False)]
        )
        return [_earlier(silent, lead)]
    windows = [
        (start, end, _is_triplet(start, end, edges))
        for whole in _windows(edges[-1], 24 if meter[1] <= 4 else 12, lead)
        for start, end in _halves(*whole, edges)
    ]
    cut = []
    for start, end, rest in zip(edges, edges[1:], rests, strict=False):
        signs: list[Sign] = []
        for first, last, in_triplet in _runs(windows):
            here, until = max(start, first), min(end, last)
            if here < until:
                signs += (
                    _triplet_signs(here, until, (first, last))
                    if in_triplet
                    else _plain_signs(here, until, beat, rest)
                )
        cut.append(_earlier(signs, lead))
    return cut


def _earlier(signs: list[Sign], ticks: int) -> list[Sign]:
    """The signs some ticks earlier."""
    return [
        replace(
            sign,
            start=sign.start - ticks,
            window=sign.window and (sign.window[0] - ticks, sign.window[1] - ticks),
        )
        for sign in signs
    ]


def _silent_pickup(start: int, end: int, beat: int) -> list[Sign]:
    cuts = [start, *(tick for tick in range(48, end, 48) if tick > start), end]
    return [
        sign for one, other in pairwise(cuts) for sign in _plain_signs(one, other, beat, rest=True)
    ]


def _windows(end: int, length: int, lead: int) -> list[tuple[int, int]]:
    """The bar in equal windows, with what remains at its end in smaller ones; a pickup, which
    begins at ``lead``, has what remains at its beginning."""
    windows, here, ticks = [], 0, end - lead
    while here < ticks:
        while length > ticks - here:
            length //= 2
        windows.append((end - here - length, end - here) if lead else (here, here + length))
        here += length
    return sorted(windows)


def _halves(start: int, end: int, ends: Sequence[int]) -> list[tuple[int, int]]:
    """A window off the grid in two where one half is on it, so that only the other is bent."""
    middle = (start + end) // 2
    if end - start == 24 and middle in ends:
        return [(start, middle), (middle, end)]
    return [(start, end)]


def _is_triplet(start: int, end: int, ends: Sequence[int]) -> bool:
    return any((tick - start) % 3 for tick in ends if start < tick < end)


def _runs(windows: Sequence[tuple[int, int, bool]]) -> list[tuple[int, int, bool]]:
    """The windows with neighbours outside triplets joined."""
    runs: list[tuple[int, int, bool]] = []
    for start, end, triplet in windows:
        if runs and not triplet and not runs[-1][2]:
            runs[-1] = (runs[-1][0], end, False)
        else:
            runs.append((start, end, triplet))
    return runs


def _triplet_signs(start: int, end: int, window: tuple[int, int]) -> list[Sign]:
    """Greedy: the longest sign of the triplet first."""
    if (start, end) == window:  # nothing begins inside, so nothing is bent
        return _plain_signs(start, end, 24, rest=True)
    signs = []
    table = {**_TRIPLET, **_TRIPLET_DOTTED}
    while start < end:
        ticks = max(ticks for ticks in table if ticks <= end - start)
        signs.append(Sign(start, ticks, table[ticks], ticks in _TRIPLET_DOTTED, window))
        start += ticks
    return signs


def _plain_signs(start: int, end: int, beat: int, rest: bool) -> list[Sign]:
    """The longest sign first that still shows where the beats are."""
    signs = []
    table = {**_PLAIN, **_DOTTED}
    while start < end:
        fitting = [ticks for ticks in table if ticks <= end - start]
        clear = [ticks for ticks in fitting if _shows_beats(start, ticks, beat, rest)]
        ticks = max(clear or [3])
        signs.append(Sign(start, ticks, table[ticks], ticks in _DOTTED))
        start += ticks
    return signs


def _shows_beats(start: int, ticks: int, beat: int, rest: bool) -> bool:
    """Whether a reader still finds the beats when a sign of this length begins here."""
    end, on_beat = start + ticks, start % beat == 0
    if beat == 36:
        # Within its dotted quarter, or whole beats from a beat on.
        within = start // beat == (end - 1) // beat
        return within if not on_beat else (ticks <= beat or ticks in (2 * beat, 4 * beat))
    grid = next(grid for grid in (96, 48, 24, 12, 6, 3) if start % grid == 0)
    if rest:
        return ticks in _PLAIN and ticks <= grid
    if grid < 12 and start // 24 != (end - 1) // 24:
        return False  # sixteenths do not hide a beat
    if grid < 24 and start // 48 != (end - 1) // 48:
        return False  # eighths do not hide the middle of the bar
    if ticks in _DOTTED:
        return grid * 3 >= ticks
    return ticks <= 2 * grid
