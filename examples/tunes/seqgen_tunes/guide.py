"""TuneGuide: bars that add up in any meter, repeats that balance, one pickup in every section."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, final

import seqgen
from seqgen_tunes.reading import EIGHTH, PITCH, bar_ticks, ticks_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Bars of a tune as it is written, a pickup and the last bar counted as one.
FEWEST, MOST = 2, 64
SIGNS = ("|", "|:", ":|", "||", "|1", ":|2", "(3")


class Place(NamedTuple):
    """Where a row is: ticks are counted from the bar line before the tune."""

    after: str = "start"  # the kind of the last token: start, meter, key, note, bar or break
    bar: int = 0  # ticks of a bar
    tick: int = 0
    start: int = -1  # where in a bar sections begin; -1 until the first bar line tells
    repeat: int = 0  # 0 in none, 1 in one, 2 in its first ending
    waits: bool = False  # a pitch waits for its length
    triplet: int = 0  # notes of a triplet that are still to end
    each: int = 0  # ticks of each of its notes; 0 before its first


@final
class TuneGuide(seqgen.RowGuide[Place]):
    """Allows exactly the tunes of the normal form that ``reading`` writes.

    Every bar has the ticks of its meter. The first may be shorter: a pickup. Then every
    section begins with a pickup of that length and ends where the pickup completes the bar.
    There are no dead ends: nothing is allowed after which the bar cannot be filled.

    Args:
        vocabulary: The tokens.
        meter, key: The only ones allowed; any when None.
        bars: How many bars there are at most.
    """

    def __init__(
        self, vocabulary: seqgen.Vocabulary, meter: str | None, key: str | None, bars: int = MOST
    ) -> None:
        self._symbols, self._bars = vocabulary.symbols, bars
        self._wanted = {
            f"{name}:": {vocabulary.symbols[vocabulary.id(f"{name}:{value}")]}
            for name, value in (("M", meter), ("K", key))
            if value is not None
        }
        self._lengths = {s: ticks_of(s) for s in self._symbols if s[0] in "/0123456789"}
        kinds = [s if s in SIGNS or s in self._lengths else s[:2] for s in self._symbols]
        self._kinds = ["pitch" if re.fullmatch(PITCH, kind) else kind for kind in kinds]
        sizes = [*self._lengths.values(), EIGHTH]
        self._fills = [True]  # whether so many ticks are a sum of lengths
        for room in range(1, 1 + max(bar_ticks(s[2:]) for s in self._symbols if s[:2] == "M:")):
            self._fills.append(any(size <= room and self._fills[room - size] for size in sizes))
        self._masks: dict[Place, NDArray[np.bool_]] = {}  # a pure cache
        self.max_tokens = 8 + 8 * bars * len(self._fills) // min(sizes)

    def row_start(self) -> Place:
        return Place()

    def row_advance(self, state: Place, token: int) -> Place:
        symbol = [*self._symbols, ""][token]
        if symbol[:2] in ("M:", "K:"):
            bar = bar_ticks(symbol[2:]) if symbol[0] == "M" else state.bar
            return state._replace(after="meter" if symbol[0] == "M" else "break", bar=bar)
        if symbol in self._lengths:
            return self._ended(state, self._lengths[symbol])
        place = self._ended(state, EIGHTH) if state.waits else state
        if symbol == "(3":
            return place._replace(triplet=3, each=0, after="note")
        if symbol in SIGNS:
            return self._after_sign(place, symbol)
        return place._replace(waits=True, after="note")

    @staticmethod
    def _ended(place: Place, ticks: int) -> Place:
        """The place after the length of a note; the first of a triplet takes the time of all."""
        if place.triplet:
            taken = 0 if place.each else 2 * ticks
            left = place.triplet - 1
            return place._replace(
                waits=False, tick=place.tick + taken, triplet=left, each=ticks * (left > 0)
            )
        return place._replace(waits=False, tick=place.tick + ticks)

    @staticmethod
    def _after_sign(place: Place, sign: str) -> Place:
        if sign in (":|", "||"):
            return place._replace(after="break", repeat=0)
        repeat = {"|:": 1, "|1": 2, ":|2": 0}.get(sign, place.repeat)
        tick, start = place.tick, place.start
        if start < 0 and sign == "|":
            tick, start = place.bar, (place.bar - tick) % place.bar
        if sign == ":|2":  # the second ending begins where the first did: with the bar
            tick -= start
        return place._replace(after="bar", repeat=repeat, tick=tick, start=start)

    def row_allowed(self, state: Place) -> NDArray[np.bool_]:
        import numpy as np

        mask = self._masks.get(state)
        if mask is None:
            names = self._names(state)
            wanted = set().union(*(self._wanted.get(name, ()) for name in names))
            picked = [
                kind in names and (not wanted or symbol in wanted)
                for kind, symbol in zip(self._kinds, self._symbols, strict=True)
            ]
            mask = self._masks[state] = np.array([*picked, "" in names])
        return mask

    def _names(self, place: Place) -> set[str]:
        """The symbols allowed; "M:", "K:" and "pitch" for all of a kind, "" for the end."""
        if place.after in ("start", "meter"):
            return {"M:" if place.after == "start" else "K:"}
        if not place.waits:
            return self._next(place)
        fitting = {name for name, ticks in self._lengths.items() if self._fits(place, ticks)}
        short = self._fits(place, EIGHTH)  # an eighth, which needs no length token
        return fitting | (self._next(self._ended(place, EIGHTH)) if short else set())

    def _next(self, place: Place) -> set[str]:
        """What may follow where no note waits for its length."""
        if place.triplet:
            return {"pitch"}
        bar, tick, start = place.bar, place.tick, place.start
        end = self._bars * bar + max(start, 0)
        names: set[str] = {""} if place.after == "break" and tick else set()
        if place.after == "break" and tick < end:
            names.add("|:")
        if place.after == "note":
            names |= self._signs(place, end)
            if tick % bar == 0:
                return names
        sizes = [EIGHTH, *self._lengths.values()]
        note = any(self._fits(place, size) for size in sizes)
        triplet = any(self._fits(place._replace(triplet=3), size) for size in sizes)
        return names | {kind for kind, ok in (("pitch", note), ("(3", triplet)) if ok}

    def _signs(self, place: Place, end: int) -> set[str]:
        """The bar signs that may stand after a note."""
        bar, tick, start = place.bar, place.tick, place.start
        if start < 0:
            return {"|"} if self._fills[bar - tick] and self._fills[tick] else set()
        names = set()
        if tick % bar == 0:
            twice = bar * (start == 0)  # what the second ending needs after the first
            if tick < end - twice * (place.repeat == 2):
                names.add("|")
            if place.repeat == 1 and tick + 2 * twice <= end:
                names.add("|1")
        if tick % bar == start:
            names.add(("||", ":|", ":|2")[place.repeat])
        return names

    def _fits(self, place: Place, ticks: int) -> bool:
        """Whether a note of this length can come now and the bar still be filled."""
        if place.triplet and place.each:
            return ticks == place.each
        end = self._bars * place.bar + max(place.start, 0)
        stop = min((place.tick // place.bar + 1) * place.bar, end)
        left = stop - place.tick - ticks * (2 if place.triplet else 1)
        return left >= 0 and self._fills[left]
