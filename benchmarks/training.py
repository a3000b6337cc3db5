"""Times training beside its peers; writes ``docs/benchmarks/training.md``.

Run ``python -m benchmarks.training`` where PyTorch is installed. See ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.timing import Peer, Spread
    from benchmarks.training_peers import Size

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks" / "training.md"
HEAD = """# Training speed beside its peers

Written by `python -m benchmarks.training`. One LSTM layer and a readout, random tokens, no
dropout; AdamW, gradients clipped to norm {clip}, in float32. {threads}, {rounds} rounds in which
every peer runs once, in turning order: medians, in brackets the range. A ratio is taken within each
round. A run of seqgen is a whole epoch of its trainer (batches, callbacks, figures, one validation
row); of PyTorch it is the plain loop. CPU time is that of all threads; it says what the work costs
on a machine that does other things too, wall time what was waited.

{machine}. Load when the run began: {load:.1f}. {versions}.
"""


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sizes", default="ABC", help="which of A, B and C")
    parser.add_argument("--loop", default="AB", help="sizes with the explicit loop; C traces long")
    parser.add_argument("--starts", type=int, default=3, help="fresh processes to the first step")
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args()
    load = os.getloadavg()[0]
    _limit_threads(options.threads)
    from benchmarks.generation_page import _machine, _versions
    from benchmarks.training_peers import CLIP, SIZES
    from benchmarks.training_start import stages
    from seqgen.files import write_file

    one = "One thread" if options.threads == 1 else f"{options.threads} threads"
    text = HEAD.format(
        clip=CLIP,
        threads=one,
        rounds=options.rounds,
        machine=_machine(),
        load=load,
        versions=_versions(),
    )
    for size in SIZES:
        if size.name in options.sizes:
            text += "\n" + _table(size, measure(size, size.name in options.loop, options.rounds))
    if options.starts:
        text += "\n" + _start_table(stages(options.starts))
    print(text)
    write_file(options.out, text)


def _limit_threads(threads: int) -> None:
    """Hold TensorFlow and PyTorch to so many threads, and set the backend up as training does."""
    from seqgen.training.backend import prepare_backend

    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
    os.environ["OMP_NUM_THREADS"] = str(threads)
    prepare_backend(0)
    from benchmarks.generation_peers import torch_installed

    if torch_installed():
        import torch  # type: ignore[import-not-found, unused-ignore]

        torch.set_num_threads(threads)


def measure(size: Size, loop: bool, rounds: int) -> list[Peer]:
    """Every peer of a size, timed."""
    from benchmarks.generation_peers import torch_installed
    from benchmarks.timing import interleave
    from benchmarks.training_peers import LOOP, PEERS, TORCH

    wanted = [
        name for name in PEERS if (name != LOOP or loop) and (name != TORCH or torch_installed())
    ]
    peers = [PEERS[name](size) for name in wanted]
    interleave(peers, rounds)
    return peers


def _table(size: Size, peers: list[Peer]) -> str:
    """The figures of one size in Markdown."""
    from benchmarks.timing import Spread

    lines = [
        f"## {size.name}: {size.units} units, vocabulary {size.vocabulary}, length {size.length}, "
        f"batch {size.batch}",
        "",
        "| | tokens a CPU second | tokens a wall second | seqgen's speed over it, CPU | wall | "
        "build and first run, s |",
        "|---|---|---|---|---|---|",
    ]
    ours = peers[0]
    for peer in peers:
        cpu, wall = (_speed(values) for values in (peer.rounds, peer.walls))
        shown = "| |"
        if peer is not ours:
            by_cpu = [a / b for a, b in zip(peer.rounds, ours.rounds, strict=True)]
            by_wall = [a / b for a, b in zip(peer.walls, ours.walls, strict=True)]
            shown = f"{Spread.of(by_cpu)} | {Spread.of(by_wall)} |"
        lines.append(f"| {peer.name} | {cpu} | {wall} | {shown} {peer.compiled:.1f} |")
    return "\n".join(lines) + "\n"


def _speed(microseconds: list[float]) -> Spread:
    from benchmarks.timing import Spread

    return Spread.of([1e6 / value for value in microseconds])


def _start_table(times: dict[str, Spread]) -> str:
    lines = ["## Start to first step, wall seconds", ""]
    lines += ["A fresh process at size A; asked for: under 4 s.", "", "| | seconds |", "|---|---|"]
    lines += [f"| {name} | {spread} |" for name, spread in times.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
