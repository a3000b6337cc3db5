"""The share of the input pipeline in a training step, measured on the trainer's own stream.

Each size trains on random items in its own process. The time of a step is the time of an epoch
divided by its steps, including a few validation rows: the median of the epochs after the first,
which traces. The time of the stream is that of reading the same batches from the trainer's stream
without training, that is, without overlap; the first read, which opens the stream, is not
included. Run as a module with the name of a size, it prints the milliseconds as JSON.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from benchmarks.timing import run_command
from benchmarks.training.page import PipelineTimes
from benchmarks.training.peers import SIZES, Size

if TYPE_CHECKING:
    from seqgen.training.seeded_batches import Batches
    from seqgen.training.trainer import Trainer

EPOCHS = 4
#: Steps per epoch at each size.
STEPS = {"A": 100, "B": 50, "C": 6}


def measure_sizes(sizes: str) -> list[PipelineTimes]:
    """The times at each size, measured in one process per size."""
    command = [sys.executable, "-m", "benchmarks.training.pipeline"]
    return [PipelineTimes(**json.loads(run_command([*command, name]))) for name in sizes]


def make_trainer(size: Size, epoch_ends: list[float]) -> tuple[Trainer, Batches]:
    """A trainer of ``size`` that appends the seconds at the end of each epoch."""
    from seqgen.models.keras_rnn.keras_rnn import KerasRNN
    from seqgen.models.padded_batch import pad, whole
    from seqgen.models.sequence_model import ModelShape
    from seqgen.models.share_weight_rnn import ModelConfig
    from seqgen.training.seeded_batches import Batches
    from seqgen.training.steps_per_execution import choose_execution
    from seqgen.training.train_config import TrainConfig
    from seqgen.training.trainer import Trainer

    vocabulary, items = size.vocabulary(), size.items()
    batches = Batches(
        items, lambda item: item, vocabulary, batch_size=size.batch, window=256, seed=0
    )
    model = KerasRNN(ModelConfig(units=size.units), ModelShape(vocabulary.size, ()), seed=0)
    config = TrainConfig(epochs=EPOCHS, batch_size=size.batch, patience=EPOCHS)
    validation = [pad([whole(item, vocabulary) for item in items[:4]], vocabulary)]
    execution = choose_execution(
        config, model.config, model.shape, batches.steps, batches.longest, "tensorflow"
    )

    def report(epoch: Any) -> None:
        epoch_ends.append(epoch.seconds)

    return Trainer(model, batches, validation, config, execution, report), batches


def mean_milliseconds(stream: Iterable[Any], count: int) -> float:
    """The mean time of ``count`` reads after the first."""
    iterator = iter(stream)
    next(iterator)
    start = time.perf_counter()
    for _ in range(count):
        next(iterator)
    return 1000 * (time.perf_counter() - start) / count


def measure_size(name: str) -> PipelineTimes:
    """The times at one size, measured in this process."""
    from seqgen.training.backend import prepare_backend
    from seqgen.training.keras_data_stream import DataStream

    prepare_backend(0)
    size = replace(SIZES[name], steps=STEPS[name])
    epoch_ends: list[float] = []
    trainer, batches = make_trainer(size, epoch_ends)
    count = (EPOCHS - 1) * size.steps
    batch = mean_milliseconds(map(batches.stack, range(count + 1)), count)
    # The stream that ``fit`` reads, with several batches per read.
    per_read = trainer.execution.steps_per_call
    stacks = DataStream(0).stream(trainer._stacks, per_read)
    stream = mean_milliseconds(stacks, count // per_read) / per_read
    trainer.train()
    epochs = [later - earlier for earlier, later in pairwise(epoch_ends)]
    return PipelineTimes(name, batch, stream, 1000 * statistics.median(epochs) / size.steps)


if __name__ == "__main__":
    print(json.dumps(asdict(measure_size(sys.argv[1]))))
