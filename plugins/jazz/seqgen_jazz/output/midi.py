"""Write a solo and its band as a MIDI file of type 1.

The bytes are written here, not by mido, which takes 30 ms instead of 1 ms for a solo and its band.
The same events always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, final

from seqgen_jazz.band.arrangement import DRUM_CHANNEL, arrange, section_starts
from seqgen_jazz.band.meter_and_swing import SCALE, TICKS, beat_lengths
from seqgen_jazz.charts.chart import estimate_key
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.encoding.solo_condition import format_solo_line
from seqgen_jazz.output.spelling import Speller, key_signature

TEXT, NAME, MARKER = 1, 3, 6
#: At one tick notes end before others begin, and texts and settings precede both.
_META, _OFF, _PROGRAM, _ON = range(4)


def midi_bytes(solo: Solo, receipt: str = "") -> bytes:
    """A MIDI file of type 1: the solo, and the parts of its band if it has one, each on its own
    channel and program.

    The first track contains tempo, meters and key; chord symbols, choruses and sections as
    markers; and two texts: the notes on the grid (see ``format_solo_line``), from which the
    exact line is read again, and the receipt.

    Args:
        solo: At least one bar long.
        receipt: A line of ASCII text; empty for none.
    """
    tracks = [list(_conductor(solo, receipt))]
    for part in arrange(solo):
        track = [text_event(0, NAME, part.name)]
        if part.channel != DRUM_CHANNEL:
            track.append(program_event(0, part.channel, part.program))
        for start, end, pitch, velocity in part.notes:
            track += note_events(start, end, part.channel, pitch, velocity)
        tracks.append(track)
    return midi_file(tracks, TICKS, solo.chart.ticks * SCALE)


def _conductor(solo: Solo, receipt: str) -> Iterator[Event]:
    chart = solo.chart
    yield text_event(0, NAME, solo.title or chart.title or "Jazz solo")
    yield text_event(0, TEXT, format_solo_line(solo))
    if receipt:
        yield text_event(0, TEXT, receipt)
    yield tempo_event(0, solo.tempo)
    root, minor = estimate_key(chart)
    yield key_event(0, key_signature(root, minor), minor)
    meters = [None, *(bar.meter for bar in chart.bars)]
    for tick, (previous, meter) in zip(chart.bar_starts, pairwise(meters), strict=False):
        if meter is not None and meter != previous:
            yield meter_event(tick * SCALE, *meter, _click(meter))
    for tick, name in form_markers(solo):
        yield text_event(tick * SCALE, MARKER, name)
    speller = Speller(chart)
    for tick, _ in chart.changes:
        yield text_event(tick * SCALE, MARKER, speller.symbol(tick))


def _click(meter: tuple[int, int]) -> int:
    """The length of a beat in 24ths of a quarter note; the unit if beats differ, as in 7/8."""
    lengths = beat_lengths(meter)
    return lengths[0] if len(set(lengths)) == 1 else 96 // meter[1]


def form_markers(solo: Solo) -> list[tuple[int, str]]:
    """``(tick, name)`` of the beginnings of choruses and sections; none if the form is unknown."""
    if solo.performance is None or not solo.performance.form:
        return []
    chart, form = solo.chart, solo.performance.form
    markers = []
    for bar in sorted(section_starts(chart, form)):
        chorus, into = divmod(bar - chart.pickup, form)
        section = ", ".join(name for at, name in chart.section_bars if at == bar)
        name = f"Chorus {chorus + 1}" + (f", bar {into + 1}" if into and not section else "")
        name += f", section {section}" if section else ""
        markers.append((chart.bar_starts[bar], name))
    return markers


@final
class Event(NamedTuple):
    """A message at a tick; events are sorted by tick, then by ``order``."""

    tick: int
    order: int
    data: bytes


def text_event(tick: int, kind: int, content: str) -> Event:
    """A text of a kind, in UTF-8."""
    return _meta(tick, kind, content.encode())


def tempo_event(tick: int, quarters: float) -> Event:
    """A tempo in quarter notes a minute, at least 4."""
    return _meta(tick, 0x51, round(60_000_000 / quarters).to_bytes(3, "big"))


def meter_event(tick: int, beats: int, unit: int, click: int = 24) -> Event:
    """A time signature; the unit is a power of 2.

    Args:
        tick: Its position.
        beats: Number of beats.
        unit: Beat unit.
        click: The interval of metronome clicks, in 24ths of a quarter note.
    """
    return _meta(tick, 0x58, bytes((beats, unit.bit_length() - 1, click, 8)))


def key_event(tick: int, sharps: int, minor: bool) -> Event:
    """A key signature with -7 (flats) to 7 sharps."""
    return _meta(tick, 0x59, bytes((sharps & 0xFF, minor)))


def program_event(tick: int, channel: int, number: int) -> Event:
    """A program change; numbers from 0."""
    return Event(tick, _PROGRAM, bytes((0xC0 | channel, number)))


def note_events(start: int, end: int, channel: int, pitch: int, velocity: int) -> list[Event]:
    """A note from one tick to another."""
    on = Event(start, _ON, bytes((0x90 | channel, pitch, velocity)))
    return [on, Event(end, _OFF, bytes((0x80 | channel, pitch, 0)))]


def midi_file(tracks: Sequence[Iterable[Event]], ticks: int, end: int) -> bytes:
    """A file of type 1.

    Args:
        tracks: The events of each track; events of one tick and order keep their order.
        ticks: Ticks per quarter note.
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
    """A number of variable length: seven bits per byte, the highest first."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | value & 0x7F)
    return bytes(reversed(digits))
