"""Beams: which of the notes of a bar are joined, and by how many lines.

Decided here because music21's own beams end without a beginning where short notes of several
lengths stand in one group (in 8 of 165 random solos under the guide).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqgen_jazz.output.musicxml.note_values import Sign

_FLAGS = {"eighth": 1, "16th": 2, "32nd": 3, "64th": 4}


def beams(
    signs: Sequence[Sign], rests: Sequence[bool], beat: int, lead: int = 0
) -> list[list[str]]:
    """The beams of each sign as MusicXML names them, the outermost first; [] without beams.

    Notes shorter than a quarter are joined within a beat and up to the next rest.

    Args:
        signs: The signs of a bar in order.
        rests: Whether each is a rest.
        beat: The length of a beat in ticks.
        lead: As for ``cut_bar``.
    """
    found: list[list[str]] = [[] for _ in signs]

    def group(place: int) -> tuple[int, bool]:
        return (lead + signs[place].start) // beat, _flags(signs[place]) > 0 and not rests[place]

    for (_, flagged), places in groupby(range(len(signs)), group):
        run = list(places)
        if flagged and len(run) > 1:
            for level in range(1, 5):
                _join(run, level, signs, found)
    return found


def _join(run: list[int], level: int, signs: Sequence[Sign], found: list[list[str]]) -> None:
    """Add the beams of one level to the notes of a run that have as many flags."""
    for reaches, places in groupby(run, lambda place: _flags(signs[place]) >= level):
        if not reaches:
            continue
        joined = list(places)
        if len(joined) == 1:
            found[joined[0]].append("forward hook" if joined[0] == run[0] else "backward hook")
            continue
        for place in joined:
            ends = {joined[0]: "begin", joined[-1]: "end"}
            found[place].append(ends.get(place, "continue"))


def _flags(sign: Sign) -> int:
    return _FLAGS.get(sign.name or "", 0)
