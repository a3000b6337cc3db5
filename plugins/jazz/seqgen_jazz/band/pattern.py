"""Patterns: the rhythm of a part in a bar as text, beat by beat: ``X. xx X. xx``."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, final

from seqgen import DataError
from seqgen_jazz.band.meter import BeatGroup

#: The possible numbers of divisions of a beat.
DIVISIONS = (1, 2, 3, 4, 6)
HOLD, REST = "-", "."
#: Factor of the velocity of an accent, a plain stroke and a ghost note.
ACCENTS = {"X": 1.2, "x": 1.0, "o": 0.55}


@final
class Stroke(NamedTuple):
    """A symbol of a pattern over a beat group.

    Args:
        symbol: The symbol.
        beat: The beat of the group.
        start: Tick of the chart.
        end: The tick at which it and the holds after it end.
        on_beat: Whether it is on the beat.
        swings: Whether it is between the halves of a beat, so that swing moves it.
    """

    symbol: str
    beat: int
    start: int
    end: int
    on_beat: bool
    swings: bool


@lru_cache(maxsize=1024)
def parse_pattern(text: str, beats: int, symbols: str) -> tuple[str, ...]:
    """The beats of a pattern; the symbols of a beat divide it evenly.

    Args:
        text: Beats separated by spaces, such as ``X. xx X. xx``; ``x.x`` is a triplet.
        beats: The expected number of beats.
        symbols: The valid symbols, besides ``.`` for a rest and ``-`` for a hold.

    Raises:
        DataError: Another number of beats, an unknown symbol, or a beat in 5 parts.
    """
    found = tuple(text.split())
    if len(found) != beats:
        raise DataError(f"{text!r} has {len(found)} beats; {beats} are expected")
    valid = symbols + HOLD + REST
    for beat in found:
        if len(beat) not in DIVISIONS:
            parts = ", ".join(map(str, DIVISIONS))
            raise DataError(f"{beat!r} in {text!r} has {len(beat)} parts; a beat has {parts}")
        for symbol in beat:
            if symbol not in valid:
                raise DataError(
                    f"{symbol!r} in {text!r} is not a symbol of this part; valid are "
                    f"{' '.join(valid)}"
                )
    return found


def strokes(beats: tuple[str, ...], group: BeatGroup) -> list[Stroke]:
    """The strokes of a pattern over a beat group of as many beats. A beat of three eighths swings
    by itself: two symbols are two eighths and one."""
    found: list[Stroke] = []
    for beat, (symbols, start, length) in enumerate(
        zip(beats, group.starts, group.lengths, strict=True)
    ):
        parts = len(symbols)
        ticks = [start + _offset(part, parts, length) for part in range(parts + 1)]
        for part, symbol in enumerate(symbols):
            if symbol == HOLD and found and found[-1].end == ticks[part]:
                found[-1] = found[-1]._replace(end=ticks[part + 1])
            elif symbol not in (HOLD, REST):
                swings = parts % 2 == 0 and part > 0
                found.append(Stroke(symbol, beat, ticks[part], ticks[part + 1], part == 0, swings))
    return found


def _offset(part: int, parts: int, length: int) -> int:
    """The tick in a beat at which one of its parts begins."""
    if parts == 2 and length % 36 == 0 and part == 1:
        return length * 2 // 3
    return length * part // parts
