"""The networks of a run: which are saved, and why training ended; without Keras."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seqgen import Corpus, SeqgenError
from seqgen.models.numpy_rnn import NumpyRNN
from seqgen.runs import train_networks as networks
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.run_config import RunConfig
from seqgen.runs.train_networks import TrainedNetworks
from seqgen.training.history import EpochReport, Training
from seqgen.training.steps_per_execution import Execution
from seqgen.training.stop_conditions import StopReason

from ..helpers.fakes import dino_names, dinos, random_weights
from ..helpers.runs import make_run

SETTINGS = {"units": 4, "embedding": 3, "seeds": 3}
REPORT = EpochReport(1, 2.0, 2.5, True, 0.5, 0.0, 1)
KEPT = Training((REPORT,), StopReason.EPOCHS)


@pytest.fixture(scope="module")
def data() -> RunData:
    config = RunConfig.build(dinos().domain, SETTINGS)
    return prepare_data(dinos().domain, Corpus(dino_names()), config.training)


@pytest.fixture
def train(
    data: RunData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., TrainedNetworks]:
    """Train networks with fixed results."""

    def kind(config: Any, shape: Any, seed: int) -> NumpyRNN:
        return NumpyRNN(config, shape, random_weights(config, shape, seed))

    def train(*ends: Training, on_cpu: bool = False) -> TrainedNetworks:
        left = iter(ends)
        monkeypatch.setattr(networks, "import_keras_rnn", lambda seed: kind)
        monkeypatch.setattr(networks, "fit", lambda *_: next(left))
        monkeypatch.setattr(networks, "on_cpu", lambda: on_cpu)
        monkeypatch.setattr(networks, "check_backend", lambda execution: None)
        monkeypatch.setattr(networks, "tensorboard_callbacks", lambda *_: ())
        execution = Execution("tensorflow", 4, False, 0)
        run = make_run(dinos(), data, tmp_path, **SETTINGS)
        made = networks.train_networks(run, lambda *_: None, execution=execution)
        assert next(left, None) is None, "each of them was trained"
        return made

    return train


@pytest.mark.parametrize(
    ("ends", "kept", "told"),
    [
        ((KEPT, KEPT, KEPT), 3, "epochs"),
        ((KEPT, Training((), StopReason.DIVERGED), KEPT), 2, "diverged"),
        ((Training((), StopReason.DIVERGED), KEPT, KEPT), 2, "diverged"),
        ((KEPT, KEPT, Training((), StopReason.DIVERGED)), 2, "diverged"),
        ((KEPT, Training((REPORT,), StopReason.DIVERGED), KEPT), 3, "diverged"),
        ((KEPT, Training((), StopReason.INTERRUPTED)), 1, "interrupted"),
        (
            (Training((), StopReason.DIVERGED), Training((REPORT,), StopReason.INTERRUPTED)),
            1,
            "interrupted",
        ),
        ((KEPT, Training((REPORT,), StopReason.MINUTES), KEPT), 3, "minutes"),
    ],
)
def test_networks_with_an_epoch_are_saved(
    train: Callable[..., TrainedNetworks], ends: tuple[Training, ...], kept: int, told: str
) -> None:
    made = train(*ends)
    assert len(made.networks) == len(made.trainings) == kept
    assert made.stop_reason == told


@pytest.mark.parametrize("on_cpu", [True, False])
def test_the_first_network_is_compared_where_products_may_be_rounded(
    train: Callable[..., TrainedNetworks], monkeypatch: pytest.MonkeyPatch, on_cpu: bool
) -> None:
    """Not on the CPU, where it would only make every training begin later."""
    compared = list[Any]()
    monkeypatch.setattr(networks, "check_untrained", lambda *halves: compared.append(halves))
    train(KEPT, KEPT, KEPT, on_cpu=on_cpu)
    assert len(compared) == (0 if on_cpu else 1)


def test_diverged_and_interrupted_networks_are_errors(
    train: Callable[..., TrainedNetworks],
) -> None:
    with pytest.raises(SeqgenError, match=r"not a number in the first epoch: lower --learning-rat"):
        train(*[Training((), StopReason.DIVERGED)] * 3)
    with pytest.raises(KeyboardInterrupt, match="before the first epoch ended"):
        train(Training((), StopReason.INTERRUPTED))
