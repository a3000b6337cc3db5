"""The costs that the planner of --minutes measures, and Ctrl-C while it does; without Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqgen import Corpus
from seqgen.evaluation.baselines import fit_ngram
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.runs import choose_minutes_plan as planner
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.run_config import RunConfig
from seqgen.training.history import Training
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

from ..helpers.fakes import dino_names, dinos, random_weights
from ..helpers.runs import make_run

SETTINGS = {"minutes": 1.0, "units": 4, "embedding": 3, "batch_size": 2}
EXECUTION = Execution("tensorflow", 4, False, 0)


@pytest.fixture(scope="module")
def data() -> RunData:
    config = RunConfig.build(dinos().domain, SETTINGS)
    return prepare_data(dinos().domain, Corpus(dino_names()), config.training)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Fit:
    """Replaces the training: three epochs, of which the first traces, of three calls each."""

    def __init__(self, ended: StopReason, clock: Clock, patch: pytest.MonkeyPatch) -> None:
        self.ended, self.clock, self.checked = ended, clock, list[Any]()
        patch.setattr(planner, "fit", self.fit)
        patch.setattr(planner, "import_keras_rnn", lambda seed: self.network)
        patch.setattr(planner, "_call_timer", lambda clock, calls: calls)
        patch.setattr(planner, "on_cpu", lambda: False)
        patch.setattr(planner, "certify", lambda *_: {})
        patch.setattr(planner, "check_untrained", lambda *networks: self.checked.append(networks))

    def network(self, config: Any, shape: Any, seed: int) -> NumpyRNN:
        return NumpyRNN(config, shape, random_weights(config, shape, seed))

    def fit(self, *args: Any, callbacks: list[list[list[float]]]) -> Training:
        _, run, _, _, on_epoch, _ = args
        self.items, (calls,) = run.data.split, callbacks
        for seconds in (20.0, 10.0, 8.0):
            calls.append([])
            for _ in range(3):
                self.clock.now += seconds
                calls[-1].append(self.clock.now)
            self.clock.now += 5.0
            on_epoch(None)
        return Training((), self.ended)


def measure(
    data: RunData, ended: StopReason, patch: pytest.MonkeyPatch
) -> tuple[Fit, planner.Costs]:
    """The costs that a fake training leads to."""
    clock = Clock()
    fit = Fit(ended, clock, patch)
    parts = data.part(data.split.train), data.part(data.split.validation)
    ngram = fit_ngram(*parts, data.encoder.vocabulary)
    run = make_run(dinos(), data, Path("none"), **SETTINGS)
    return fit, planner.measure_costs(run, ngram, EXECUTION, clock)


def test_costs_follow_from_the_fastest_epoch(
    data: RunData, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, costs = measure(data, StopReason.EPOCHS, monkeypatch)
    assert len(fit.items.train) == 3 * 4 * 2 and len(fit.items.validation) == 1
    steps = -(-len(data.split.train) // (2 * 4)) * 4
    validation = -(-len(data.split.validation) // 2)
    assert (costs.steps, costs.execution) == (steps, EXECUTION)
    assert costs.epoch == pytest.approx(2.0 * (steps + validation / 3) + 5.0), "2 s a step"
    assert costs.start == pytest.approx(65.0 + 35.0 + 29.0 - 2 * 29.0)
    assert costs.finish == costs.model == 0.0
    assert len(fit.checked) == 1, "rounding devices are checked before training"


def test_ctrl_c_during_planning(data: RunData, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt, match="during planning, so there is no model"):
        measure(data, StopReason.INTERRUPTED, monkeypatch)
