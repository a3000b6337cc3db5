"""The guide for tunes: full bars in any meter, balanced repeats, one pickup in every section."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, final

import seqgen
from seqgen_tunes.reading import EIGHTH, PITCH, bar_ticks, ticks_of

#: Limits of the number of bars as written; a pickup and the last bar count as one.
FEWEST, MOST = 2, 64


@dataclass(frozen=True)
class Options:
    """Constraints on the tunes."""

    meter: str | None = seqgen.setting(None, 'Meter of every tune ("6/8"); default: any.')
    key: str | None = seqgen.setting(None, 'Key of every tune ("D", "Ador"); default: any.')
    bars: int = seqgen.setting(MOST, "Maximum number of bars as written.", min=FEWEST, max=MOST)

    def __post_init__(self) -> None:
        seqgen.check_settings(self)


class Place(NamedTuple):
    """The state of a row."""

    last: str = "M:"  # kind of the last token; "M:" and "K:" if these must come next
    bar: int = 0  # ticks of a bar
    left: int = 0  # ticks left in this bar
    bars: int = 0  # number of bars that may follow; -1 if this one exceeds the maximum
    pickup: int = -1  # ticks before the first bar line; -1 before it
    repeat: int = 0  # 0 in none, 1 in one, 2 in its first ending
    triplet: int = 0  # remaining notes of a triplet


@final
class TuneGuide(seqgen.RuleGuide[Place]):
    """Allows exactly the tunes in the normal form of ``reading``.

    Every bar has the ticks of its meter. The first may be shorter: a pickup. Then every
    section begins with a pickup of that length and ends where the pickup completes the bar.

    Args:
        vocabulary: The tokens.
        options: The meter, the key and the maximum number of bars.
    """

    def __init__(self, vocabulary: seqgen.Vocabulary, options: Options) -> None:
        symbols, self._bars = vocabulary.symbols, options.bars
        chosen = {"M:": options.meter, "K:": options.key}
        self._fixed = {name: symbols[vocabulary.id(name + of)] for name, of in chosen.items() if of}
        self._pitches = {symbol for symbol in symbols if re.fullmatch(PITCH, symbol)}
        self._lengths = {s: ticks_of(s) for s in symbols if s[0] in "/123456789"}
        sizes = {EIGHTH, *self._lengths.values()}
        longest = max(bar_ticks(symbol[2:]) for symbol in symbols if symbol[:2] == "M:")
        self._sums = {0}  # the ticks that lengths add up to
        for ticks in range(longest + 1):
            self._sums |= {ticks for size in sizes if ticks - size in self._sums}
        ranks = {"||": -3, ":|": -3, ":|2": -3} | dict.fromkeys(self._pitches, -2)
        # Nearest to the end first: closing bar signs, and the longest of the lengths.
        self._near = sorted(symbols, key=lambda s: ranks.get(s, -self._lengths.get(s, 0) / 1e6))
        super().__init__(vocabulary, 8 + 8 * options.bars * longest // min(sizes))

    def first(self) -> Place:
        return Place()

    def kind(self, symbol: str) -> str:
        return "pitch" if symbol in self._pitches else symbol

    def homeward(self, place: Place) -> list[str]:
        return self._near

    def may_end(self, place: Place) -> bool:
        return place.last == "break"

    def after(self, place: Place, symbol: str) -> Iterator[Place]:
        if place.last in ("M:", "K:"):
            if symbol[:2] == place.last and self._fixed.get(place.last, symbol) == symbol:
                bar = bar_ticks(symbol[2:]) if place.last == "M:" else place.bar
                yield Place("K:" if place.last == "M:" else "key", bar, bar, self._bars - 1)
        elif place.last != "pitch":
            yield from self._next(place, symbol)
        elif symbol in self._lengths:
            yield from self._sounded(place, self._lengths[symbol])
        else:  # a note without a length is an eighth
            for sounded in self._sounded(place, EIGHTH):
                yield from self._next(sounded, symbol)

    @staticmethod
    def _sounded(place: Place, ticks: int) -> Iterator[Place]:
        left = place.left - (ticks * 2 // 3 if place.triplet else ticks)
        if left >= 0 <= place.bars:
            yield place._replace(last="note", left=left, triplet=max(place.triplet - 1, 0))

    def _next(self, place: Place, symbol: str) -> Iterator[Place]:
        """After a pitch or sign when no pitch waits for its length."""
        if symbol in self._pitches:
            yield place._replace(last="pitch")
        elif symbol == "(3" and not place.triplet:
            yield place._replace(last="bar", triplet=3)
        elif symbol == "|:" and place.last in ("key", "break"):
            yield place._replace(last="bar", repeat=1)
        elif place.last == "note" and not place.triplet:
            yield from self._barred(place, symbol)

    def _barred(self, place: Place, sign: str) -> Iterator[Place]:
        """After a bar sign that follows a note."""
        full, repeat = place.left == 0, place.repeat
        next_bar = place._replace(last="bar", left=place.bar, bars=place.bars - full)
        if place.pickup < 0:
            if sign == "|" and place.left in self._sums:  # every section ends with these ticks
                yield next_bar._replace(pickup=(place.bar - place.left) % place.bar)
        elif sign == ("||", ":|", ":|2")[repeat] and place.left == place.pickup:
            after = next_bar if full or sign == ":|2" else place
            yield after._replace(last="bar" if sign == ":|2" else "break", repeat=0)
        elif full and (sign == "|" or (sign == "|1" and repeat == 1)):
            yield next_bar._replace(repeat=2 if sign == "|1" else repeat)
