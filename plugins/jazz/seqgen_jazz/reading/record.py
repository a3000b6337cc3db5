"""The stored form of what a file gave: for the cache and from the reader's own process."""

from __future__ import annotations

import json
import sys
from array import array
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any, Final

from seqgen_jazz.chart import Bar, Chart
from seqgen_jazz.chord import parse_chord
from seqgen_jazz.reading.raw import Answer, FileRead
from seqgen_jazz.solo import Note, Solo

#: Raised whenever any reader gives other notes or chords for the same file, or the form changes.
READER_VERSION: Final = 10
#: The types of the numbers of notes, by ``array``: 16 and 32 bits.
_SHORT: Final = "H"
_LONG: Final = "I"
#: How a note is made of a tuple that has its length: quicker than of three numbers.
_NEW: Final[Callable[[type[Note], tuple[int, int, int]], Note]] = tuple.__new__


def dump(answer: Answer) -> bytes:
    """The stored form: a line of JSON and behind it the numbers of all notes, for as text their
    parsing alone would take longer than all the rest.
    """
    if isinstance(answer, str):
        return json.dumps({"error": answer}).encode()
    told: list[dict[str, Any]] = []
    numbers = b""
    for solo in answer.solos:
        kind, own = _dump_notes(solo.notes)
        labels = {"title": solo.title, "tempo": solo.tempo, "chart_title": solo.chart.title}
        told.append({**labels, **_dump_bars(solo.chart), "kind": kind, "bytes": len(own)})
        numbers += own
    head = {"solos": told, "left_out": answer.left_out, "counts": dict(answer.counts)}
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + numbers


def load(content: bytes) -> Answer:
    """Read ``dump``'s form back, with titles and tempos. It was held against its promises when it
    was read; whoever keeps it tells whether it has changed since, as the cache by a digest.

    Raises:
        KeyError, TypeError, ValueError: It is no such form.
    """
    line, _, numbers = content.partition(b"\n")
    head = json.loads(line)
    if "error" in head:
        return str(head["error"])
    solos = []
    start = 0
    for told in head["solos"]:
        chart = Chart(_load_bars(told), told["chart_title"])
        end = start + told["bytes"]
        notes = _load_notes(told["kind"], numbers[start:end])
        solos.append(Solo(chart, notes, told["title"], told["tempo"]))
        start = end
    left_out = tuple((what, why) for what, why in head["left_out"])
    return FileRead(tuple(solos), left_out, Counter(head["counts"]))


def _dump_notes(notes: Sequence[Note]) -> tuple[str, bytes]:
    """The type of the numbers, and onset, duration and pitch of each note."""
    plain = [number for note in notes for number in note]
    kind = _SHORT if max(plain, default=0) < 1 << 16 else _LONG
    return kind, _little_endian(array(kind, plain)).tobytes()


def _load_notes(kind: str, content: bytes) -> tuple[Note, ...]:
    numbers = iter(_little_endian(array(kind, content)))
    return tuple(map(_NEW, repeat(Note), zip(numbers, numbers, numbers, strict=True)))


def _little_endian(numbers: array[int]) -> array[int]:
    """Numbers from the machine's order of bytes to that of the stored form, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def _dump_bars(chart: Chart) -> dict[str, Any]:
    """The distinct chords; the distinct bars, each as its meter and its changes, a chord as its
    place among them; and the place of each bar among the bars."""
    chords: dict[str, int] = {}
    bars: dict[Bar, int] = {}
    order = [bars.setdefault(bar, len(bars)) for bar in chart.bars]
    written = [
        (bar.meter, [(at, chords.setdefault(str(c), len(chords))) for at, c in bar.changes])
        for bar in bars
    ]
    return {"chords": list(chords), "bars": written, "order": order}


def _load_bars(told: dict[str, Any]) -> tuple[Bar, ...]:
    chords = [parse_chord(text) for text in told["chords"]]
    bars = [
        Bar(tuple([(at, chords[place]) for at, place in changes]), (beats, unit))
        for (beats, unit), changes in told["bars"]
    ]
    return tuple(map(bars.__getitem__, told["order"]))
