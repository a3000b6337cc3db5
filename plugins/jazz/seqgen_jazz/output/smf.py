"""Standard MIDI files byte by byte: the same events give the same bytes, whatever is installed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, final

TEXT, NAME, MARKER = 1, 3, 6
#: At one tick notes end before others begin, and all else is said before them.
_META, _OFF, _PROGRAM, _ON = range(4)


@final
class Event(NamedTuple):
    """A message at a tick; events sort by tick, then by what has to come first."""

    tick: int
    order: int
    data: bytes


def text(tick: int, kind: int, words: str) -> Event:
    """A text of some kind, in UTF-8."""
    return _meta(tick, kind, words.encode())


def tempo(tick: int, quarters: float) -> Event:
    """Quarter notes a minute, from 4 up."""
    return _meta(tick, 0x51, round(60_000_000 / quarters).to_bytes(3, "big"))


def meter(tick: int, upper: int, unit: int, click: int = 24) -> Event:
    """A time signature; the unit is a power of 2.

    Args:
        tick: Where it stands.
        upper: Beats.
        unit: Beat unit.
        click: How far the clicks of a metronome are apart, in 24ths of a quarter.
    """
    return _meta(tick, 0x58, bytes((upper, unit.bit_length() - 1, click, 8)))


def key(tick: int, sharps: int, minor: bool) -> Event:
    """A key signature: sharps from -7 (flats) to 7."""
    return _meta(tick, 0x59, bytes((sharps & 0xFF, minor)))


def program(tick: int, channel: int, number: int) -> Event:
    """A program change; numbers from 0."""
    return Event(tick, _PROGRAM, bytes((0xC0 | channel, number)))


def note(start: int, end: int, channel: int, pitch: int, velocity: int) -> list[Event]:
    """A note from one tick to another."""
    on = Event(start, _ON, bytes((0x90 | channel, pitch, velocity)))
    return [on, Event(end, _OFF, bytes((0x80 | channel, pitch, 0)))]


def midi_file(tracks: Sequence[Iterable[Event]], ticks: int, end: int) -> bytes:
    """A file of type 1.

    Args:
        tracks: The events of each track; those at one tick and of one order stay in theirs.
        ticks: Of a quarter note.
        end: The tick at which every track ends.
    """
    head = b"".join(number.to_bytes(2, "big") for number in (1, len(tracks), ticks))
    chunks = [(b"MThd", head), *((b"MTrk", _track(events, end)) for events in tracks)]
    return b"".join(kind + len(body).to_bytes(4, "big") + body for kind, body in chunks)


def _track(events: Iterable[Event], end: int) -> bytes:
    body, now = bytearray(), 0
    for event in sorted(events, key=lambda one: one[:2]):
        body += _number(event.tick - now) + event.data
        now = event.tick
    return bytes(body) + _number(max(0, end - now)) + b"\xff\x2f\x00"


def _meta(tick: int, kind: int, data: bytes) -> Event:
    return Event(tick, _META, bytes((0xFF, kind)) + _number(len(data)) + data)


def _number(value: int) -> bytes:
    """A number of variable length: seven bits a byte, the highest first."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))
