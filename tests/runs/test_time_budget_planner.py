"""The probe of --minutes: what it times, its checkpoint, and Ctrl-C; without Keras."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqgen import Corpus
from seqgen.evaluation.baselines import fit_ngram
from seqgen.models.numpy_rnn.numpy_rnn import NumpyRNN
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.run_config import RunConfig
from seqgen.runs.time_budget import planner
from seqgen.runs.time_budget.planner import EpochSeconds, Probe, Timings
from seqgen.training.checkpoint import Checkpoint
from seqgen.training.history import Training
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

from ..helpers.fakes import dino_names, dinos, random_weights
from ..helpers.runs import make_run, training_state

SETTINGS = {"minutes": 1.0, "units": 4, "embedding": 3}
EXECUTION = Execution("tensorflow", 4, False, 0)


@pytest.fixture(scope="module")
def data() -> RunData:
    config = RunConfig.build(dinos().domain, SETTINGS)
    return prepare_data(dinos().domain, Corpus(dino_names()), config.training)


class Fit:
    """Stands in for the training of the probe: four epochs of two calls each, or none."""

    def __init__(self, ended: str, patch: pytest.MonkeyPatch) -> None:
        self.ended, self.found, self.checked = ended, list[bool](), list[Any]()
        patch.setattr(planner, "fit", self.fit)
        patch.setattr(planner, "import_keras_rnn", lambda seed: self.network)
        patch.setattr(planner.EpochTimer, "callback", lambda timer: timer)
        patch.setattr(planner, "on_cpu", lambda: False)
        patch.setattr(planner, "certify", lambda *_: {})
        patch.setattr(planner, "check_untrained", lambda *halves: self.checked.append(halves))

    def network(self, config: Any, shape: Any, seed: int) -> NumpyRNN:
        return NumpyRNN(config, shape, random_weights(config, shape, seed))

    def fit(self, *args: Any) -> Training:
        checkpoint, (timer,) = args[-2:]
        self.found.append(checkpoint.path.exists())
        checkpoint.save(training_state())
        for _ in range(0 if self.ended == "interrupted" else 4):
            timer.begin_epoch()
            timer.end_call()
            timer.end_call()
            timer.end_epoch()
        return Training((), StopReason(self.ended))


class Seconds:
    """A second passes whenever it is read."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def probe(data: RunData, folder: Path) -> Probe:
    parts = data.part(data.split.train), data.part(data.split.validation)
    ngram = fit_ngram(*parts, data.encoder.vocabulary)
    return Probe(make_run(dinos(), data, folder, **SETTINGS), ngram, Seconds())


def test_a_probe_gives_costs_and_leaves_nothing(
    data: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Fit("epochs", monkeypatch)
    costs = probe(data, tmp_path).costs(EXECUTION)
    assert costs.execution == EXECUTION and costs.steps % 4 == 0
    # So few items that all are in the probe: two seconds for its steps and one for the rest.
    assert costs.epoch == pytest.approx(2.0 + 1.0)
    assert fit.found == [False] and list(tmp_path.iterdir()) == []
    assert len(fit.checked) == 1, "a device that rounds is told before anything is trained"


def test_ctrl_c_in_the_probe_ends_the_command(
    data: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Fit("interrupted", monkeypatch)
    with pytest.raises(KeyboardInterrupt, match="during planning, so there is no model"):
        probe(data, tmp_path).costs(EXECUTION)
    assert list(tmp_path.iterdir()) == []


def test_a_probe_never_goes_on_with_one_that_was_killed(
    data: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = Fit("epochs", monkeypatch)
    path = tmp_path / "probe.safetensors"
    Checkpoint(path, "probe").save(training_state())
    probe(data, tmp_path).costs(EXECUTION)
    assert fit.found == [False]


def test_costs_by_hand() -> None:
    timings = Timings(
        trained_in=20.0,
        # The first traces. Half a second of the steps comes once an epoch, before the first.
        epochs=(EpochSeconds(9.0, 9.0, 2.0), *[EpochSeconds(2.5, 2.0, 1.0)] * 2),
        made=4,
        certificate=3.0,
        network_token=0.02,
        ngram_token=0.01,
    )
    costs = timings.costs(steps=40, scored=100, execution=EXECUTION)
    assert costs.start == 20.0 - 2 * 3.5
    assert costs.epoch == 40 * 2.0 / 4 + 0.5 + 1.0
    assert costs.finish == 3.0 + 2.0 and costs.model == pytest.approx(1.0)
    assert (costs.steps, costs.execution) == (40, EXECUTION)
