"""Times generation beside its peers; writes ``docs/benchmarks/generation.md``.

Run ``python -m benchmarks.generation.benchmark`` (a quarter of an hour), or with ``--quick`` to see that it
runs. See ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.generation.network import Cell
    from benchmarks.generation.targets import Bar, Measured
    from benchmarks.timing import Peer, Spread

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks" / "generation.md"
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Benchmark:
    """One run.

    Args:
        quick: A few steps of small batches, to see that everything runs.
        tensorflow: Whether to run the peers on TensorFlow.
        rounds: How often each peer is measured.
    """

    def __init__(self, quick: bool, tensorflow: bool, rounds: int) -> None:
        from benchmarks.generation.network import Cell

        self.tensorflow, self.rounds = tensorflow, rounds
        self.seconds, self.replays = (0.001, 60) if quick else (0.2, 10_000)
        steps, sizes = (20, [(16, 1), (16, 4)]) if quick else (200, _full_sizes())
        self.cells = [Cell(units, batch, steps) for units, batch in sizes]
        #: How far the tokens of the compiled loops and of Keras agree with seqgen's, by peer and
        #: cell.
        self.agreements: dict[str, dict[Cell, str]] = {}

    def measure(self, cell: Cell) -> Measured:
        """All peers of one cell, timed."""
        from benchmarks.generation import peers as plain
        from benchmarks.timing import interleave

        peers = [
            plain.floor(cell),
            plain.seqgen_peer(cell),
            plain.seqgen_peer(cell, plain.FILTERED, **plain.FILTERS),
        ]
        if self.tensorflow:
            peers += self._tensorflow_peers(cell)
        if plain.torch_installed():
            peers.append(plain.torch_peer(cell))
        interleave(peers, self.rounds, self.seconds)
        return {peer.name: peer for peer in peers}

    def _tensorflow_peers(self, cell: Cell) -> list[Peer]:
        from benchmarks.generation import peers as plain
        from benchmarks.generation import tensorflow_peers as tf

        made = [
            tf.loop_peer(cell, tf.XLA_TUNED, tuned=True, xla=True),
            tf.loop_peer(cell, tf.XLA, tuned=False, xla=True),
            tf.loop_peer(cell, tf.GRAPH_TUNED, tuned=True, xla=False),
            tf.loop_peer(cell, tf.GRAPH, tuned=False, xla=False),
            tf.keras_peer(cell, plain.CALLED, min(cell.steps, tf.CALLED_STEPS)),
            tf.keras_peer(cell, plain.PREDICTED, min(cell.steps, tf.PREDICTED_STEPS)),
        ]
        ours = plain.seqgen_tokens(cell)
        for peer, tokens in made:
            by_cell = self.agreements.setdefault(peer.name, {})
            by_cell[cell] = tf.agreement(cell, ours, tokens)
        return [peer for peer, _ in made]


def _full_sizes() -> list[tuple[int, int]]:
    return [(units, batch) for units in (64, 512) for batch in (1, 32, 512)]


def start_times(model: Path | None, repeats: int, train: bool) -> dict[str, Spread]:
    """The times from the shell; a model is trained for an epoch where none is given."""
    from benchmarks.generation import startup as start

    if model is not None:
        return start.start_times(model, repeats)
    if not train:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        return start.start_times(start.train_briefly(Path(folder)), repeats)


def other_bars(times: Mapping[str, Spread]) -> list[Bar]:
    """The bar of the start."""
    from benchmarks.generation.targets import START_BAR, at_most

    whole = list(times.values())[:1]
    return [at_most(f"shell to first sample: at most {START_BAR} s", s, START_BAR) for s in whole]


def write(options: argparse.Namespace) -> str:
    """Measure everything and give the page."""
    from benchmarks.generation import page as page
    from benchmarks.generation import targets as bars
    from benchmarks.generation.peers import mean_entropy
    from benchmarks.generation.profile_parts import parts
    from benchmarks.generation.replay import replay

    run = Benchmark(options.quick, not options.no_tensorflow, options.rounds)
    head = page.head(options.rounds, run.cells[0].steps)
    cells = [(cell, run.measure(_told(cell))) for cell in run.cells]
    entropies = {cell.units: mean_entropy(cell) for cell in run.cells}
    pieces = [(cell, parts(cell, options.rounds, run.seconds / 4)) for cell in run.cells]
    times = start_times(options.model, 2 if options.quick else 20, run.tensorflow)
    sections: Sequence[Sequence[str]] = [
        head,
        page.speed(cells, entropies),
        page.bar_lines([*bars.speed_bars(cells), *other_bars(times)]),
        page.compiling(cells),
        page.same_work(run.agreements),
        page.parts_lines(pieces),
        page.READING,
        page.start_lines(times),
        page.replay_lines(replay(run.replays, run.tensorflow)),
    ]
    return "\n".join("\n".join([*lines, ""]) for lines in sections if lines)


def _told(cell: Cell) -> Cell:
    """Say on stderr which cell is next: a full run takes minutes."""
    print(f"{cell.units} units, batch {cell.batch} ...", file=sys.stderr)
    return cell


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(description="Time generation beside its peers.")
    parser.add_argument("--quick", action="store_true", help="only see that it runs; no page")
    parser.add_argument("--rounds", type=int, default=None, help="default 9, quick 2")
    parser.add_argument("--model", type=Path, help="a dinos model file; else one is trained")
    parser.add_argument("--no-tensorflow", action="store_true", help="without those peers")
    parser.add_argument("--out", type=Path, help=f"default {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 9)
    # Libraries read these when they are loaded, which is why all imports come later.
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if not options.no_tensorflow:
        from benchmarks.generation.tensorflow_peers import one_thread

        one_thread()
    text = write(options)
    print(text)
    out = options.out or (None if options.quick else PAGE)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
