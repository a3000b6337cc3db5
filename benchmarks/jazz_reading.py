"""Reading music: MIDI beside music21, and a folder's second run from the cache.

Run ``python -m benchmarks.jazz_reading``; it prints the figures and writes
``docs/benchmarks/jazz-reading.md``. The files are those of ``--data``, a folder like
``../shared/data`` beside the repository; without one there is nothing to measure. Times are CPU
time, for folders of this process and of those that read slow files for it; all figures of a row
are taken in one run, reader by reader for each file.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqgen_jazz.corpus import load_corpus
from seqgen_jazz.reading.midi import load_midi
from seqgen_jazz.reading.midi_events import walk_events
from seqgen_jazz.reading.reader import read_file

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "benchmarks" / "jazz-reading.md"
ROUNDS = 5
FOLDERS = (
    *("jazz", "jazz/solos_musicxml", "jazz/leadsheets", "jazz/tunes_abc", "jazz/solos_midi"),
    "jazz/tunes_midi",
)


def events(path: Path) -> object:
    """Notes, tracks, meters, tempos and texts of a file."""
    return load_midi(path), walk_events(path.read_bytes())


def music21(path: Path) -> object:
    """music21's stream of the file, its own cache left aside."""
    from music21 import converter

    return converter.parse(path, forceSource=True, storePickle=False)


def cpu(read: Callable[[Path], object], path: Path, rounds: int) -> float:
    """Seconds of CPU time, the least of some rounds."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        read(path)
        times.append(time.process_time() - began)
    return min(times)


def midi_rows(data: Path) -> list[str]:
    """A row a folder: the three readers, and the median ratio within a file."""
    lines = [
        "| files | music21 `converter.parse`, ms a file | events, ms a file "
        "| whole solo, ms a file | music21 : events | music21 : whole solo |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("solos_midi", "tunes_midi"):
        paths = sorted((data / "jazz" / name).glob("*.mid"))
        for read in (events, read_file, music21):
            read(paths[0])  # imports are not reading
        times = [
            (cpu(music21, path, 1), cpu(events, path, ROUNDS), cpu(read_file, path, ROUNDS))
            for path in paths
        ]
        slow, quick, whole = (sum(column) for column in zip(*times, strict=True))
        ratios = [statistics.median(row[0] / row[place] for row in times) for place in (1, 2)]
        count = len(paths)
        lines.append(
            f"| {name}, {count} | {1000 * slow / count:.1f} | {1000 * quick / count:.2f} | "
            f"{1000 * whole / count:.2f} | {slow / quick:.0f} (median {ratios[0]:.0f}) | "
            f"{slow / whole:.0f} (median {ratios[1]:.0f}) |"
        )
    return lines


def folder_rows(data: Path) -> list[str]:
    """A row a folder: the first run, the second one, and the share."""
    lines = [
        "| folder | files | items | left out | first run, CPU s | second run, CPU s "
        "| a file, ms | a note, µs | share |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    load_corpus(data / "jazz" / "tunes_midi")  # imports are not reading
    for name in FOLDERS:
        with tempfile.TemporaryDirectory() as kept:
            os.environ["SEQGEN_CACHE"] = kept
            first, corpus = _spent(data / name)
            second = min(_spent(data / name)[0] for _ in range(ROUNDS))
        files = sum(path.is_file() for path in (data / name).rglob("*"))
        notes = sum(len(solo.notes) for solo in corpus.items)
        lines.append(
            f"| {name} | {files} | {len(corpus.items)} | {len(corpus.left_out)} | {first:.3f} | "
            f"{second:.4f} | {1000 * second / files:.2f} | {1e6 * second / notes:.1f} | "
            f"{second / first:.1%} |"
        )
    return lines


def _spent(folder: Path) -> tuple[float, Any]:
    """CPU seconds of this process and its children, and the corpus."""
    before = _used()
    corpus = load_corpus(folder)
    return _used() - before, corpus


def _used() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


HEAD = """# Reading music

Written by `python -m benchmarks.jazz_reading` on {cores} cores, from real files that lie beside
the repository. Ratios are taken within one run.

## MIDI beside music21
"""
MIDI = """
CPU time. "Events" is what `converter.parse` gives (tracks, notes, meters, tempos, texts), from
symusic and this plugin's walk over the text events, the least of {rounds} rounds. "Whole solo" goes
on to what a model learns from: melody track found, chords read or inferred, line on the grid,
bars, every change counted, the result checked.

## A second run reads from the cache
"""
CACHE = """
CPU time with all libraries loaded, the first run with an empty cache, the second the least of
{rounds}; MusicXML is read by processes of their own, whose time counts. The goal is 5 %. Folders
of MIDI or ABC alone miss it: they are read so fast at first that the notes of an entry take a
larger share, for each note and bar is made and held against its promises again. Either way such
a folder takes a fraction of a second.
"""


def page(data: Path) -> str:
    """The page of figures."""
    head = HEAD.format(cores=os.cpu_count())
    return "\n".join(
        [
            head,
            *midi_rows(data),
            MIDI.format(rounds=ROUNDS),
            *folder_rows(data),
            CACHE.format(rounds=ROUNDS),
        ]
    )


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA, help="a folder with jazz/ in it")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    if not (given.data / "jazz").is_dir():
        sys.exit(f"there is nothing to measure: no folder {given.data / 'jazz'}")
    warnings.simplefilter("ignore")
    text = page(given.data)
    print(text)
    if not given.dry:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
