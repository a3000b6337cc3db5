"""Training for some minutes: a plan, once made, gives the same bytes whatever the clock says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqgen import Corpus
from seqgen.runs.data import RunData, prepare_data
from seqgen.runs.plan import NAME, Plan
from seqgen.runs.presets import choose_preset
from seqgen.runs.recipe import Recipe
from seqgen.runs.run_folder import RunFolder
from seqgen.runs.train_run import train_run

from .fakes import dino_names, dinos

pytestmark = pytest.mark.slow

FLAGS = {"minutes": 1.0, "units": 8, "embedding": 4, "seeds": 2}


class Clock:
    """Goes on by some seconds whenever it is read."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self.seconds
        return self.now


@pytest.fixture(scope="module")
def data() -> RunData:
    recipe = Recipe.of(dinos().domain, FLAGS)
    return prepare_data(dinos().domain, Corpus(dino_names()), recipe.training)


@pytest.fixture
def train(keras_rnn: ModuleType, data: RunData) -> Any:
    """Train for a minute by a clock into a folder: the plan, the model's digest, how it ended."""

    def run(folder: Path, clock: Clock) -> tuple[Plan, str, str]:
        recipe = Recipe.of(dinos().domain, FLAGS, choose_preset(None, data.card.tokens))
        plans: list[Plan] = []
        trained, _ = train_run(
            dinos(),
            data,
            recipe,
            RunFolder(folder),
            lambda report, network: None,
            on_plan=plans.append,
            clock=clock,
        )
        written = (folder / "model.safetensors").read_bytes()
        ended = trained.manifest["training_ended"]["ended"]
        return plans[0], hashlib.sha256(written).hexdigest(), ended

    return run


def test_a_plan_gives_the_same_bytes_whatever_the_clock_says(train: Any, tmp_path: Path) -> None:
    clock = Clock(0.3)
    plan, digest, ended = train(tmp_path / "one", clock)
    assert ended == "epochs" and plan.networks == 2 and plan.epochs > 1
    assert not (tmp_path / "one" / "probe.safetensors").exists()
    assert clock.now < 1.15 * 60, "promised a minute"
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / NAME).write_bytes((tmp_path / "one" / NAME).read_bytes())
    again, same, _ = train(tmp_path / "two", Clock(0.1))
    assert (again, same) == (plan, digest)


def test_a_machine_that_becomes_slow_is_stopped_in_order(train: Any, tmp_path: Path) -> None:
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
