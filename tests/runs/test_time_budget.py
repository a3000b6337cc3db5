"""Training with a time budget: a plan gives the same bytes with any clock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqgen import Corpus
from seqgen.runs import train_networks as networks
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.minutes_plan import NAME, Plan
from seqgen.runs.presets import choose_preset
from seqgen.runs.run_config import RunConfig
from seqgen.runs.train import TrainingCallbacks, train_run
from seqgen.runs.training_batches import count_steps, longest_window
from seqgen.training.steps_per_execution import Execution
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import dino_names, dinos
from ..helpers.runs import make_run

pytestmark = pytest.mark.slow

SETTINGS = {"minutes": 1.0, "units": 8, "embedding": 4, "seeds": 2}


class Clock:
    """A clock that advances each time it is read."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


@pytest.fixture(scope="module")
def data() -> RunData:
    config = RunConfig.build(dinos().domain, SETTINGS)
    return prepare_data(dinos().domain, Corpus(dino_names()), config.training)


@pytest.fixture(scope="module")
def train(keras_rnn: ModuleType, data: RunData) -> Any:
    """Train for a minute by a clock into a folder: the plan, the model's digest, how it ended."""

    def train(folder: Path, clock: Clock) -> tuple[Plan, str, str]:
        preset = choose_preset(None, data.card.tokens)
        plans: list[Plan] = []
        callbacks = TrainingCallbacks(plan=plans.append)
        run = make_run(dinos(), data, folder, preset, **SETTINGS)
        trained, _ = train_run(run, callbacks, clock=clock)
        written = (folder / "model.safetensors").read_bytes()
        ended = trained.manifest["training_ended"]["ended"]
        return plans[0], hashlib.sha256(written).hexdigest(), ended

    return train


@dataclass(frozen=True)
class First:
    """A training with a plan of its own.

    Args:
        folder: Its run folder.
        plan: The plan.
        digest: A hash of the model file.
        ended: How the training ended.
        seconds: The seconds that it took by its clock.
        executions: The execution of the probe and of each network.
    """

    folder: Path
    plan: Plan
    digest: str
    ended: str
    seconds: float
    executions: tuple[Execution, ...]


@pytest.fixture(scope="module")
def first(train: Any, tmp_path_factory: pytest.TempPathFactory) -> First:
    """A training that makes its plan, and keeps it in its folder."""
    ran: list[Execution] = []

    class Recorder(networks.Trainer):  # type: ignore[misc]
        """Records the execution of each training."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            ran.append(next(arg for arg in args if isinstance(arg, Execution)))
            super().__init__(*args, **kwargs)

    folder, clock = tmp_path_factory.mktemp("first") / "run", Clock(0.3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networks, "Trainer", Recorder)
        plan, digest, ended = train(folder, clock)
    return First(folder, plan, digest, ended, clock.now, tuple(ran))


@pytest.fixture
def planned(first: First, tmp_path: Path) -> Path:
    """A new run folder with that plan."""
    folder = tmp_path / "planned"
    folder.mkdir()
    (folder / NAME).write_bytes((first.folder / NAME).read_bytes())
    return folder


def test_a_plan_gives_the_same_bytes_with_any_clock(
    train: Any, first: First, planned: Path
) -> None:
    plan = first.plan
    assert not plan.settled
    assert first.ended == "epochs" and plan.networks == 2 and plan.epochs > 1
    assert 0.85 * 60 < first.seconds < 1.15 * 60, "promised a minute"
    again, same, _ = train(planned, Clock(0.1))
    kept = json.loads((first.folder / NAME).read_text())
    assert again.settled and [asdict(change) for change in again.changes] == kept["changes"]
    assert (replace(again, changes=(), settled=False), same) == (plan, first.digest)


def test_the_probe_and_the_training_have_the_same_execution(first: First) -> None:
    assert len(first.executions) == 3 and set(first.executions) == {first.plan.execution}


def test_steps_are_counted_without_batches(data: RunData) -> None:
    for size, window in ((7, 256), (16, 5), (64, 3)):
        config = TrainConfig(batch_size=size, window=window)
        batches = networks.training_batches(dinos(), data, config)
        assert batches.steps == count_steps(data, config, data.split.train)
        assert batches.longest == longest_window(data, config)


def test_training_stops_on_a_slow_machine(train: Any, first: First, planned: Path) -> None:
    plan, clock = first.plan, Clock(1.5)
    _, _, ended = train(planned, clock)
    assert ended == "minutes"
    assert clock.now < plan.training_seconds + 30, "stopped behind the step it was spent in"
    rows = (planned / "history.csv").read_text().splitlines()[1:]
    epochs = {network: sum(row.startswith(network) for row in rows) for network in "12"}
    assert all(0 < count < plan.epochs for count in epochs.values()), "each had its share"
    saved = json.loads((planned / NAME).read_text())
    assert saved["epochs"] == plan.epochs, "the plan stays as it was made"
