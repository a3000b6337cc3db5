"""Training with a time budget: a plan gives the same bytes with any clock."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
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


@pytest.fixture
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


def test_a_plan_gives_the_same_bytes_with_any_clock(train: Any, tmp_path: Path) -> None:
    clock = Clock(0.3)
    plan, digest, ended = train(tmp_path / "one", clock)
    assert not plan.settled
    assert ended == "epochs" and plan.networks == 2 and plan.epochs > 1
    assert 0.85 * 60 < clock.now < 1.15 * 60, "promised a minute"
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / NAME).write_bytes((tmp_path / "one" / NAME).read_bytes())
    again, same, _ = train(tmp_path / "two", Clock(0.1))
    kept = json.loads((tmp_path / "one" / NAME).read_text())
    assert again.settled and [asdict(change) for change in again.changes] == kept["changes"]
    assert (replace(again, changes=(), settled=False), same) == (plan, digest)


def test_the_probe_and_the_training_have_the_same_execution(
    train: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[Execution] = []

    class Recorder(networks.Trainer):  # type: ignore[misc]
        """Records the execution of each training."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            ran.append(next(arg for arg in args if isinstance(arg, Execution)))
            super().__init__(*args, **kwargs)

    monkeypatch.setattr(networks, "Trainer", Recorder)
    plan, _, _ = train(tmp_path / "one", Clock(0.3))
    assert len(ran) == 3 and set(ran) == {plan.execution}


def test_steps_are_counted_without_batches(data: RunData) -> None:
    for size, window in ((7, 256), (16, 5), (64, 3)):
        config = TrainConfig(batch_size=size, window=window)
        batches = networks.training_batches(dinos(), data, config)
        assert batches.steps == count_steps(data, config, data.split.train)
        assert batches.longest == longest_window(data, config)


def test_training_stops_on_a_slow_machine(train: Any, tmp_path: Path) -> None:
    plan, _, _ = train(tmp_path / "fast", Clock(0.3))
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / NAME).write_bytes((tmp_path / "fast" / NAME).read_bytes())
    clock = Clock(1.5)
    _, _, ended = train(tmp_path / "slow", clock)
    assert ended == "minutes"
    assert clock.now < plan.training_seconds + 30, "stopped behind the step it was spent in"
    rows = (tmp_path / "slow" / "history.csv").read_text().splitlines()[1:]
    epochs = {network: sum(row.startswith(network) for row in rows) for network in "12"}
    assert all(0 < count < plan.epochs for count in epochs.values()), "each had its share"
    saved = json.loads((tmp_path / "slow" / NAME).read_text())
    assert saved["epochs"] == plan.epochs, "the plan stays as it was made"
