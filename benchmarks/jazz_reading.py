"""Reading music: MIDI beside music21, and a folder's second run from the cache.

Run ``python -m benchmarks.jazz_reading``; it prints the figures and writes
``docs/benchmarks/jazz-reading.md``. The files are those of ``../shared/data``, beside the
repository; without that folder there is nothing to measure. Times are CPU time of this process
for MIDI and wall time for folders, whose slow files are read by processes of their own; all
figures of a row are taken in one run, reader by reader for each file.
"""

from __future__ import annotations

import os
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
    "jazz",
    "jazz/solos_musicxml",
    "jazz/leadsheets",
    "jazz/tunes_abc",
    "jazz/solos_midi",
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


def midi_rows() -> list[str]:
    """A row a folder: the three readers, and the median ratio within a file."""
    lines = [
        "| files | music21 `converter.parse`, ms a file | events, ms a file "
        "| whole solo, ms a file | music21 : events | music21 : whole solo |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("solos_midi", "tunes_midi"):
        paths = sorted((DATA / "jazz" / name).glob("*.mid"))
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


def folder_rows() -> list[str]:
    """A row a folder: the first run, the second one, and the share."""
    lines = [
        "| folder | files | items | left out | first run, s | second run, s | share |",
        "|---|---|---|---|---|---|---|",
    ]
    for name in (
        "jazz",
        "jazz/solos_musicxml",
        "jazz/leadsheets",
        "jazz/tunes_abc",
        "jazz/solos_midi",
    ):
        folder = DATA / name
        with tempfile.TemporaryDirectory() as kept:
            os.environ["SEQGEN_CACHE"] = kept
            times, corpus = [], None
            for _ in range(2):
                began = time.perf_counter()
                corpus = load_corpus(folder)
                times.append(time.perf_counter() - began)
        files = sum(path.is_file() for path in folder.rglob("*"))
        lines.append(_row(name, files, corpus, times))
    return lines


def _row(name: str, files: int, corpus: Any, times: list[float]) -> str:
    first, second = times
    return (
        f"| {name} | {files} | {len(corpus.items)} | {len(corpus.left_out)} | {first:.2f} | "
        f"{second:.3f} | {second / first:.1%} |"
    )


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
Wall time, the first run with an empty cache; MusicXML is read by processes of their own. MIDI and
ABC files are read nearly as fast as their entries in the cache: folders of these alone are read in
a fraction of a second either way, and the share says little.
"""


def page() -> str:
    """The page of figures."""
    head = HEAD.format(cores=os.cpu_count())
    return "\n".join([head, *midi_rows(), MIDI.format(rounds=ROUNDS), *folder_rows(), CACHE])


def main() -> None:
    """Print the page and write it."""
    if not DATA.exists():
        sys.exit(f"there is nothing to measure: no {DATA.relative_to(ROOT.parent)}")
    warnings.simplefilter("ignore")
    text = page()
    print(text)
    if "--dry" not in sys.argv:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
