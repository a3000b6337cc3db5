"""The plain JSON form of what a file gave: for the cache and for the reader's own process."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from seqgen_jazz.chart import parse_chart
from seqgen_jazz.reading.raw import FileRead
from seqgen_jazz.solo import Note, Solo, check_solo

#: Raised whenever any reader gives other notes or chords for the same file.
READER_VERSION: Final = 3


def dump(read: FileRead) -> dict[str, Any]:
    """The JSON form; ``load`` gives an equal ``FileRead`` back, titles and tempos included."""
    solos = [
        {
            "title": solo.title,
            "tempo": solo.tempo,
            "chart_title": solo.chart.title,
            "chart": solo.chart.text,
            "notes": [[note.onset, note.duration, note.pitch] for note in solo.notes],
        }
        for solo in read.solos
    ]
    return {"solos": solos, "left_out": read.left_out, "counts": dict(read.counts)}


def load(data: dict[str, Any]) -> FileRead:
    """Read ``dump``'s form back and hold every solo against its promises.

    Raises:
        DataError, KeyError, TypeError, ValueError: It is damaged.
    """
    solos = []
    for entry in data["solos"]:
        chart = parse_chart(entry["chart"])
        notes = tuple(Note(int(onset), int(length), int(p)) for onset, length, p in entry["notes"])
        titled = type(chart)(chart.bars, str(entry["chart_title"]))
        solo = Solo(titled, notes, str(entry["title"]), float(entry["tempo"]))
        check_solo(solo)
        solos.append(solo)
    left_out = tuple((str(what), str(why)) for what, why in data["left_out"])
    counts = Counter({str(name): int(count) for name, count in data["counts"].items()})
    return FileRead(tuple(solos), left_out, counts)
