"""The input pipeline's share of a training step, through the trainer's own stream.

Each size trains random items by ``Trainer`` in a process of its own. A step is an epoch's time
over its steps, the median of the epochs behind the first, which traces; the few rows of validation
are in it. A draw is the same epochs drawn from the trainer's stream with nothing trained: what the
stream would cost if none of it ran beside the training. The first draw of a stream, which opens
it, is left out. Run as a module with the name of a size it prints the milliseconds as JSON.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benchmarks.training.page import Share
from benchmarks.training.peers import SIZES, Size

if TYPE_CHECKING:
    from seqgen.training.batches import Batches
    from seqgen.training.trainer import Trainer

EPOCHS = 4
#: Steps of an epoch at each size.
STEPS = {"A": 100, "B": 50, "C": 6}


def shares(sizes: str) -> list[Share]:
    """The share at each size, a process each.

    Raises:
        RuntimeError: A process failed; its output is told.
    """
    found = []
    for name in sizes:
        command = [sys.executable, "-m", "benchmarks.training.pipeline", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stderr.strip()}")
        found.append(Share(**json.loads(done.stdout)))
    return found


def prepared(size: Size, epochs: list[float]) -> tuple[Trainer, Batches]:
    """A trainer of ``size`` that notes the seconds at which its epochs end."""
    from seqgen.models.batch import pad, whole
    from seqgen.models.config import ModelConfig, ModelShape
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN
    from seqgen.training.batches import Batches
    from seqgen.training.config import TrainConfig
    from seqgen.training.steps_per_execution import choose_execution
    from seqgen.training.trainer import Trainer

    vocabulary, items = size.symbols(), size.items()
    batches = Batches(
        items, lambda item: item, vocabulary, batch_size=size.batch, window=256, seed=0
    )
    model = KerasRNN(ModelConfig(units=size.units), ModelShape(vocabulary.size, ()), seed=0)
    config = TrainConfig(epochs=EPOCHS, batch_size=size.batch, patience=EPOCHS)
    validation = [pad([whole(item, vocabulary) for item in items[:4]], vocabulary)]
    execution = choose_execution(
        config, model.config, model.shape, batches.steps, batches.longest, "tensorflow"
    )
    trainer = Trainer(
        model,
        batches,
        validation,
        config,
        execution,
        lambda report: epochs.append(report.seconds),
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


def measured(name: str) -> Share:
    """One size, in this process."""
    from seqgen.training.backend import prepare_backend
    from seqgen.training.data_stream import DataStream

    prepare_backend(0)
    size = replace(next(one for one in SIZES if one.name == name), steps=STEPS[name])
    epochs: list[float] = []
    trainer, batches = prepared(size, epochs)
    count = (EPOCHS - 1) * size.steps
    alone = milliseconds(map(batches.stack, range(count + 1)), count)
    # The trainer's own stream: what ``fit`` is given, several batches a draw.
    at_once = trainer.execution.steps_per_call
    stacks = DataStream(0).stream(trainer._stacks, at_once)
    stream = milliseconds(stacks, count // at_once) / at_once
    trainer.train()
    spans = [later - earlier for earlier, later in pairwise(epochs)]
    return Share(name, alone, stream, 1000 * statistics.median(spans) / size.steps)


if __name__ == "__main__":
    print(json.dumps(asdict(measured(sys.argv[1]))))
