"""Optimizers, learning-rate schedules and callbacks of the user, from Python and by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqgen as sg
from seqgen.models.model_file import read_manifest
from seqgen.training.train_config import OPTIMIZERS, TrainConfig

from ..conftest import Run
from ..helpers.fakes import dino_names

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {"units": 8, "embedding": 4, "progress": False}
NAMES = dino_names()


class Halving(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Halves the rate every ten steps."""

    def __call__(self, step: Any) -> Any:
        return 0.02 * 0.5 ** keras.ops.cast(step // 10, "float32")

    def get_config(self) -> dict[str, Any]:
        return {}


class SignDescent(keras.optimizers.Optimizer):  # type: ignore[misc]
    """Follows the sign of the gradient, with a sum of all signs as its state."""

    def build(self, variables: list[Any]) -> None:
        if not self.built:
            super().build(variables)
            self.sums = [self.add_variable_from_reference(v, name="sum") for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        total = self.sums[self._get_variable_index(variable)]
        self.assign_add(total, keras.ops.sign(gradient))
        rate = keras.ops.cast(learning_rate, variable.dtype)
        self.assign_sub(variable, rate * keras.ops.sign(total))


class Notes(keras.callbacks.Callback):  # type: ignore[misc]
    """Notes the epochs and the learning rates; Ctrl-C at the end of an epoch."""

    def __init__(self, interrupt_at: int | None = None, stop_at: int | None = None) -> None:
        super().__init__()
        self.interrupt_at, self.stop_at = interrupt_at, stop_at
        self.epochs: list[int] = []
        self.rates: list[float] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        assert {"nats", "val_nats"} <= set(logs)
        self.epochs.append(epoch)
        self.rates.append(float(self.model.optimizer.learning_rate))
        if epoch == self.interrupt_at:
            raise KeyboardInterrupt
        if epoch == self.stop_at:
            self.model.stop_training = True


def digest(model: sg.Model) -> bytes:
    assert model.path is not None
    return model.path.read_bytes()


def test_every_optimizer_of_keras_has_its_name() -> None:
    classes = {
        name.lower()
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    }
    other = {"optimizer", "lossscaleoptimizer", "multioptimizer", "schedulefreeadamw"}
    assert classes - other == set(OPTIMIZERS)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_of_keras_learns_by_its_name(name: str) -> None:
    from seqgen.training.optimizer import make_optimizer

    layer = keras.layers.Dense(2)
    layer.build((None, 2))
    optimizer = make_optimizer(TrainConfig(optimizer=name, learning_rate=0.01, ema=0.5), 10)
    assert type(optimizer).__name__.lower() == name and optimizer.use_ema
    optimizer.build(layer.trainable_variables)
    before = np.array(layer.kernel)
    optimizer.apply([keras.ops.ones_like(one) for one in layer.trainable_variables])
    assert np.all(np.isfinite(layer.kernel)) and np.any(before != np.array(layer.kernel))


def test_an_optimizer_by_name_is_the_same_from_both_doors(seqgen: Run, tmp_path: Path) -> None:
    settings = {"epochs": 2, "optimizer": "lion", "learning_rate": 0.001}
    model = sg.train("dinos", data=NAMES, out=tmp_path / "python", **settings, **SMALL)
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    flags = ("--epochs", 2, "--optimizer", "lion", "--learning-rate", 0.001, "--units", 8)
    where = ("--data", tmp_path / "names.txt", "--out", tmp_path / "command")
    assert seqgen("train", "dinos", *where, *flags, "--embedding", 4).code == 0
    assert digest(model) == (tmp_path / "command" / "model.safetensors").read_bytes()
    adam = sg.train("dinos", data=NAMES, out=tmp_path / "adam", epochs=2, **SMALL)
    assert digest(adam) != digest(model)


@pytest.mark.parametrize(
    "objects",
    [
        lambda: {"optimizer": SignDescent(learning_rate=0.002)},
        lambda: {"optimizer": keras.optimizers.Nadam(Halving(), global_clipnorm=1.0)},
        lambda: {"learning_rate": Halving()},
    ],
    ids=["optimizer", "optimizer with schedule", "schedule"],
)
def test_a_training_with_objects_resumes_to_the_byte(
    tmp_path: Path, objects: Callable[[], dict[str, Any]]
) -> None:
    settings: dict[str, Any] = {"data": NAMES, "epochs": 4, "ema": 0.9, **SMALL}
    whole = sg.train("dinos", out=tmp_path / "a", callbacks=[Notes()], **objects(), **settings)
    notes = Notes(interrupt_at=2)
    part = sg.train("dinos", out=tmp_path / "b", callbacks=[notes], **objects(), **settings)
    assert "training interrupted" in repr(part) and notes.epochs == [0, 1, 2]
    rest = Notes()
    resumed = sg.train("dinos", out=tmp_path / "b", callbacks=[rest], **objects(), **settings)
    assert rest.epochs == [2, 3] and digest(resumed) == digest(whole)
    if "learning_rate" in objects():
        assert rest.rates[-1] == pytest.approx(0.02 * 0.5 ** (whole_steps(whole) // 10))


def whole_steps(model: sg.Model) -> int:
    """The steps of four epochs."""
    card, settings = model.trained.manifest["data_card"], model.trained.manifest["training"]
    return 4 * -(-card["parts"]["train"] // settings["batch_size"])


def test_a_model_records_what_it_was_trained_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"data": NAMES, "out": tmp_path, "epochs": 1, **SMALL, "progress": True}
    rate = 0.003
    sg.train("dinos", optimizer=keras.optimizers.SGD(rate), seeds=2, **settings)
    found = read_manifest(tmp_path / "model.safetensors")["objects"]["optimizer"]
    assert found["class"].endswith("SGD")
    assert found["config"]["learning_rate"] == pytest.approx(rate)
    capsys.readouterr()
    sg.train("dinos", optimizer=keras.optimizers.SGD(rate), seeds=2, **settings)
    assert "is up to date" in capsys.readouterr().err
    sg.train("dinos", optimizer=keras.optimizers.SGD(0.1), seeds=2, **settings)
    assert "optimizer, learning-rate schedule or callbacks have changed" in capsys.readouterr().err


def test_a_callback_ends_a_training(tmp_path: Path) -> None:
    notes = Notes(stop_at=1)
    model = sg.train("dinos", data=NAMES, out=tmp_path, epochs=9, callbacks=[notes], **SMALL)
    assert [row["epoch"] for row in model.history] == [1, 2]
    assert model.trained.manifest["training_ended"]["ended"] == "callback"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "adamm"}, "optimizer must be one of adamw, adadelta"),
        ({"optimizer": 3}, r"optimizer must be of Keras.* class Optimizer, or a name, was 3"),
        ({"learning_rate": "fast"}, "must be of Keras.* class LearningRateSchedule, or a number"),
        ({"callbacks": [print]}, "callbacks must be of Keras.* class Callback, was <built-in"),
        ({"callbacks": Notes()}, "callbacks must be a list"),
        (
            {"optimizer": keras.optimizers.SGD(), "weight_decay": 0.1},
            "weight_decay has no effect next to an optimizer object",
        ),
        (
            {"optimizer": keras.optimizers.SGD(), "learning_rate": 0.1},
            "learning_rate has no effect next to an optimizer object",
        ),
        (
            {"optimizer": keras.optimizers.SGD(), "learning_rate": Halving()},
            "give the schedule to the optimizer",
        ),
        (
            {"learning_rate": Halving(), "warm_up": 0.1},
            "warm_up has no effect next to a learning-rate schedule",
        ),
        ({"optimizer": keras.optimizers.SGD(use_ema=True)}, "use the setting ema instead"),
    ],
    ids=lambda value: value if isinstance(value, str) else "settings",
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(sg.SettingError, match=message):
        sg.train("dinos", data=NAMES, out=tmp_path, epochs=1, **settings, **SMALL)
    assert not (tmp_path / "model.safetensors").exists()
