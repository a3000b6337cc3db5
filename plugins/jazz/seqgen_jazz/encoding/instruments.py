"""Instruments: the range of each one and its General MIDI program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from seqgen import SeqgenError


@final
@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument of the soloist.

    Args:
        name: Its name on the command line.
        low: The lowest note, concert MIDI pitch.
        high: The highest note, concert MIDI pitch, included.
        program: The General MIDI program, from 0.
    """

    name: str
    low: int
    high: int
    program: int


#: From the low E of the double bass, six octaves up: the range of the encoder, because a corpus has
#: solos of every instrument. It sounds as a tenor saxophone.
ANY = Instrument("any", 28, 100, 66)

_TABLE = (
    ANY,
    Instrument("alto-sax", 49, 80, 65),
    Instrument("tenor-sax", 44, 76, 66),
    Instrument("baritone-sax", 37, 68, 67),
    Instrument("trumpet", 52, 82, 56),
    Instrument("muted-trumpet", 52, 82, 59),
    Instrument("trombone", 40, 75, 57),
    Instrument("clarinet", 50, 91, 71),
    Instrument("flute", 60, 96, 73),
    Instrument("guitar", 40, 86, 26),
    Instrument("vibes", 53, 89, 11),
    Instrument("piano", 48, 96, 0),
    Instrument("bass", 28, 55, 32),
)

#: Name -> instrument.
INSTRUMENTS = {instrument.name: instrument for instrument in _TABLE}


def find_instrument(name: str) -> Instrument:
    """The instrument with a name.

    Raises:
        SeqgenError: Names the known ones.
    """
    try:
        return INSTRUMENTS[name]
    except KeyError:
        known = ", ".join(INSTRUMENTS)
        raise SeqgenError(f"unknown instrument {name!r}; known are {known}") from None
