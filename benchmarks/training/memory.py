"""Memory against corpus size: peak resident memory of a training of a few steps.

    python -m benchmarks.training.memory [--tokens 1000000 10000000 100000000]

Each size trains in its own process, on a ``TokenDataset`` to which random items are streamed. This
covers the token store, the batches and Keras; ``benchmarks.training.memory_stages`` measures all
of ``seqgen train``. Mapped pages count as resident until the system reclaims them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from seqgen.domains.encoder import Encoded, Vocabulary

LENGTH, SYMBOLS, BATCH, STEPS = 29, 76, 60, 30  # 30 predictions per item


def items(tokens: int) -> Iterator[Encoded]:
    """Random items of ``LENGTH`` tokens, with ``tokens`` predictions in all."""
    rng = np.random.default_rng(0)
    for _ in range(0, tokens, (LENGTH + 1) * 1000):
        for row in rng.integers(0, SYMBOLS, (1000, LENGTH), np.int32):
            yield Encoded(row)


def read_memory() -> dict[str, int]:
    """Peak and current resident memory in MB, as counted by Linux."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) // 1024 for name in ("VmHWM", "RssAnon", "RssFile")}


def train_size(tokens: int) -> None:
    """Train for ``STEPS`` steps on ``tokens`` tokens and print a row."""
    from seqgen.models.sequence_model import ModelShape
    from seqgen.models.share_weight_rnn import ModelConfig
    from seqgen.training.backend import prepare_backend
    from seqgen.training.seeded_batches import Batches

    prepare_backend(0)
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN

    vocabulary = Vocabulary(tuple(map(str, range(SYMBOLS))))
    model = KerasRNN(ModelConfig(), ModelShape(vocabulary.size, ()), seed=0)
    loaded = read_memory()
    start = time.perf_counter()
    batches = Batches(
        items(tokens), lambda item: item, vocabulary, batch_size=BATCH, window=256, seed=0
    )
    build_seconds = time.perf_counter() - start
    network = model.network
    from seqgen.training.optimizer import make_optimizer
    from seqgen.training.train_config import TrainConfig

    network.prepare(make_optimizer(TrainConfig(), STEPS), smoothing=0.0, compiled=False)
    for step in range(STEPS):
        batch = batches.stack(step)
        network.train_on_batch(batch.inputs, batch.targets, batch.weights)
    now = read_memory()
    print(
        f"| {tokens:,} | {loaded['VmHWM']} | {now['VmHWM']} | {now['RssAnon']} | "
        f"{now['RssFile']} | {build_seconds:.1f} |",
        flush=True,
    )


def main() -> None:
    """Print the table, one child process per row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, nargs="*", default=[10**6, 10**7, 10**8])
    parser.add_argument("--child", type=int, help="train on this number of tokens and print a row")
    options = parser.parse_args()
    if options.child:
        train_size(options.child)
        return
    print("| tokens | MB before data | peak MB | anonymous MB | file-backed MB | build, s |")
    print("| --- | --- | --- | --- | --- | --- |", flush=True)
    for tokens in options.tokens:
        subprocess.run([sys.executable, __file__, "--child", str(tokens)], check=True)


if __name__ == "__main__":
    main()
