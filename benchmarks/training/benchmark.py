"""Times training beside its peers; writes ``docs/benchmarks/training.md``.

Run ``python -m benchmarks.training.benchmark`` where PyTorch is installed. See ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks.generation.page import machine, versions
from benchmarks.training.page import pipeline_table, speed_table, start_table
from benchmarks.training.peers import CLIP, PEERS, SIZES
from benchmarks.training.pipeline import shares
from benchmarks.training.startup import stages
from benchmarks.training.worker import interleaved
from seqgen.io.files import write_file

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "training.md"
HEAD = """# Training speed beside its peers

Written by `python -m benchmarks.training.benchmark`. One LSTM layer and a readout, random tokens, no
dropout; AdamW, gradients clipped to norm {clip}, in float32. Each peer runs in a process of its
own, as PyTorch loses half of its speed at A beside TensorFlow in one. {threads}, {rounds} rounds
in which every peer runs once, in turning order: medians, in brackets the range. A ratio is taken
within each round. A run of seqgen is a whole epoch of its trainer (batches, callbacks, figures, one
validation row); of PyTorch it is the plain loop. CPU time is that of all threads of the process;
it says what the work costs on a machine that does other things too, wall time what was waited.

{machine}. Load when the run began: {load:.1f}. {versions}.
"""


def main() -> None:
    """Measure, print, write."""
    options = _options()
    load = os.getloadavg()[0]
    one = "One thread each" if options.threads == 1 else f"{options.threads} threads each"
    text = HEAD.format(
        clip=CLIP,
        threads=one,
        rounds=options.rounds,
        machine=machine(),
        load=load,
        versions=versions(),
    )
    keys = [key for key in PEERS if key in options.peers]
    for size in SIZES:
        if size.name in options.sizes:
            named = [(key, PEERS[key][0]) for key in keys]
            found = interleaved(named, size.name, options.rounds, options.threads, options.bound)
            text += "\n" + speed_table(size.title(), found)
    if options.starts:
        text += "\n" + start_table(stages(options.starts))
    if options.pipeline:
        text += "\n" + pipeline_table(shares(options.sizes))
    print(text)
    write_file(options.out, text)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sizes", default="ABC", help="which of A, B and C")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument(
        "--bound", type=float, default=300.0, help="seconds in which a peer must have run once"
    )
    parser.add_argument("--starts", type=int, default=5, help="fresh processes to the first step")
    parser.add_argument(
        "--pipeline", action=argparse.BooleanOptionalAction, default=True, help="its share"
    )
    parser.add_argument("--out", type=Path, default=PAGE)
    return parser.parse_args()


if __name__ == "__main__":
    main()
