"""Presets: chosen by the number of tokens, overridden by the domain and the user."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import SettingError
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.runs.presets import (
    NAMES,
    PRESETS,
    SETTINGS,
    ChosenPreset,
    choose_preset,
    preset_named,
)
from seqgen.runs.run_config import RunConfig
from seqgen.training.train_config import TrainConfig

from ..conftest import Run
from ..helpers.fakes import text_domain

SETTABLE = {item.name for kind in (ModelConfig, TrainConfig) for item in fields(kind)}
#: What the split depends on, which is made before a preset is chosen.
OF_THE_SPLIT = {"seed", "validation", "held_out"}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_holds_settings_and_none_of_the_split(preset: object) -> None:
    assert isinstance(preset, type(PRESETS[0]))
    assert set(preset.settings) == SETTINGS <= SETTABLE - OF_THE_SPLIT
    config = RunConfig.build(text_domain("ab"), {}).with_preset(ChosenPreset(preset, "a test"))
    for name, value in preset.settings.items():
        assert getattr(config.model, name, getattr(config.training, name, None)) == value


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_larger_corpora_never_get_smaller_presets(one: int, other: int) -> None:
    places = [NAMES.index(choose_preset(None, size).preset.name) for size in sorted((one, other))]
    assert places == sorted(places)


def test_the_bounds_belong_to_the_smaller_preset() -> None:
    bounds = [preset.most_tokens for preset in PRESETS]
    assert bounds[-1] is None and bounds[:-1] == sorted(filter(None, bounds))
    for place, bound in enumerate(bounds[:-1]):
        assert bound is not None
        assert choose_preset("auto", bound).preset is PRESETS[place]
        above = choose_preset("auto", bound + 1)
        assert above.preset is PRESETS[place + 1]
        assert f"the corpus has {bound + 1:,}" in above.reason and not above.named


def test_a_name_wins_over_the_size_and_must_be_one() -> None:
    found = choose_preset("medium", 1)
    assert found.preset is preset_named("medium") and found.named and found.reason == "as requested"
    for name in ("huge", "", "Tiny"):
        with pytest.raises(SettingError, match=r"one of tiny, small, medium, was '"):
            choose_preset(name, 1)


def test_the_domain_and_the_user_win_over_a_preset() -> None:
    domain = text_domain("ab", presets={"units": 16, "ema": 0.0})
    plain = RunConfig.build(domain, {"epochs": 7, "units": 9})
    config = plain.with_preset(choose_preset(None, 10))
    tiny = preset_named("tiny").settings
    assert (config.model.units, config.training.ema, config.training.epochs) == (9, 0.0, 7)
    assert config.model.weight_drop == tiny["weight_drop"]
    assert config.describe_preset() == (
        "tiny: for at most 50,000 tokens, the corpus has 10; overridden: units, ema, epochs"
    )
    other = config.with_preset(choose_preset("medium", 10))
    assert (other.model.units, other.training.epochs) == (9, 7)
    assert other.model.embedding == preset_named("medium").settings["embedding"]
    assert other == plain.with_preset(choose_preset("medium", 10))


def test_without_a_preset_there_are_the_defaults() -> None:
    config = RunConfig.build(text_domain("ab"), {})
    assert (config.model, config.training) == (ModelConfig(), TrainConfig())
    assert config.describe_preset() == "no preset"


def test_name_and_reason_as_json() -> None:
    saved = json.loads(json.dumps(choose_preset(None, 99).to_json()))
    assert saved == {"name": "tiny", "why": "for at most 50,000 tokens, the corpus has 99"}


def test_a_wrong_name_is_refused_before_the_data_is_read(seqgen: Run) -> None:
    answer = seqgen("train", "dinos", "--preset", "big", "--data", "none.txt")
    assert answer.code == 1 and "preset must be auto or one of tiny, small, medium" in answer.err
