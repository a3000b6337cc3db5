"""Settings: bounds, types and names; each error has the value and the bound."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import SettingError, check_settings, setting
from seqgen.generation.sampling_config import SamplingConfig
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.settings import settings_from, settings_to
from seqgen.training.train_config import TrainConfig


@dataclass(frozen=True)
class Menu:
    """One setting of every kind."""

    units: int = setting(4, "Whole number.", min=1, max=9)
    share: float = setting(0.5, "Open at both ends.", above=0.0, below=1.0)
    cell: str = setting("lstm", "One of two.", choices=("lstm", "gru"))
    quick: bool = setting(False, "Yes or no.")
    limit: int | None = setting(None, "Whole number or nothing.", min=2)
    name: str = setting("", "Any text.")

    def __post_init__(self) -> None:
        check_settings(self)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"units": 0}, r"units must be >= 1, was 0"),
        ({"units": 10}, r"units must be <= 9, was 10"),
        ({"share": 0.0}, r"share must be > 0\.0, was 0\.0"),
        ({"share": 1.0}, r"share must be < 1\.0, was 1\.0"),
        ({"cell": "rnn"}, r"cell must be one of lstm, gru, was 'rnn'"),
        ({"limit": 1}, r"limit must be >= 2, was 1"),
        ({"units": True}, r"units must be int, was True"),
        ({"units": 3.0}, r"units must be int, was 3\.0"),
        ({"units": "3"}, r"units must be int, was '3'"),
        ({"units": None}, r"units must be int, was None"),
        ({"share": True}, r"share must be float, was True"),
        ({"share": "half"}, r"share must be float, was 'half'"),
        ({"share": float("nan")}, r"share must be .*, was nan"),
        ({"quick": 1}, r"quick must be bool, was 1"),
        ({"limit": 2.5}, r"limit must be int, was 2\.5"),
        ({"name": None}, r"name must be str, was None"),
    ],
)
def test_errors_name_the_value_and_the_bound(values: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=f"^{message}$"):
        Menu(**values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"units": 1},
        {"units": 9},
        {"share": 1e-9},
        {"cell": "gru"},
        {"quick": True},
        {"limit": None},
        {"limit": 2},
        {"name": "\U0001f995"},
    ],
)
def test_accepted_values_are_unchanged(values: dict[str, Any]) -> None:
    menu = Menu(**values)
    assert all(getattr(menu, name) == value for name, value in values.items())


def test_a_float_setting_accepts_an_int() -> None:
    assert TrainConfig(minutes=2).minutes == 2


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_values_that_are_not_finite_are_refused(value: float) -> None:
    for name in ("minutes", "clip_norm", "learning_rate"):
        with pytest.raises(SettingError, match=f"{name} must be"):
            TrainConfig(**{name: value})  # type: ignore[arg-type]


def test_the_error_for_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(SettingError, match=r"^model: unknown setting 'unit'; known are .*units"):
        settings_from(ModelConfig, {"unit": 3}, "model")


@pytest.mark.parametrize("kind", [ModelConfig, TrainConfig, SamplingConfig])
def test_settings_come_back_from_json(kind: type[Any]) -> None:
    plain = kind()
    saved = json.loads(json.dumps(settings_to(plain), allow_nan=False))
    assert settings_from(kind, saved, "here") == plain
    assert settings_from(kind, {}, "here") == plain


@given(
    st.builds(
        SamplingConfig,
        temperature=st.floats(0.01, 100),
        top_k=st.integers(0, 99),
        top_p=st.floats(0.01, 1),
        max_tokens=st.none() | st.integers(1, 10**6),
        seed=st.integers(0, 2**32 - 1),
    )
)
def test_any_settings_come_back_exactly(config: SamplingConfig) -> None:
    saved = json.loads(json.dumps(settings_to(config)))
    assert settings_from(SamplingConfig, saved, "here") == config


@pytest.mark.parametrize("kind", [ModelConfig, TrainConfig, SamplingConfig])
def test_settings_are_frozen_and_each_has_help(kind: type[Any]) -> None:
    config = kind()
    for name, field in kind.__dataclass_fields__.items():
        assert not field.metadata.get("flag", True) or field.metadata["help"].endswith("."), name
        with pytest.raises(FrozenInstanceError):
            setattr(config, name, 1)


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (ModelConfig, {"units": 0}, "units must be >= 1, was 0"),
        (ModelConfig, {"layers": 17}, "layers must be <= 16, was 17"),
        (ModelConfig, {"dropout": 1.0}, "dropout must be < 1.0, was 1.0"),
        (ModelConfig, {"embedding": -1}, "embedding must be >= 0, was -1"),
        (TrainConfig, {"epochs": 0}, "epochs must be >= 1, was 0"),
        (TrainConfig, {"minutes": 0.0}, "minutes must be > 0.0, was 0.0"),
        (TrainConfig, {"window": 1}, "window must be >= 2, was 1"),
        (TrainConfig, {"held_out": 0.5}, "held_out must be <= 0.4, was 0.5"),
        (TrainConfig, {"seed": 2**32}, "seed must be <= 4294967295, was 4294967296"),
    ],
)
def test_the_bounds_of_models_and_training(
    kind: type[Any], values: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        kind(**values)


def test_an_error_has_the_name_the_value_and_the_bound() -> None:
    with pytest.raises(SettingError) as error:
        Menu(share=2.0)
    assert (error.value.settings, error.value.value) == (("share",), 2.0)
    assert error.value.bound == "< 1.0"
    with pytest.raises(SettingError) as error:
        settings_from(ModelConfig, {"unit": 3}, "model")
    assert error.value.settings == ("unit",)
