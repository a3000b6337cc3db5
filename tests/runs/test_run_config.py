"""Recipes and data cards: presets under flags, and when a model is still up to date."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from seqgen import Corpus, DataError, SettingError
from seqgen.cli.options import data_and_recipe
from seqgen.domains.corpus import LeftOut
from seqgen.errors import PluginError
from seqgen.generation.config import changed
from seqgen.io.files import write_file
from seqgen.models.model_file import FORMAT_VERSION, MANIFEST_KEY
from seqgen.registry.registry import LoadedDomain
from seqgen.runs.dataset import load_corpus, prepare_data
from seqgen.runs.resume import is_up_to_date, what_changed
from seqgen.runs.run_config import CONFIGS, Recipe
from seqgen.runs.run_folder import RunFolder, write_json_lines
from seqgen.settings import settings_to
from seqgen.training.config import TrainConfig
from seqgen.training.history import EpochReport, Training

from ..helpers.fakes import text_domain

WORDS = ("abc", "ab", "cab", "bac", "abc", "ccc")
DOMAIN = text_domain(WORDS, presets={"units": 16, "temperature": 0.8, "seed": 4})
LOADED = LoadedDomain(DOMAIN, "tests", "1")


def test_flags_win_over_presets_and_presets_over_defaults() -> None:
    recipe = Recipe.of(DOMAIN, {"units": 32, "epochs": None, "top_k": 3})
    assert recipe.model.units == 32
    assert (recipe.generation.temperature, recipe.generation.top_k) == (0.8, 3)
    assert recipe.training == replace(TrainConfig(), seed=4)
    assert recipe.training.seed == recipe.generation.seed == 4
    assert Recipe.of(DOMAIN, {}).model.units == 16


def test_flags_that_are_no_settings_are_left_alone() -> None:
    assert Recipe.of(DOMAIN, {"data": Path("x"), "as_json": True}) == Recipe.of(DOMAIN, {})
    assert Recipe.of(text_domain(WORDS, presets={"count": 3}), {}).count == 3
    assert Recipe.of(text_domain(WORDS, presets={"count": 3}), {"count": 5}).count == 5


def test_an_unknown_preset_and_a_value_out_of_range() -> None:
    with pytest.raises(PluginError, match="domain 'words' presets an unknown setting: 'unit'"):
        Recipe.of(text_domain(WORDS, presets={"unit": 3}), {})
    with pytest.raises(SettingError, match="units must be >= 1, was 0"):
        Recipe.of(text_domain(WORDS, presets={"units": 0}), {})


def card(items: tuple[str, ...] = WORDS, **corpus: Any) -> Any:
    """The data card of some words."""
    return prepare_data(DOMAIN, Corpus(items, **corpus), TrainConfig()).card


def test_a_training_keeps_the_items_only_to_augment_them() -> None:
    for augment in (None, lambda item, rng: item):
        loaded = replace(LOADED, domain=text_domain(WORDS, augment=augment))
        data, _ = data_and_recipe(loaded, {"data": None})
        assert data.items == (WORDS if augment else ())
        assert len(data.encoded) == data.card.items == len(WORDS)


def test_the_data_card_counts() -> None:
    found = card(left_out=(LeftOut("x", "y"),), notes={"tempo": "slow"}, licence="CC0")
    assert (found.items, found.tokens, found.longest) == (6, 17 + 6, 3)
    assert (found.vocabulary, found.duplicates) == (4, 1)
    saved = json.loads(json.dumps(found.to_json()))
    assert saved["left_out"] == [{"what": "x", "why": "y", "count": 1}]
    assert saved["notes"]["tempo"] == "slow" and saved["licence"] == "CC0"
    assert saved["parts"]["train"] + saved["parts"]["validation"] + saved["parts"]["held_out"] == 6


def test_the_digest_tells_data_apart() -> None:
    others = [WORDS[::-1], (*WORDS, "a"), ("abca", "b", *WORDS[2:]), (*WORDS[:-1], "ccd")]
    assert card().digest == card(licence="other").digest
    assert len({card().digest, *(card(other).digest for other in others)}) == 5


def test_the_identity_follows_from_code_data_and_settings() -> None:
    recipe, plain = Recipe.of(DOMAIN, {}), card()
    identity = recipe.identity(LOADED, plain)
    assert identity == Recipe.of(DOMAIN, {"units": 16}).identity(LOADED, card())
    others = {
        recipe.identity(replace(LOADED, version="2"), plain),
        recipe.identity(LOADED, card(WORDS[:-1])),
        Recipe.of(DOMAIN, {"units": 17}).identity(LOADED, plain),
        Recipe.of(DOMAIN, {"epochs": 7}).identity(LOADED, plain),
    }
    assert len(others - {identity}) == 4
    # How samples are drawn does not make a model another one; neither does how many.
    assert identity == Recipe.of(DOMAIN, {"top_k": 2, "count": 7}).identity(LOADED, plain)


def test_every_setting_of_a_name_has_one_meaning() -> None:
    names = [item.name for kind in CONFIGS.values() for item in fields(kind)]
    assert {name for name in names if names.count(name) > 1} <= {"seed", "batch_size"}


def model_file(path: Path, **manifest: Any) -> Path:
    """A file with a manifest and no weights."""
    text = json.dumps({"format": FORMAT_VERSION, **manifest})
    save_file({"a": np.zeros(1, np.float32)}, path, {MANIFEST_KEY: text})
    return path


@pytest.mark.parametrize(
    ("manifest", "wanted"),
    [
        ({"identity": "x", "training_ended": {"ended": "epochs"}}, True),
        ({"identity": "x", "training_ended": {"ended": "patience"}}, True),
        ({"identity": "x", "training_ended": {"ended": "interrupted"}}, False),
        ({"identity": "y", "training_ended": {"ended": "epochs"}}, False),
        ({"identity": "x", "format": 99, "training_ended": {"ended": "epochs"}}, False),
    ],
)
def test_when_a_model_is_up_to_date(tmp_path: Path, manifest: Any, wanted: bool) -> None:
    assert is_up_to_date(model_file(tmp_path / "m.safetensors", **manifest), "x") is wanted


def test_no_model_and_a_damaged_one_are_not_up_to_date(tmp_path: Path) -> None:
    assert not is_up_to_date(tmp_path / "none", "x")
    (tmp_path / "m").write_bytes(b"cut")
    assert not is_up_to_date(tmp_path / "m", "x")


def test_a_corpus_may_be_any_iterable_and_must_hold_something(tmp_path: Path) -> None:
    lazy = text_domain((), corpus=lambda source, options: (word for word in WORDS))
    assert load_corpus(lazy, None, None).items == WORDS
    with pytest.raises(DataError, match="the data of domain 'words' holds no usable item"):
        load_corpus(text_domain(()), None, None)
    left_out = Corpus[str]((), left_out=(LeftOut("a.mid", "no notes"),))
    with pytest.raises(DataError, match=r"holds no usable item \(a\.mid: no notes\)"):
        load_corpus(text_domain((), corpus=lambda source, options: left_out), tmp_path, None)
    with pytest.raises(DataError, match=r"no data at .*none; give an existing file"):
        load_corpus(DOMAIN, tmp_path / "none", None)


def test_the_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RunFolder.choose("dinos", None, None).path == Path("runs/dinos/default")
    assert RunFolder.choose("dinos", Path("my/names.txt"), None).path == Path("runs/dinos/names")
    assert RunFolder.choose("dinos", Path(), None).path == Path("runs/dinos") / tmp_path.name
    folder = RunFolder.choose("dinos", Path("x"), tmp_path / "out")
    assert folder.model == tmp_path / "out" / "model.safetensors"
    folder.keep_previous()
    assert not folder.previous.exists()
    folder.path.mkdir()
    folder.model.write_text("old")
    folder.keep_previous()
    assert folder.previous.read_text() == "old"
    assert folder.model.read_text() == "old", "a model stands there at any moment"
    write_file(folder.model, "new")
    assert folder.previous.read_text() == "old", "though both were one file for a moment"
    ended = [Training((EpochReport(1, 2.0, 2.5, True, 0.5, 0.0, 1),), "epochs")] * 2
    folder.write_history(ended[:1])
    lines = (folder.path / "history.csv").read_text().splitlines()
    assert lines == [
        "network,epoch,train_nats,validation_nats,seconds",
        "1,1,2.000000,2.500000,0.50",
    ]
    folder.write_history(ended)
    assert folder.seconds() == 1.0, "of both networks"
    path = write_json_lines(folder.path / "a.jsonl", [{"text": "é"}, {}])
    assert path.read_text(encoding="utf-8") == '{"text": "é"}\n{}\n'


def made_by(path: Path, loaded: LoadedDomain, recipe: Recipe, about: Any) -> Path:
    """The file that a training leaves, without weights."""
    return model_file(
        path,
        identity=recipe.identity(loaded, about),
        domain={"distribution": loaded.distribution, "version": loaded.version},
        data_card=about.to_json(),
        training=settings_to(recipe.training),
        model=settings_to(recipe.model),
    )


def test_what_has_changed_since_a_training_is_told(tmp_path: Path) -> None:
    file = LoadedDomain(DOMAIN, "words.py", "1")
    recipe, plain = Recipe.of(DOMAIN, {}), card()
    path = made_by(tmp_path / "m", file, recipe, plain)

    def told(flags: dict[str, Any], loaded: LoadedDomain = file, about: Any = plain) -> str:
        return what_changed(path, Recipe.of(DOMAIN, flags), loaded, about)

    assert told({}) == what_changed(tmp_path / "none", recipe, file, plain) == ""
    assert told({}, replace(file, version="2")) == "words.py has changed"
    assert told({}, LOADED) == "it is of words.py, and this is tests"
    assert told({}, about=card(WORDS[:-1])) == "the data has changed"
    assert told({"units": 8, "seed": 5}) == "seed was 4, is 5; units was 16, is 8"
    assert told({"minutes": 3.0, "units": 8}) == "minutes was None, is 3.0; units was 16, is 8"
    many = {"units": 8, "layers": 2, "dropout": 0.1, "epochs": 3, "window": 9, "patience": 1}
    assert told(many).endswith("2 other settings have changed")
    (tmp_path / "m").write_bytes(b"cut")
    assert "is damaged or not a model file" in told({})


def test_what_a_plan_decided_is_no_reason(tmp_path: Path) -> None:
    presets = {"epochs": 50, "patience": 20, "units": 16, "seeds": 2}
    domain = replace(DOMAIN, presets=presets)
    loaded, plain = LoadedDomain(domain, "tests", "1"), card()
    recipe = Recipe.of(domain, {"minutes": 2.0})
    planned = replace(recipe.training, epochs=282, patience=100_000, ema=0.5)
    path = made_by(tmp_path / "m", loaded, replace(recipe, training=planned), plain)

    def told(about: Any = plain, **flags: Any) -> str:
        return what_changed(path, Recipe.of(domain, {"minutes": 2.0, **flags}), loaded, about)

    assert told(card(WORDS[:-1])) == "the data has changed"
    assert told(units=8) == "units was 16, is 8"
    assert told(seeds=3, epochs=9) == "seeds was 2, is 3"
    assert told(patience=5) == "it was planned for other wishes, or its plan is gone"
    assert told(minutes=None, ema=0.1) == "minutes was 2.0, is None; ema was 0.5, is 0.1"
    assert told(epochs=9) == "it was planned for other wishes, or its plan is gone"


def test_a_newer_distribution_is_told_with_both_versions(tmp_path: Path) -> None:
    recipe, plain = Recipe.of(DOMAIN, {}), card()
    path = made_by(tmp_path / "m", LOADED, recipe, plain)
    newer = replace(LOADED, version="2")
    assert what_changed(path, recipe, newer, plain) == "tests was 1, is 2"


def test_presets_give_way_to_what_excludes_them() -> None:
    """A plugin may preset a temperature; the user's flags still may not contradict each other."""
    domain = text_domain(["ab"], presets={"temperature_groups": "pitch:1.1", "top_k": 3})
    warm = Recipe.of(domain, {"temperature": 0.5}).generation
    assert (warm.temperature, warm.temperature_groups, warm.top_k) == (0.5, "", 3)
    greedy = Recipe.of(domain, {"sampler": "greedy"}).generation
    assert (greedy.temperature_groups, greedy.top_k) == ("", 0)
    assert changed(Recipe.of(domain, {}).generation, {"temperature": 0.5}) == warm
    with pytest.raises(SettingError, match="contradict"):
        Recipe.of(domain, {"temperature": 0.5, "temperature_schedule": "0:1.3"})
