"""Small music files built byte by byte, for the tests of the readers."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

#: Real inputs for experiments, next to the repository; tests that need them skip without them.
SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data"

QUARTER = 480
Event = tuple[int, bytes]


def _length(value: int) -> bytes:
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(0x80 | (value & 0x7F))
    return bytes(reversed(digits))


def track(events: Sequence[Event], end: int = 0) -> bytes:
    """A track of ``(tick, event bytes)``; events at the same tick keep their order."""
    body, at = b"", 0
    for tick, data in sorted(events, key=lambda event: event[0]):
        body += _length(tick - at) + data
        at = tick
    body += _length(max(0, end - at)) + b"\xff\x2f\x00"
    return b"MTrk" + len(body).to_bytes(4, "big") + body


def midi(*tracks: bytes, kind: int = 1) -> bytes:
    """A MIDI file of 480 ticks per quarter."""
    head = kind.to_bytes(2, "big") + len(tracks).to_bytes(2, "big") + QUARTER.to_bytes(2, "big")
    return b"MThd\x00\x00\x00\x06" + head + b"".join(tracks)


def note(start: float, end: float, pitch: int, channel: int = 0) -> list[Event]:
    """A note between two times in quarters; its end precedes other events at its tick."""
    on = (round(start * QUARTER), bytes((0x90 | channel, pitch, 80)))
    return [(round(end * QUARTER), bytes((0x80 | channel, pitch, 0))), on]


def text(quarter: float, words: str, kind: int = 6) -> Event:
    """A text event; 6 is a marker, 3 a track name, 5 a lyric."""
    data = words.encode()
    return round(quarter * QUARTER), bytes((0xFF, kind)) + _length(len(data)) + data


def meter(quarter: float, beats: int, power: int) -> Event:
    """A time signature; its unit is 2 to the ``power``."""
    return round(quarter * QUARTER), bytes((0xFF, 0x58, 4, beats, power, 24, 8))


def musicxml(measures: Sequence[str], *more_parts: Sequence[str]) -> str:
    """A MusicXML score from the inside of each ``<measure>``, in 12 divisions per quarter."""
    parts = [measures, *more_parts]
    names = "".join(
        f'<score-part id="P{number}"><part-name>Part</part-name></score-part>'
        for number in range(len(parts))
    )
    bodies = "".join(
        f'<part id="P{number}">'
        + "".join(f'<measure number="{at}">{inner}</measure>' for at, inner in enumerate(part, 1))
        + "</part>"
        for number, part in enumerate(parts)
    )
    return (
        f'<?xml version="1.0"?><score-partwise version="3.1"><part-list>{names}</part-list>'
        f"{bodies}</score-partwise>"
    )


ATTRIBUTES = (
    "<attributes><divisions>12</divisions><time><beats>4</beats><beat-type>4</beat-type></time>"
    "</attributes>"
)


def xml_note(name: str, duration: int, extra: str = "", tail: str = "") -> str:
    """A note like "Bb4" or "F#5" of a length in divisions; ``extra`` precedes the pitch."""
    alter = {"b": -1, "#": 1}.get(name[1], 0)
    return (
        f"<note>{extra}<pitch><step>{name[0]}</step><alter>{alter}</alter>"
        f"<octave>{name[-1]}</octave></pitch><duration>{duration}</duration>{tail}</note>"
    )


def xml_chord(root: str, kind: str, rest: str = "", words: str = "") -> str:
    """A ``<harmony>`` on a root like "Bb"; ``rest`` contains bass and degrees."""
    alter = {"b": -1, "#": 1}.get(root[1:], 0)
    said = f' text="{words}"' if words else ""
    return (
        f"<harmony><root><root-step>{root[0]}</root-step><root-alter>{alter}</root-alter></root>"
        f"<kind{said}>{kind}</kind>{rest}</harmony>"
    )


def compressed(path: Path, content: str) -> Path:
    """Write MusicXML as an .mxl archive."""
    container = (
        '<?xml version="1.0"?><container><rootfiles><rootfile full-path="score.xml"/>'
        "</rootfiles></container>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("score.xml", content)
    return path
