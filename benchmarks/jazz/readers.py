"""Reading music: MIDI beside music21, and a folder's second run from the cache.

Run ``python -m benchmarks.jazz.readers``; it prints the figures and writes
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
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqgen_jazz.corpus.load_corpus import load_corpus
from seqgen_jazz.readers.midi import load_midi
from seqgen_jazz.readers.midi_texts import walk_events
from seqgen_jazz.readers.read_file import read_file

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "benchmarks" / "jazz-reading.md"
ROUNDS = 5
REPEATS = 11
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
        "| files | music21 `converter.parse`, ms per file | events, ms per file "
        "| whole solo, ms per file | music21 : events | music21 : whole solo |",
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
        "| folder | files | items | skipped | notes | first run, CPU ms | second run, CPU ms "
        "| share | second run, ms per file | second run, µs per note |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    load_corpus(data / "jazz" / "tunes_midi")  # imports are not reading
    for name in FOLDERS:
        first, second, corpus = _both_runs(data / name)
        files = sum(path.is_file() for path in (data / name).rglob("*"))
        notes = sum(len(solo.notes) for solo in corpus.items)
        lines.append(
            f"| {name} | {files} | {len(corpus.items)} | {len(corpus.skipped)} | {notes} | "
            f"{1000 * first:.1f} | {1000 * second:.2f} | {second / first:.1%} | "
            f"{1000 * second / files:.3f} | {1e6 * second / notes:.2f} |"
        )
    return lines


def _both_runs(folder: Path) -> tuple[float, float, Any]:
    """CPU seconds of a first and a second run, medians, and the corpus; a folder whose first run
    is slow has one of these."""
    firsts: list[float] = []
    seconds: list[float] = []
    while not firsts or (len(firsts) < REPEATS and firsts[0] < 1):
        with tempfile.TemporaryDirectory() as kept:
            os.environ["SEQGEN_CACHE"] = kept
            first, corpus = _spent(folder)
            firsts.append(first)
            seconds += [_spent(folder)[0] for _ in range(REPEATS)]
    return statistics.median(firsts), statistics.median(seconds), corpus


def _spent(folder: Path) -> tuple[float, Any]:
    """CPU seconds of this process and its children, and the corpus."""
    before = _used()
    corpus = load_corpus(folder)
    return _used() - before, corpus


def process_rows(data: Path) -> list[str]:
    """A row a folder: whole processes, which start, import and read."""
    lines = [
        "| folder | no data, CPU s | first run, CPU s | second run, CPU s | share |",
        "|---|---|---|---|---|",
    ]
    for name in FOLDERS:
        empty = statistics.median(_process("") for _ in range(ROUNDS))
        with tempfile.TemporaryDirectory() as kept:
            os.environ["SEQGEN_CACHE"] = kept
            first = _process(data / name)
            second = statistics.median(_process(data / name) for _ in range(ROUNDS))
        lines.append(
            f"| {name} | {empty:.2f} | {first:.2f} | {second:.2f} | {second / first:.0%} |"
        )
    return lines


def _process(folder: Path | str) -> float:
    """CPU seconds of a process that reads a folder, or none."""
    program = (
        "import sys; from pathlib import Path; from seqgen_jazz.corpus.load_corpus import load_corpus\n"
        "if sys.argv[1]: load_corpus(Path(sys.argv[1]))"
    )
    before = _used()
    subprocess.run((sys.executable, "-W", "ignore", "-c", program, str(folder)), check=True)
    return _used() - before


def _used() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


HEAD = """# Reading music

Generated by `python -m benchmarks.jazz.readers` on {cores} cores, from real files that are not
part of the repository. Ratios are computed within one run.

## MIDI compared with music21
"""
MIDI = """
CPU time. "Events" is what `converter.parse` returns (tracks, notes, meters, tempos, texts), from
symusic and this plugin's pass over the text events, the minimum of {rounds} rounds. "Whole solo"
is the complete conversion to a training item: find the melody track, read or infer the chords,
quantize the line, split it into bars, count every change, validate the result.

## Second run, from the cache
"""
CACHE = """
CPU time in a process with all libraries loaded: the first run with an empty cache, the second from
the cache, each the median of at least {repeats}, except that a first run of more than a second
is measured once. MusicXML is read by child processes, whose time is included. The goal is 5 % for
each folder.

A second run opens every file, because the cache key is its hash, and creates all solos and notes.
It does not validate them again; a digest shows whether the cache entry is unchanged.

## Entire processes
"""
WHOLE = """
CPU time of processes that start, import and read once; "no data" and the second run are the
median of {rounds}. There is no goal for this share, because most of a second run is the start of
Python. The rest is reading and a few small imports; symusic and NumPy are not needed.
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
            CACHE.format(repeats=REPEATS),
            *process_rows(data),
            WHOLE.format(rounds=ROUNDS),
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
