"""The events of a MIDI file that symusic does not return: texts, and notes without an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from seqgen_jazz.readers.errors import ReadError, SkipReason
from seqgen_jazz.readers.raw_tune import decode_text

TEXT: Final = 1
LYRIC: Final = 5
MARKER: Final = 6
#: Data bytes of a channel message, by the upper half of its status byte.
_DATA_BYTES: Final = {0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
_SYSTEM_BYTES: Final = {0xF1: 1, 0xF2: 2, 0xF3: 1}


@final
@dataclass(frozen=True, slots=True)
class MidiTexts:
    """``texts`` are ``(tick, kind, text)`` in file order, ``endless`` is the number of notes
    without an end, and ``end`` is the last tick of the longest track."""

    texts: tuple[tuple[int, int, str], ...]
    endless: int
    end: int = 0

    def of_kind(self, kind: int) -> list[tuple[int, str]]:
        """``(tick, text)`` of the texts of one kind."""
        return [(tick, text) for tick, other, text in self.texts if other == kind]


def walk_events(data: bytes) -> MidiTexts:
    """Read the texts of a MIDI file.

    Raises:
        ReadError: Its chunks or events exceed their lengths.
    """
    texts: list[tuple[int, int, str]] = []
    endless = end = 0
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            try:
                open_notes, last = _walk_track(data[at + 8 : at + 8 + size], texts)
            except IndexError as error:
                message = "its events exceed the end of a track"
                raise ReadError(message, SkipReason.DAMAGED) from error
            endless, end = endless + open_notes, max(end, last)
        at += 8 + size
    return MidiTexts(tuple(texts), endless, end)


def _walk_track(body: bytes, texts: list[tuple[int, int, str]]) -> tuple[int, int]:
    """Collect the texts of a track. Returns its number of notes without an end, and its end."""
    at = tick = status = 0
    sounding = [0] * 2048  # by channel and key
    size = len(body)
    while at < size:
        # Most delta times are one byte long and most events are notes: first, for speed.
        byte = body[at]
        at += 1
        if byte >= 0x80:
            byte, at = _number(body, at - 1)
        tick += byte
        byte = body[at]
        if byte >= 0x80:
            status = byte
            at += 1
        kind = status >> 4
        if kind == 0x9 or kind == 0x8:
            key = (status & 0xF) << 7 | body[at] & 0x7F
            if kind == 0x9 and body[at + 1]:
                sounding[key] += 1
            elif sounding[key]:
                sounding[key] -= 1
            at += 2
        elif status == 0xFF:
            ends = body[at] == 0x2F
            at = _meta(body, at, tick, texts)
            if ends:
                break
        elif status in (0xF0, 0xF7):
            length, at = _number(body, at)
            at += length
        else:
            at += _SYSTEM_BYTES.get(status, _DATA_BYTES.get(kind, 0))
    return sum(sounding), tick


def _meta(body: bytes, at: int, tick: int, texts: list[tuple[int, int, str]]) -> int:
    """Collect the text of a meta event with its kind at ``at``; returns the position after it."""
    kind = body[at]
    size, at = _number(body, at + 1)
    if kind in (TEXT, LYRIC, MARKER):
        texts.append((tick, kind, decode_text(body[at : at + size])))
    return at + size


def _number(body: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and the position after it."""
    value = 0
    while True:
        byte = body[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
