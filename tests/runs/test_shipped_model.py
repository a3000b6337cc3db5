"""The model that a plugin ships: when it is used, and that it fits."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seqgen import Domain
from seqgen.cli.run import shipped_model
from seqgen.io.run_folder import RunFolder
from seqgen.models.model_file import load_model, read_manifest
from seqgen.registry.installed_plugins import load_domain
from seqgen.testing import DomainUnderTest, check_named

from ..conftest import Run
from ..helpers.fakes import text_domain
from ..helpers.pages import ROOT

MODEL = Path("shipped.safetensors")
#: The largest file that a plugin should ask everybody to download, in bytes.
LARGEST = 3_000_000
SHIPPING = ("dinos", "jazz")


def chosen(tmp_path: Path, domain: Domain | None = None, **flags: Any) -> Path | None:
    """What a run that wants samples would use."""
    domain = domain or replace(text_domain(["ab"]), model=MODEL)
    return shipped_model(domain, {"generate": True, **flags}, RunFolder(tmp_path))


def test_samples_come_from_the_shipped_model(tmp_path: Path) -> None:
    assert chosen(tmp_path) == MODEL
    assert chosen(tmp_path, seed=7, temperature=0.9, train=False, units=None) == MODEL


@pytest.mark.parametrize(
    "flags",
    [
        {"generate": False},
        {"train": True},
        {"data": Path("mine.txt")},
        {"units": 64},
        {"epochs": 3},
        {"tensorboard": True},
    ],
    ids=str,
)
def test_settings_that_require_a_training(tmp_path: Path, flags: dict[str, Any]) -> None:
    assert chosen(tmp_path, **flags) is None


@pytest.mark.parametrize("name", ["model.safetensors", "checkpoint0.safetensors"])
def test_a_run_of_the_user_comes_first(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert chosen(tmp_path) is None


def test_a_plugin_without_a_model_trains(tmp_path: Path) -> None:
    assert chosen(tmp_path, text_domain(["ab"])) is None


@pytest.mark.parametrize("name", SHIPPING)
def test_a_shipped_model_is_of_the_shipped_data(name: str) -> None:
    domain = load_domain(name).domain
    assert domain.model is not None and domain.model.stat().st_size < LARGEST
    outcome = check_named("shipped_model").outcome(DomainUnderTest(name))
    assert outcome.status == "passed", f"{outcome.note}; run: make models"


@pytest.mark.parametrize("name", SHIPPING)
def test_a_shipped_model_is_worth_shipping(name: str) -> None:
    loaded = load_domain(name)
    assert loaded.domain.model is not None
    held_out = load_model(loaded.domain.model, loaded).manifest["metrics"]["held_out"]
    assert held_out["minus_ngram"]["interval"][1] < 0, "better than the n-gram, and that for sure"


def test_run_generates_without_training(seqgen: Run, tmp_path: Path) -> None:
    out = tmp_path / "run"
    answer = seqgen("run", "dinos", "--generate", "--out", out, "-n", 3, "--json")
    assert answer.code == 0, answer.err
    assert "using the model that seqgen-dinos ships" in answer.err
    found = json.loads(answer.out)
    assert len(found["samples"]) == 3 and (out / "samples" / "names.txt").exists()
    assert Path(found["model"]) == load_domain("dinos").domain.model
    assert not (out / "model.safetensors").exists()


def test_max_copy_knows_what_the_shipped_model_was_trained_on(seqgen: Run, tmp_path: Path) -> None:
    flags = ("--generate", "--out", tmp_path / "run", "-n", 2, "--max-copy", 9)
    answer = seqgen("run", "jazz", *flags)
    assert answer.code == 0, answer.err
    assert "items satisfied the constraints" in answer.err
    answer = seqgen("scorecard", *(tmp_path / "run" / "samples").glob("*.mid"), "--json")
    both = json.loads(answer.out.splitlines()[-1])
    assert max(one["longest"] for one in both["copied"]["intervals"]) <= 9


@pytest.mark.parametrize("page", ["README.md", "docs/explanation/baselines.md"])
def test_pages_show_the_figures_of_the_shipped_model(seqgen: Run, page: str) -> None:
    """The shipped models are what the default settings give, so these are a reader's figures."""
    text = (ROOT / page).read_text(encoding="utf-8")
    shown = {line.rstrip() for line in text.splitlines()}
    answer = seqgen("inspect", load_domain("dinos").domain.model)
    told = [line.rstrip() for line in answer.out.splitlines()]
    wanted = [line for line in told if line.startswith((" network alone", " this model", "Better"))]
    assert len(wanted) == 3 and not set(wanted) - shown
    if page == "README.md":
        model = load_domain("jazz").domain.model
        assert model is not None
        held_out = read_manifest(model)["metrics"]["held_out"]
        assert f"{held_out['nats_per_token']:.3f} nats per token" in text
        assert f"the n-gram {held_out['baselines']['ngram']:.3f}." in text
