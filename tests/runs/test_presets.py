"""Presets: chosen by tokens, under what the domain and the user set, and told in one line."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen import SettingError
from seqgen.models.config import ModelConfig
from seqgen.runs.presets import (
    NAMES,
    PRESETS,
    SETTINGS,
    Choice,
    check_preset,
    choose_preset,
    preset_named,
)
from seqgen.runs.run_config import Recipe
from seqgen.training.config import TrainConfig

from ..conftest import Run
from ..helpers.fakes import text_domain

SETTABLE = {item.name for kind in (ModelConfig, TrainConfig) for item in fields(kind)}
#: What the split depends on, which is made before a preset is chosen.
OF_THE_SPLIT = {"seed", "validation", "held_out"}


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_holds_settings_and_none_of_the_split(preset: object) -> None:
    assert isinstance(preset, type(PRESETS[0]))
    assert set(preset.settings) == SETTINGS <= SETTABLE - OF_THE_SPLIT
    recipe = Recipe.of(text_domain("ab"), {}, Choice(preset, "a test"))
    for name, value in preset.settings.items():
        assert getattr(recipe.model, name, getattr(recipe.training, name, None)) == value


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
        assert f"the corpus has {bound + 1:,}" in above.why and not above.named


def test_a_name_wins_over_the_size_and_must_be_one() -> None:
    found = choose_preset("medium", 1)
    assert found.preset is preset_named("medium") and found.named and found.why == "as asked"
    for wish in ("huge", "", "Tiny"):
        with pytest.raises(SettingError, match=r"one of tiny, small, medium, was '"):
            check_preset(wish)


def test_the_domain_and_the_user_win_over_a_preset() -> None:
    domain = text_domain("ab", presets={"units": 16, "ema": 0.0})
    recipe = Recipe.of(domain, {"epochs": 7, "units": 9}, choose_preset(None, 10))
    tiny = preset_named("tiny").settings
    assert (recipe.model.units, recipe.training.ema, recipe.training.epochs) == (9, 0.0, 7)
    assert recipe.model.weight_drop == tiny["weight_drop"]
    assert recipe.preset_in_words() == (
        "tiny: for at most 50,000 tokens, the corpus has 10; not from it: units, ema, epochs"
    )
    other = recipe.with_preset(choose_preset("medium", 10))
    assert (other.model.units, other.training.epochs) == (9, 7)
    assert other.model.embedding == preset_named("medium").settings["embedding"]
    assert other == Recipe.of(domain, {"epochs": 7, "units": 9}, choose_preset("medium", 10))


def test_without_a_preset_there_are_the_defaults() -> None:
    recipe = Recipe.of(text_domain("ab"), {})
    assert (recipe.model, recipe.training) == (ModelConfig(), TrainConfig())
    assert recipe.preset_in_words() == "no preset"


def test_the_name_and_the_reason_are_kept_as_json() -> None:
    saved = json.loads(json.dumps(choose_preset(None, 99).to_json()))
    assert saved == {"name": "tiny", "why": "for at most 50,000 tokens, the corpus has 99"}


def test_a_wrong_name_is_told_before_the_data_is_read(seqgen: Run) -> None:
    answer = seqgen("train", "dinos", "--preset", "big", "--data", "none.txt")
    assert answer.code == 1 and "preset must be auto or one of tiny, small, medium" in answer.err
