"""RunConfig and data cards: presets, settings, and when a model is up to date."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from seqgen import Corpus, DataError, SettingError
from seqgen.domains.domain import SkippedItem, load_corpus
from seqgen.errors import PluginError
from seqgen.generation.sampling_config import override_settings
from seqgen.io.atomic_files import write_file
from seqgen.io.run_folder import HISTORY_COLUMNS, RunFolder, write_json_lines
from seqgen.models.model_file import FORMAT_VERSION, MANIFEST_KEY
from seqgen.registry.installed_plugins import LoadedDomain
from seqgen.runs.dataset import RunData, prepare_data
from seqgen.runs.run_config import CONFIGS, Run, RunConfig
from seqgen.runs.train import describe_changes, is_up_to_date, saved_manifest
from seqgen.settings import settings_to
from seqgen.training.train_config import TrainConfig

from ..helpers.fakes import text_domain
from ..helpers.runs import make_run

WORDS = ("abc", "ab", "cab", "bac", "abc", "ccc")
DOMAIN = text_domain(WORDS, presets={"units": 16, "temperature": 0.8, "seed": 4})
LOADED = LoadedDomain(DOMAIN, "tests", "1")


def test_settings_override_presets_and_presets_override_defaults() -> None:
    config = RunConfig.build(DOMAIN, {"units": 32, "epochs": None, "top_k": 3})
    assert config.model.units == 32
    assert (config.sampling.temperature, config.sampling.top_k) == (0.8, 3)
    assert config.training == replace(TrainConfig(), seed=4)
    assert config.training.seed == config.sampling.seed == 4
    assert RunConfig.build(DOMAIN, {}).model.units == 16


def test_other_options_are_ignored() -> None:
    assert RunConfig.build(DOMAIN, {"data": Path("x"), "as_json": True}) == RunConfig.build(
        DOMAIN, {}
    )
    assert RunConfig.build(text_domain(WORDS, presets={"count": 3}), {}).count == 3
    assert RunConfig.build(text_domain(WORDS, presets={"count": 3}), {"count": 5}).count == 5


def test_an_unknown_preset_and_a_value_out_of_range() -> None:
    with pytest.raises(PluginError, match="domain 'words' presets an unknown setting: 'unit'"):
        RunConfig.build(text_domain(WORDS, presets={"unit": 3}), {})
    with pytest.raises(SettingError, match="units must be >= 1, was 0"):
        RunConfig.build(text_domain(WORDS, presets={"units": 0}), {})


def test_an_unknown_cell_is_refused_before_the_data_are_read() -> None:
    with pytest.raises(PluginError, match=r"no cell 'rnn'; known are lstm, gru\. Install"):
        RunConfig.build(text_domain(WORDS), {"cell": "rnn"})


def data_of(items: tuple[str, ...] = WORDS, **corpus: Any) -> RunData:
    """The data of some words."""
    return prepare_data(DOMAIN, Corpus(items, **corpus), TrainConfig())


def card(items: tuple[str, ...] = WORDS, **corpus: Any) -> Any:
    """The data card of some words."""
    return data_of(items, **corpus).card


def test_the_items_are_released_unless_they_are_augmented() -> None:
    for augment in (None, lambda item, rng: item):
        loaded = replace(LOADED, domain=text_domain(WORDS, augment=augment))
        config = RunConfig.build(loaded.domain, {})
        data = Run.prepare(loaded, config, None, RunFolder(Path("none"))).data
        assert data.items == (WORDS if augment else ())
        assert len(data.encoded) == data.card.items == len(WORDS)


def test_the_data_card_counts() -> None:
    found = card(skipped=(SkippedItem("x", "y"),), notes={"tempo": "slow"}, licence="CC0")
    assert (found.items, found.tokens, found.longest) == (6, 17 + 6, 3)
    assert (found.vocabulary, found.duplicates) == (4, 1)
    saved = json.loads(json.dumps(found.to_json()))
    assert saved["skipped"] == [{"what": "x", "why": "y", "count": 1}]
    assert saved["notes"]["tempo"] == "slow" and saved["licence"] == "CC0"
    assert saved["parts"]["train"] + saved["parts"]["validation"] + saved["parts"]["held_out"] == 6


def test_the_digest_distinguishes_data() -> None:
    others = [WORDS[::-1], (*WORDS, "a"), ("abca", "b", *WORDS[2:]), (*WORDS[:-1], "ccd")]
    assert card().digest == card(licence="other").digest
    assert len({card().digest, *(card(other).digest for other in others)}) == 5


def identity(data: RunData | None = None, loaded: LoadedDomain = LOADED, **settings: Any) -> str:
    """The identity of a run."""
    return make_run(loaded, data or data_of(), **settings).identity()


def test_the_identity_depends_on_code_data_and_settings() -> None:
    others = {
        identity(loaded=replace(LOADED, version="2")),
        identity(data_of(WORDS[:-1])),
        identity(units=17),
        identity(epochs=7),
    }
    assert identity() == identity(units=16)
    assert len(others - {identity()}) == 4
    # Settings of generation do not change the model.
    assert identity() == identity(top_k=2, count=7)


def test_every_setting_of_a_name_has_one_meaning() -> None:
    names = [item.name for kind in CONFIGS.values() for item in fields(kind)]
    assert {name for name in names if names.count(name) > 1} <= {"seed", "batch_size"}


def model_file(path: Path, **manifest: Any) -> Path:
    """A file with a manifest and no weights."""
    text = json.dumps({"format": FORMAT_VERSION, **manifest})
    save_file({"a": np.zeros(1, np.float32)}, path, {MANIFEST_KEY: text})
    return path


@pytest.mark.parametrize(
    ("same", "manifest", "expected"),
    [
        (True, {"training_ended": {"ended": "epochs"}}, True),
        (True, {"training_ended": {"ended": "patience"}}, True),
        (True, {"training_ended": {"ended": "interrupted"}}, False),
        (False, {"training_ended": {"ended": "epochs"}}, False),
        (True, {"format": 99, "training_ended": {"ended": "epochs"}}, False),
    ],
)
def test_when_a_model_is_up_to_date(
    tmp_path: Path, same: bool, manifest: Any, expected: bool
) -> None:
    run = make_run(LOADED, data_of())
    about = {"identity": run.identity() if same else "y", **manifest}
    saved = saved_manifest(model_file(tmp_path / "m.safetensors", **about))
    assert is_up_to_date(saved, run) is expected


def test_no_model_and_a_damaged_one_are_not_up_to_date(tmp_path: Path) -> None:
    (tmp_path / "m").write_bytes(b"cut")
    assert saved_manifest(tmp_path / "none") == saved_manifest(tmp_path / "m") == {}


def test_a_corpus_may_be_any_iterable_and_must_hold_something(tmp_path: Path) -> None:
    lazy = text_domain((), corpus=lambda source, options: (word for word in WORDS))
    assert load_corpus(lazy, None, None).items == WORDS
    with pytest.raises(DataError, match="the data of domain 'words' contains no usable item"):
        load_corpus(text_domain(()), None, None)
    skipped = Corpus[str]((), skipped=(SkippedItem("a.mid", "no notes"),))
    with pytest.raises(DataError, match=r"contains no usable item \(a\.mid: no notes\)"):
        load_corpus(text_domain((), corpus=lambda source, options: skipped), tmp_path, None)
    with pytest.raises(DataError, match=r"no data at .*none; give an existing file"):
        load_corpus(DOMAIN, tmp_path / "none", None)


def test_the_run_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RunFolder.choose("dinos", None, None).path == Path("runs/dinos/default")
    assert RunFolder.choose("dinos", Path("my/names.txt"), None).path == Path("runs/dinos/names")
    assert RunFolder.choose("dinos", Path(), None).path == Path("runs/dinos") / tmp_path.name
    folder = RunFolder.choose("dinos", Path("x"), tmp_path / "out")
    assert folder.model == tmp_path / "out" / "model.safetensors"
    folder.keep_previous_model()
    assert not folder.previous.exists()
    folder.path.mkdir()
    folder.model.write_text("old")
    folder.keep_previous_model()
    assert folder.previous.read_text() == "old"
    assert folder.model.read_text() == "old", "a model stands there at any moment"
    write_file(folder.model, "new")
    assert folder.previous.read_text() == "old", "though both were one file for a moment"
    row = (1, 1, "2.000000", "2.500000", "0.50")
    folder.write_history([row])
    lines = (folder.path / "history.csv").read_text().splitlines()
    assert lines == [
        ",".join(HISTORY_COLUMNS),
        "1,1,2.000000,2.500000,0.50",
    ]
    folder.write_history([row, (2, *row[1:])])
    assert folder.training_seconds() == 1.0, "of both networks"
    path = write_json_lines(folder.path / "a.jsonl", [{"text": "é"}, {}])
    assert path.read_text(encoding="utf-8") == '{"text": "é"}\n{}\n'


def save_trained(run: Run) -> None:
    """Write the model file of a training, without weights."""
    model_file(
        run.folder.model,
        identity=run.identity(),
        domain={"distribution": run.loaded.distribution, "version": run.loaded.version},
        data_card=run.data.card.to_json(),
        training=settings_to(run.config.training),
        model=settings_to(run.config.model),
    )


def test_changes_since_a_training(tmp_path: Path) -> None:
    file, plain = LoadedDomain(DOMAIN, "words.py", "1"), data_of()
    save_trained(make_run(file, plain, tmp_path))

    def changes(loaded: LoadedDomain = file, data: RunData = plain, **settings: Any) -> str:
        return describe_changes(make_run(loaded, data, tmp_path, **settings))

    assert changes() == describe_changes(make_run(file, plain, tmp_path / "none")) == ""
    assert changes(replace(file, version="2")) == "words.py has changed"
    assert changes(LOADED) == "it is of words.py, and this is tests"
    assert changes(data=data_of(WORDS[:-1])) == "the data has changed"
    assert changes(units=8, seed=5) == "seed was 4, is 5; units was 16, is 8"
    assert changes(minutes=3.0, units=8) == "minutes was None, is 3.0; units was 16, is 8"
    many = {"units": 8, "layers": 2, "dropout": 0.1, "epochs": 3, "window": 9, "patience": 1}
    assert changes(**many).endswith("2 other settings have changed")
    (tmp_path / "model.safetensors").write_bytes(b"cut")
    assert "is damaged or not a model file" in changes()


def test_planned_settings_are_no_changes(tmp_path: Path) -> None:
    presets = {"epochs": 50, "patience": 20, "units": 16, "seeds": 2}
    loaded, plain = LoadedDomain(replace(DOMAIN, presets=presets), "tests", "1"), data_of()
    run = make_run(loaded, plain, tmp_path, minutes=2.0)
    planned = replace(run.config.training, epochs=282, patience=100_000, ema=0.5)
    save_trained(replace(run, config=replace(run.config, training=planned)))

    def changes(data: RunData = plain, **settings: Any) -> str:
        return describe_changes(make_run(loaded, data, tmp_path, **{"minutes": 2.0, **settings}))

    other_plan = "it was planned for other settings, or its plan is missing"
    assert changes(data_of(WORDS[:-1])) == "the data has changed"
    assert changes(units=8) == "units was 16, is 8"
    assert changes(seeds=3, epochs=9) == "seeds was 2, is 3"
    assert changes(patience=5) == other_plan
    assert changes(minutes=None, ema=0.1) == "minutes was 2.0, is None; ema was 0.5, is 0.1"
    assert changes(epochs=9) == other_plan


def test_both_versions_of_a_distribution_are_named(tmp_path: Path) -> None:
    save_trained(make_run(LOADED, data_of(), tmp_path))
    newer = make_run(replace(LOADED, version="2"), data_of(), tmp_path)
    assert describe_changes(newer) == "tests was 1, is 2"


def test_settings_replace_the_presets_that_they_exclude() -> None:
    """A plugin may preset a temperature; the user's flags still may not contradict each other."""
    domain = text_domain(["ab"], presets={"temperature_groups": "pitch:1.1", "top_k": 3})
    warm = RunConfig.build(domain, {"temperature": 0.5}).sampling
    assert (warm.temperature, warm.temperature_groups, warm.top_k) == (0.5, "", 3)
    greedy = RunConfig.build(domain, {"sampler": "greedy"}).sampling
    assert (greedy.temperature_groups, greedy.top_k) == ("", 0)
    assert override_settings(RunConfig.build(domain, {}).sampling, {"temperature": 0.5}) == warm
    with pytest.raises(SettingError, match="contradict"):
        RunConfig.build(domain, {"temperature": 0.5, "temperature_schedule": "0:1.3"})


def test_a_preset_keeps_the_best_unless_a_number_is_given() -> None:
    domain = replace(DOMAIN, presets={"count": 8, "best": 4})
    config = RunConfig.build(domain, {})
    assert (config.count, config.best) == (8, 4)
    config = RunConfig.build(domain, {"count": 2})
    assert (config.count, config.best) == (2, None)
