"""A walk over the raw events of a MIDI file: its texts, and the notes that never end.

symusic gives the notes; it keeps neither text events nor word of notes without an end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from seqgen import DataError

TEXT: Final = 1
LYRIC: Final = 5
MARKER: Final = 6
#: Data bytes that follow a channel message, by the upper half of its status byte.
_DATA_BYTES: Final = {0xA: 2, 0xB: 2, 0xC: 1, 0xD: 1, 0xE: 2}
_SYSTEM_BYTES: Final = {0xF1: 1, 0xF2: 2, 0xF3: 1}


@final
@dataclass(frozen=True, slots=True)
class MidiTexts:
    """``texts`` are ``(tick, kind, text)`` in file order; ``unfinished`` counts open notes, and
    ``end`` is the tick of the last end of a track."""

    texts: tuple[tuple[int, int, str], ...]
    unfinished: int
    end: int = 0


def walk_events(data: bytes) -> MidiTexts:
    """Read the texts of a whole MIDI file.

    Raises:
        DataError: Its chunks or events run over their ends.
    """
    texts: list[tuple[int, int, str]] = []
    unfinished = end = 0
    at = 8 + int.from_bytes(data[4:8], "big")
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == b"MTrk":
            try:
                still_open, last = _walk_track(data[at + 8 : at + 8 + size], texts)
            except IndexError as error:
                raise DataError("its events run over the end of a track") from error
            unfinished, end = unfinished + still_open, max(end, last)
        at += 8 + size
    return MidiTexts(tuple(texts), unfinished, end)


def _walk_track(body: bytes, texts: list[tuple[int, int, str]]) -> tuple[int, int]:
    """Collect a track's texts; gives the number of notes that never end, and where it ends."""
    at = tick = status = 0
    sounding = [0] * 2048  # by channel and key
    size = len(body)
    while at < size:
        # Most times are one byte long and most events notes: those two first, for speed.
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
            done = body[at] == 0x2F
            at = _meta(body, at, tick, texts)
            if done:
                break
        elif status in (0xF0, 0xF7):
            length, at = _number(body, at)
            at += length
        else:
            at += _SYSTEM_BYTES.get(status, _DATA_BYTES.get(kind, 0))
    return sum(sounding), tick


def _meta(body: bytes, at: int, tick: int, texts: list[tuple[int, int, str]]) -> int:
    """The place behind a meta event whose kind stands at ``at``; its text is collected."""
    kind = body[at]
    size, at = _number(body, at + 1)
    if kind in (TEXT, LYRIC, MARKER):
        texts.append((tick, kind, _decode(body[at : at + size])))
    return at + size


def _number(body: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and the place behind it."""
    value = 0
    while True:
        byte = body[at]
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at


def _decode(text: bytes) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        # MIDI names no encoding; in Latin-1 every byte is a letter.
        return text.decode("latin-1")
