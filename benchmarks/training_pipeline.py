"""The input pipeline's share of a training step, through the trainer's own stream.

    python benchmarks/training_pipeline.py [--sizes A B C]

Each size trains random items by ``Trainer`` on TensorFlow. A step is an epoch's time over its
steps, the median of the epochs behind the first, which traces; the few rows of validation are in
it. A draw is the same epochs drawn from the trainer's stream with nothing trained: what the
stream would cost if none of it ran beside the training. The first draw of a stream, which opens
it, is left out.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqgen.domains.encoded import Encoded
from seqgen.domains.vocabulary import Vocabulary

if TYPE_CHECKING:
    from seqgen.training.batches import Batches
    from seqgen.training.trainer import Trainer

EPOCHS = 4


@dataclass(frozen=True, slots=True)
class Size:
    """A model and its batches; ``length`` counts predictions, the end token's among them."""

    units: int
    vocabulary: int
    length: int
    batch: int
    steps: int


SIZES = {
    "A": Size(64, 78, 30, 60, 100),
    "B": Size(256, 28, 16, 128, 50),
    "C": Size(512, 128, 128, 64, 6),
}


def prepared(size: Size, epochs: list[float]) -> tuple[Trainer, Batches]:
    """A trainer of ``size`` that notes the seconds at which its epochs end."""
    from seqgen.models.config import ModelConfig, ModelShape
    from seqgen.models.keras_rnn import KerasRNN
    from seqgen.models.windows import pad, whole
    from seqgen.training.batches import Batches
    from seqgen.training.config import TrainConfig
    from seqgen.training.trainer import Trainer

    vocabulary = Vocabulary(tuple(map(str, range(size.vocabulary - 1))))
    rng = np.random.default_rng(0)
    shape = (size.steps * size.batch, size.length - 1)
    items = list(map(Encoded, rng.integers(0, vocabulary.end, shape, np.int32)))
    batches = Batches(
        items, lambda item: item, vocabulary, batch_size=size.batch, window=256, seed=0
    )
    model = KerasRNN(ModelConfig(units=size.units), ModelShape(vocabulary.size, ()), seed=0)
    config = TrainConfig(epochs=EPOCHS, batch_size=size.batch, patience=EPOCHS)
    validation = [pad([whole(item, vocabulary) for item in items[:4]], vocabulary)]
    trainer = Trainer(
        model, batches, validation, config, lambda report: epochs.append(report.seconds)
    )
    return trainer, batches


def milliseconds(draws: Iterable[Any], count: int) -> float:
    """Mean time of ``count`` draws behind the first."""
    stream = iter(draws)
    next(stream)
    began = time.perf_counter()
    for _ in range(count):
        next(stream)
    return 1000 * (time.perf_counter() - began) / count


def child(name: str) -> None:
    """Measure one size and print its row."""
    from seqgen.training.backend import prepare_backend

    prepare_backend(0)
    size, epochs = SIZES[name], list[float]()
    trainer, batches = prepared(size, epochs)
    count = (EPOCHS - 1) * size.steps
    alone = milliseconds(map(batches.batch, range(count + 1)), count)
    # The trainer's own stream: what ``fit`` is given, several batches a draw.
    at_once = trainer._execution.at_once
    stream = milliseconds(trainer._for_backend(trainer._stream, at_once), count // at_once)
    stream /= at_once
    trainer.train()
    step = 1000 * statistics.median(np.diff(epochs).tolist()) / size.steps
    print(
        f"| {name} | {size.units} | {size.vocabulary} | {size.length} | {size.batch} | "
        f"{alone:.2f} | {stream:.2f} | {step:.1f} | {stream / step:.1%} |",
        flush=True,
    )


def main() -> None:
    """Print the table, one child process a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=list(SIZES))
    parser.add_argument("--child", choices=SIZES)
    given = parser.parse_args()
    if given.child:
        child(given.child)
        return
    print(
        "| size | units | vocabulary | length | batch | `Batches.batch`, ms | whole stream, ms | "
        "step, ms | stream over step |"
    )
    print("|" + " --- |" * 9, flush=True)
    for name in given.sizes:
        subprocess.run([sys.executable, __file__, "--child", name], check=True)


if __name__ == "__main__":
    main()
