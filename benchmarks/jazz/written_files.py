"""Written files read by other programs: every chart, style and way to ask.

Run ``python -m benchmarks.jazz.written_files``; it prints the figures and writes
``docs/benchmarks/jazz-files.md``. The solos are of the model that seqgen-jazz ships, by all that
``seqgen generate --out`` does. The charts and readers are those of ``plugins/jazz/tests``, which
hold a part of this with random tokens in every run of the tests.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from itertools import cycle, product
from pathlib import Path
from typing import Any

from seqgen_jazz.encoding.instruments import INSTRUMENTS
from seqgen_jazz.encoding.solo import Solo
from seqgen_jazz.plugin import MODEL

import seqgen

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks" / "jazz-files.md"


@dataclass
class Tally:
    """What was counted of the files of one way to ask."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def sweep(seeds: int) -> dict[str, Tally]:
    """The tallies by way to ask."""
    sys.path.insert(0, str(ROOT / "plugins" / "jazz" / "tests"))
    bands, readers = import_module("bands"), import_module("readers")
    model = seqgen.open_model(MODEL)
    tallies = {way: Tally() for way in bands.WAYS}
    players = cycle(INSTRUMENTS)
    for chart, style in product(bands.CHARTS, bands.STYLES):
        for way, seed in product(bands.WAYS, range(seeds)):
            with tempfile.TemporaryDirectory() as folder:
                given = Path(folder)
                options = bands.asked(chart, style, way, given, seed)
                player = next(players)
                items = model.generate(1, seed=seed, instrument=player, **options)
                paths = model.write(items, given / "out")
                name = f"{chart}, {style}, {way}, {player}, seed {seed}"
                _tally(tallies[way], name, paths, items[0].sample.item, readers)
        print(f"{chart}, {style}", file=sys.stderr, flush=True)
    return tallies


def _tally(tally: Tally, name: str, paths: list[Path], solo: Solo, readers: Any) -> None:
    (midi,) = (path for path in paths if path.suffix == ".mid")
    (page,) = (path for path in paths if path.suffix == ".musicxml")
    counts = tally.counts
    counts["files"] += 1
    counts["notes"] += sum(len(heard) for heard in readers.written_notes(solo).values())
    counts["bars"] += len(solo.chart.bars)
    counts["line"] += len(solo.notes)
    unlike = readers.midi_faults(midi, solo)
    counts.update(name for name in readers.MIDI_READERS if name not in unlike)
    wrong = readers.page_faults(page, solo)
    counts["page"] += not wrong
    tally.faults += [f"{name}: MIDI, {reader}" for reader in unlike]
    tally.faults += [f"{name}: page, {fault}" for fault in wrong]


HEAD = """# Written files read by other programs

Written by `python -m benchmarks.jazz.written_files`: {charts} charts (4/4, 3/4, 5/4, 7/8, 12/8, bars of
1/4 and 3/16, a pickup, slash chords, N.C.) in all {styles} styles, {seeds} seeds each, the
{players} instruments in turn, from the model that seqgen-jazz ships: two choruses from nothing
(plain), two bars of an earlier result anew (redo), two bars answered with two (trade), and played
on from a phrase (prime). Pages of trades have the bass, those from a phrase the words below the
notes.

| asked for | MIDI files | notes in them | as written to symusic {symusic} | to mido {mido} \
| to music21 {music21} | pages | bars | notes of the line | as written to music21 |
|---|---|---|---|---|---|---|---|---|---|
"""
TAIL = """
A MIDI file is as written when each part has the same notes: start and end tick, pitch, velocity,
by program or as drums. A page is as written when music21 takes it, every bar of every part stands
where it belongs and is full, every note of the line has its pitch and begins at most a twelfth of
a beat from where it is played, and every chord symbol stands at its change with its root and bass.

{faults}
"""


def page(tallies: dict[str, Tally], seeds: int) -> str:
    """The page of figures."""
    bands = import_module("bands")
    names = ("files", "notes", "symusic", "mido", "music21", "files", "bars", "line", "page")
    total = Tally(sum((tally.counts for tally in tallies.values()), Counter()))
    rows = [
        "| " + " | ".join([way, *(f"{tally.counts[name]:,}" for name in names)]) + " |"
        for way, tally in {**tallies, "all": total}.items()
    ]
    faults = [f"- {fault}" for tally in tallies.values() for fault in tally.faults]
    head = HEAD.format(
        charts=len(bands.CHARTS),
        styles=len(bands.STYLES),
        seeds=seeds,
        players=len(INSTRUMENTS),
        **{name: version(name) for name in ("symusic", "mido", "music21")},
    )
    found = "\n".join(["Not as written:", "", *faults]) if faults else "Nothing was read otherwise."
    return head + "\n".join(rows) + "\n" + TAIL.format(faults=found)


def main() -> None:
    """Sweep, print the page and write it; status 1 where a file is read otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="solos of each kind")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    tallies = sweep(given.seeds)
    text = page(tallies, given.seeds)
    print(text)
    if not given.dry:
        PAGE.write_text(text, "utf-8")
    sys.exit(any(tally.faults for tally in tallies.values()))


if __name__ == "__main__":
    main()
