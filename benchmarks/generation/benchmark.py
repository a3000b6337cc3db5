"""Times generation compared with its peers; writes ``docs/benchmarks/generation.md``.

Run ``python -m benchmarks.generation.benchmark`` (15 minutes), or with ``--quick`` to check that
it runs. See ``benchmarks/README.md``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.generation.network import Cell
    from benchmarks.generation.targets import Measured
    from benchmarks.timing import Peer, Spread

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks" / "generation.md"
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class Benchmark:
    """One run of the benchmark.

    Args:
        quick: Use few steps and small batches, to check that everything runs.
        tensorflow: Whether to run the peers on TensorFlow.
        rounds: How often each peer is measured.
    """

    def __init__(self, quick: bool, tensorflow: bool, rounds: int) -> None:
        from benchmarks.generation.network import Cell

        self.tensorflow, self.rounds = tensorflow, rounds
        self.seconds, self.replays = (0.001, 60) if quick else (0.2, 10_000)
        full = [(units, batch) for units in (64, 512) for batch in (1, 32, 512)]
        steps, sizes = (20, [(16, 1), (16, 4)]) if quick else (200, full)
        self.cells = [Cell(units, batch, steps) for units, batch in sizes]
        #: Rows whose tokens differ from seqgen's in compiled loops and Keras, by peer and cell.
        self.agreements: dict[str, dict[Cell, str]] = {}

    def measure(self, cell: Cell) -> Measured:
        """Time all peers of one cell."""
        from benchmarks.generation import peers as plain
        from benchmarks.timing import interleave

        print(f"{cell.units} units, batch {cell.batch} ...", file=sys.stderr)
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

        pairs = [
            tf.loop_peer(cell, tf.XLA_TUNED, tuned=True, xla=True),
            tf.loop_peer(cell, tf.XLA, tuned=False, xla=True),
            tf.loop_peer(cell, tf.GRAPH_TUNED, tuned=True, xla=False),
            tf.loop_peer(cell, tf.GRAPH, tuned=False, xla=False),
            tf.keras_peer(cell, plain.CALLED, min(cell.steps, tf.CALLED_STEPS)),
            tf.keras_peer(cell, plain.PREDICTED, min(cell.steps, tf.PREDICTED_STEPS)),
        ]
        ours = plain.seqgen_tokens(cell)
        for peer, tokens in pairs:
            by_cell = self.agreements.setdefault(peer.name, {})
            by_cell[cell] = tf.count_different_rows(cell, ours, tokens)
        return [peer for peer, _ in pairs]


def start_times(model: Path | None, repeats: int, train: bool) -> dict[str, Spread]:
    """The times from the shell; without a model, one is trained for an epoch."""
    from benchmarks.generation.startup import measure_start, train_one_epoch

    if model is not None:
        return measure_start(model, repeats)
    if not train:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        return measure_start(train_one_epoch(Path(folder)), repeats)


def make_page(options: argparse.Namespace) -> str:
    """Measure everything and return the page."""
    from benchmarks.generation import page, targets
    from benchmarks.generation.peers import mean_entropy
    from benchmarks.generation.profile_parts import profile_parts
    from benchmarks.generation.replay import replay

    run = Benchmark(options.quick, not options.no_tensorflow, options.rounds)
    head = page.head(options.rounds, run.cells[0].steps)
    cells = [(cell, run.measure(cell)) for cell in run.cells]
    entropies = {cell.units: mean_entropy(cell) for cell in run.cells}
    parts = [(cell, profile_parts(cell, options.rounds, run.seconds / 4)) for cell in run.cells]
    times = start_times(options.model, 2 if options.quick else 20, run.tensorflow)
    sections = [
        head,
        page.speed_table(cells, entropies),
        page.target_table([*targets.speed_targets(cells), *targets.start_targets(times)]),
        page.compile_table(cells),
        page.agreement_table(run.agreements),
        page.parts_table(parts),
        page.READING,
        page.start_table(times),
        page.replay_table(replay(run.replays, run.tensorflow)),
    ]
    return "\n".join("\n".join([*lines, ""]) for lines in sections if lines)


def main() -> None:
    """Print the page and write it."""
    parser = argparse.ArgumentParser(description="Time generation compared with its peers.")
    parser.add_argument("--quick", action="store_true", help="only check that it runs; no page")
    parser.add_argument("--rounds", type=int, default=None, help="default 9, with --quick 2")
    parser.add_argument("--model", type=Path, help="a dinos model file; default: train one")
    parser.add_argument("--no-tensorflow", action="store_true", help="skip peers on TensorFlow")
    parser.add_argument("--out", type=Path, help=f"default {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    options.rounds = options.rounds or (2 if options.quick else 9)
    # Libraries read these variables when they are loaded, so all imports come after this.
    os.environ.update(dict.fromkeys(THREADS, "1"))
    if not options.no_tensorflow:
        from benchmarks.generation.tensorflow_peers import limit_to_one_thread

        limit_to_one_thread()
    text = make_page(options)
    print(text)
    out = options.out or (None if options.quick else PAGE)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
