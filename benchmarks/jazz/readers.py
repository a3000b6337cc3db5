"""Reading music: MIDI compared with music21, and the second run on a folder, from the cache.

Run ``python -m benchmarks.jazz.readers``; it prints the page and writes
``docs/benchmarks/jazz-reading.md``. It reads the files in the folder ``--data``, by default
``../shared/data``. Times are CPU time, including child processes that read slow files. All figures
of a row are measured in one run, reader by reader for each file.
"""

from __future__ import annotations

import argparse
import os
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

from benchmarks.timing import PAGES, REAL_MUSIC, child_cpu_seconds

PAGE = PAGES / "jazz-reading.md"
ROUNDS = 5
REPEATS = 11
FOLDERS = (
    "jazz",
    "jazz/solos_musicxml",
    "jazz/leadsheets",
    "jazz/tunes_abc",
    "jazz/solos_midi",
    "jazz/tunes_midi",
)


def read_events(path: Path) -> object:
    """The notes, tracks, meters, tempos and texts of a file."""
    return load_midi(path), walk_events(path.read_bytes())


def read_by_music21(path: Path) -> object:
    """The stream of music21, without its cache."""
    from music21 import converter

    return converter.parse(path, forceSource=True, storePickle=False)


def min_cpu_seconds(read: Callable[[Path], object], path: Path, rounds: int) -> float:
    """The minimum CPU seconds of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        read(path)
        times.append(time.process_time() - start)
    return min(times)


def midi_rows(data: Path) -> list[str]:
    """The table of the three readers, one row per folder, with the median ratio within a file."""
    lines = [
        "| files | music21 `converter.parse`, ms per file | events, ms per file "
        "| whole solo, ms per file | music21 : events | music21 : whole solo |",
        "|---|---|---|---|---|---|",
    ]
    for name in ("solos_midi", "tunes_midi"):
        paths = sorted((data / "jazz" / name).glob("*.mid"))
        for read in (read_events, read_file, read_by_music21):
            read(paths[0])  # imports are not timed
        times = [
            (
                min_cpu_seconds(read_by_music21, path, 1),
                min_cpu_seconds(read_events, path, ROUNDS),
                min_cpu_seconds(read_file, path, ROUNDS),
            )
            for path in paths
        ]
        music21, events, solo = (sum(column) for column in zip(*times, strict=True))
        ratios = [statistics.median(row[0] / row[column] for row in times) for column in (1, 2)]
        count = len(paths)
        lines.append(
            f"| {name}, {count} | {1000 * music21 / count:.1f} | {1000 * events / count:.2f} | "
            f"{1000 * solo / count:.2f} | {music21 / events:.0f} (median {ratios[0]:.0f}) | "
            f"{music21 / solo:.0f} (median {ratios[1]:.0f}) |"
        )
    return lines


def folder_rows(data: Path) -> list[str]:
    """The table of first and second runs in one process, one row per folder."""
    lines = [
        "| folder | files | items | skipped | notes | first run, CPU ms | second run, CPU ms "
        "| share | second run, ms per file | second run, µs per note |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    load_corpus(data / "jazz" / "tunes_midi")  # imports are not timed
    for name in FOLDERS:
        first, second, corpus = _time_both_runs(data / name)
        files = sum(path.is_file() for path in (data / name).rglob("*"))
        notes = sum(len(solo.notes) for solo in corpus.items)
        lines.append(
            f"| {name} | {files} | {len(corpus.items)} | {len(corpus.skipped)} | {notes} | "
            f"{1000 * first:.1f} | {1000 * second:.2f} | {second / first:.1%} | "
            f"{1000 * second / files:.3f} | {1e6 * second / notes:.2f} |"
        )
    return lines


def _time_both_runs(folder: Path) -> tuple[float, float, Any]:
    """The median CPU seconds of first and second runs, and the corpus.

    If a first run takes more than a second, there is only one.
    """
    firsts: list[float] = []
    seconds: list[float] = []
    while not firsts or (len(firsts) < REPEATS and firsts[0] < 1):
        with tempfile.TemporaryDirectory() as cache:
            os.environ["SEQGEN_CACHE"] = cache
            first, corpus = _time_loading(folder)
            firsts.append(first)
            seconds += [_time_loading(folder)[0] for _ in range(REPEATS)]
    return statistics.median(firsts), statistics.median(seconds), corpus


def _time_loading(folder: Path) -> tuple[float, Any]:
    """The CPU seconds of this process and its children, and the corpus."""
    start = time.process_time() + child_cpu_seconds()
    corpus = load_corpus(folder)
    return time.process_time() + child_cpu_seconds() - start, corpus


def process_rows(data: Path) -> list[str]:
    """The table of entire processes, which start, import and read, one row per folder."""
    lines = [
        "| folder | no data, CPU s | first run, CPU s | second run, CPU s | share |",
        "|---|---|---|---|---|",
    ]
    for name in FOLDERS:
        empty = statistics.median(_time_process("") for _ in range(ROUNDS))
        with tempfile.TemporaryDirectory() as cache:
            os.environ["SEQGEN_CACHE"] = cache
            first = _time_process(data / name)
            second = statistics.median(_time_process(data / name) for _ in range(ROUNDS))
        lines.append(
            f"| {name} | {empty:.2f} | {first:.2f} | {second:.2f} | {second / first:.0%} |"
        )
    return lines


def _time_process(folder: Path | str) -> float:
    """CPU seconds of a process that reads a folder, or nothing for an empty string."""
    program = (
        "import sys; from pathlib import Path\n"
        "from seqgen_jazz.corpus.load_corpus import load_corpus\n"
        "if sys.argv[1]: load_corpus(Path(sys.argv[1]))"
    )
    start = child_cpu_seconds()
    subprocess.run((sys.executable, "-W", "ignore", "-c", program, str(folder)), check=True)
    return child_cpu_seconds() - start


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
    """The page as Markdown."""
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
    parser.add_argument(
        "--data", type=Path, default=REAL_MUSIC.parent, help="a folder that contains jazz/"
    )
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    if not (options.data / "jazz").is_dir():
        sys.exit(f"folder {options.data / 'jazz'} not found")
    warnings.simplefilter("ignore")
    text = page(options.data)
    print(text)
    if not options.dry:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
