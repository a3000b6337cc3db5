"""Chart to files: CPU and wall time of ``seqgen generate`` over 32 bars, and of the writing."""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from seqgen_jazz.band.arrangement import parts
from seqgen_jazz.charts.chart_parser import parse_chart
from seqgen_jazz.corpus.corpus import load_corpus
from seqgen_jazz.encoding.performance import Playing
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.output.audio.wav import synthesised
from seqgen_jazz.output.midi import midi_bytes
from seqgen_jazz.output.musicxml.score import musicxml

from benchmarks.generation.startup import in_python, run
from benchmarks.timing import Spread

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks" / "jazz-play.md"
_A = "Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Fm7 Bb7 | Eb7 Edim7 | Bb6 G7 | "
CHART = f"{_A} Cm7 F7 | {_A} Bb6 | D7 | % | G7 | % | C7 | % | F7 | % | {_A} Bb6"
#: The files that are asked for, by the flags that ask.
CASES = {
    "MIDI and MusicXML, whole band": (),
    "the same with a bass part and lyrics": ("--bass-part", "--lyrics"),
    "the line alone": ("--no-band",),
    "eight takes, the best two of them": ("--takes", "8", "--best", "2"),
    "whole band and WAV": ("--wav",),
    "whole band and pictures": ("--picture",),
}


def from_the_shell(model: Path, repeats: int) -> list[tuple[str, Spread, Spread]]:
    """Name, wall and CPU seconds of a process for each case; the cases take turns."""
    # As of an installed package, whose bytecode is written once.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = tempfile.mkdtemp()
    wall: dict[str, list[float]] = {name: [] for name in CASES}
    spent: dict[str, list[float]] = {name: [] for name in CASES}
    for repeat in range(repeats + 1):
        for name, flags in CASES.items():
            folder = Path(tempfile.mkdtemp())
            number = [] if "--takes" in flags else ["-n", "1"]
            asked = ["--chart", CHART, *number, "--out", str(folder / "out"), *flags]
            start, before = time.perf_counter(), _children()
            run(in_python(["seqgen", "generate", str(model), *asked]))
            if repeat:  # the first time reads files from the disk
                wall[name].append(time.perf_counter() - start)
                spent[name].append(_children() - before)
            shutil.rmtree(folder)
    shutil.rmtree(os.environ.pop("PYTHONPYCACHEPREFIX"))
    return [(name, Spread.of(wall[name]), Spread.of(spent[name])) for name in CASES]


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def writing(repeats: int) -> list[tuple[str, Spread]]:
    """CPU milliseconds of each part of the writing, in one process with its libraries loaded."""
    found = load_corpus(None).items
    line = next(solo for solo in found if len(solo.chart.bars) == 32)
    chart = parse_chart(CHART)
    solo = Solo(chart, line.notes, "", 160.0, "tenor-sax", Playing(form=32, bass_part=True))
    steps: dict[str, Callable[[Solo], object]] = {
        "the parts of the band, with their feel": parts,
        "the MIDI file, parts included": midi_bytes,
        "the MusicXML page, bass included": musicxml,
        "the WAV file by NumPy": synthesised,
    }
    return [(name, _milliseconds(step, solo, repeats)) for name, step in steps.items()]


def _milliseconds(step: Callable[[Solo], object], solo: Solo, repeats: int) -> Spread:
    step(solo)
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        step(solo)
        spent.append(1000 * (time.process_time() - start))
    return Spread.of(spent)


def page(model: Path, repeats: int) -> str:
    """The page of figures."""
    shell = from_the_shell(model, repeats)
    alone = writing(repeats)
    rows = [f"| {name} | {wall} | {spent} |" for name, wall, spent in shell]
    inner = [f"| {name} | {spent} |" for name, spent in alone]
    load = os.getloadavg()[0]
    return "\n".join(
        [
            "# From a chart to files",
            "",
            "Rhythm changes, 32 bars, one solo of a trained model of the default size. Median",
            f"[least-most] of {repeats} runs that took turns. Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, load {load:.1f} when done: where the load is above the",
            "number of cores, wall times are too long and the CPU times are what counts.",
            "",
            "| `seqgen generate MODEL --chart ...` writes | wall s | CPU s |",
            "|---|---|---|",
            *rows,
            "",
            "Of that, in a process that has loaded NumPy:",
            "",
            "| step | CPU ms |",
            "|---|---|",
            *inner,
            "",
            "Made by `python -m benchmarks.jazz.chart_to_files MODEL`.",
            "",
        ]
    )


def main(arguments: Sequence[str]) -> None:
    """Print the page, and write it where it belongs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a jazz model file")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, default=PAGE)
    given = parser.parse_args(arguments)
    text = page(given.model, given.repeats)
    given.out.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
