"""Pattern: a bar as text, beat by beat: ``X. xx X. xx``."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, final

from seqgen import DataError

if TYPE_CHECKING:
    from seqgen_jazz.band.meter import Stretch

#: In how many parts a beat may be divided.
DIVISIONS = (1, 2, 3, 4, 6)
HOLD, REST = "-", "."


@final
class Stroke(NamedTuple):
    """One sign of a pattern laid over a stretch of beats.

    Args:
        sign: The sign.
        beat: Which beat of the stretch it lies in.
        start: Tick of the chart.
        end: The tick up to which it and the holds behind it last.
        on_beat: Whether it lies on the beat.
        swings: Whether it lies between the halves of a beat, which swing moves.
    """

    sign: str
    beat: int
    start: int
    end: int
    on_beat: bool
    swings: bool


@lru_cache(maxsize=1024)
def read_pattern(text: str, beats: int, signs: str) -> tuple[str, ...]:
    """The beats of a pattern; the signs of a beat divide it evenly.

    Args:
        text: Beats parted by spaces, such as ``X. xx X. xx``; ``x.x`` is a triplet.
        beats: How many there must be.
        signs: Which signs may stand in it, beside ``.`` for nothing and ``-`` to hold.

    Raises:
        DataError: Another number of beats, an unknown sign, or a beat in 5 parts.
    """
    found = tuple(text.split())
    if len(found) != beats:
        raise DataError(f"{text!r} has {len(found)} beats, {beats} were expected")
    for beat in found:
        if len(beat) not in DIVISIONS:
            parts = ", ".join(map(str, DIVISIONS))
            raise DataError(f"{beat!r} in {text!r} has {len(beat)} parts; a beat has {parts}")
        for sign in beat:
            if sign not in signs + HOLD + REST:
                known = " ".join(signs + HOLD + REST)
                raise DataError(f"{sign!r} in {text!r} is no sign of this part; they are {known}")
    return found


def strokes(beats: tuple[str, ...], stretch: Stretch) -> list[Stroke]:
    """The strokes of a pattern over a stretch with as many beats; a long beat swings by itself:
    in a beat of three eighths two signs are two and one."""
    found: list[Stroke] = []
    for number, (signs, start, length) in enumerate(
        zip(beats, stretch.starts, stretch.lengths, strict=True)
    ):
        for place, sign in enumerate(signs):
            tick = start + _place(place, len(signs), length)
            after = start + _place(place + 1, len(signs), length)
            if sign == HOLD and found and found[-1].end == tick:
                found[-1] = found[-1]._replace(end=after)
            elif sign not in (HOLD, REST):
                swings = len(signs) % 2 == 0 and place > 0
                found.append(Stroke(sign, number, tick, after, place == 0, swings))
    return found


def _place(place: int, parts: int, length: int) -> int:
    """The tick in a beat at which one of its parts begins."""
    if parts == 2 and length % 36 == 0 and place == 1:
        return length * 2 // 3
    return length * place // parts
