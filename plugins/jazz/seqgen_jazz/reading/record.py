"""The plain JSON form of what a file gave: for the cache and for the reader's own process."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from seqgen_jazz.chart import Bar, Chart
from seqgen_jazz.chord import parse_chord
from seqgen_jazz.reading.raw import FileRead
from seqgen_jazz.solo import Note, Solo, check_solo

#: Raised whenever any reader gives other notes or chords for the same file.
READER_VERSION: Final = 6


def dump(read: FileRead) -> dict[str, Any]:
    """The JSON form; ``load`` gives an equal ``FileRead`` back, titles and tempos included."""
    solos = [
        {
            "title": solo.title,
            "tempo": solo.tempo,
            "chart_title": solo.chart.title,
            **_dump_bars(solo.chart),
            # Flat, for most of the time of reading an entry goes into its notes.
            "notes": [
                number for note in solo.notes for number in (note.onset, note.duration, note.pitch)
            ],
        }
        for solo in read.solos
    ]
    return {"solos": solos, "left_out": read.left_out, "counts": dict(read.counts)}


def load(data: dict[str, Any]) -> FileRead:
    """Read ``dump``'s form back and hold every solo against its promises.

    Raises:
        DataError, IndexError, KeyError, TypeError, ValueError: It is damaged.
    """
    solos = []
    for entry in data["solos"]:
        chart = Chart(_load_bars(entry), str(entry["chart_title"]))
        numbers = entry["notes"]
        if not {int} >= set(map(type, numbers)) or len(numbers) % 3:
            raise ValueError("a note is no three whole numbers")
        notes = tuple(map(Note, numbers[::3], numbers[1::3], numbers[2::3]))
        solo = Solo(chart, notes, str(entry["title"]), float(entry["tempo"]))
        check_solo(solo)
        solos.append(solo)
    left_out = tuple((str(what), str(why)) for what, why in data["left_out"])
    counts = Counter({str(name): int(count) for name, count in data["counts"].items()})
    return FileRead(tuple(solos), left_out, counts)


def _dump_bars(chart: Chart) -> dict[str, Any]:
    """The distinct bars, each as its meter and changes, and the place of each bar among them; a
    chord is its place among the distinct ones."""
    chords: dict[str, int] = {}
    bars: dict[Bar, int] = {}
    order = [bars.setdefault(bar, len(bars)) for bar in chart.bars]
    written = [
        [*bar.meter, [[at, chords.setdefault(str(c), len(chords))] for at, c in bar.changes]]
        for bar in bars
    ]
    return {"chords": list(chords), "bars": written, "order": order}


def _load_bars(entry: dict[str, Any]) -> tuple[Bar, ...]:
    chords = [parse_chord(text) for text in entry["chords"]]
    bars = []
    for beats, unit, changes in entry["bars"]:
        bar = Bar(tuple((int(at), chords[place]) for at, place in changes), (beats, unit))
        if not all(0 <= at < bar.ticks for at, _ in bar.changes):
            raise ValueError("a change lies outside its bar")
        bars.append(bar)
    return tuple(bars[place] for place in entry["order"])
