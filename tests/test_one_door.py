"""Command line and Python accept, refuse and train the same, for every option of a training.

``tests/inference/test_generation_config.py`` does the same for generation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import click
import pytest

import seqgen as sg
from seqgen.cli.main import cli
from seqgen.models.share_weight_rnn import ModelConfig
from seqgen.registry.installed_plugins import load_domain
from seqgen.runs.run_config import Run as TrainingRun
from seqgen.settings import allowed_types, flag_name, type_hints
from seqgen.training.train_config import TrainConfig

from .conftest import Run

DINOS = load_domain("dinos").domain
KINDS = (ModelConfig, TrainConfig, DINOS.data_options, DINOS.encoding_options)
#: What Python has instead of an option that is no keyword argument of the same name.
ELSEWHERE = {
    "generate": {
        "model": "seqgen.load",
        "domain_file": "seqgen.load",
        "only": "start",
        "stream": "Model.stream",
        "out": "Model.write",
        "as_json": "Items.to_dict",
    },
    "train": {
        "domain": "domain",
        "resume": "the same call",
        "folds": "",
        "tensorboard": "callbacks",
        "as_json": "Model.metrics",
    },
}


def values_of(kind: type[Any], item: Field[Any]) -> Iterator[Any]:
    """Values of a setting, accepted and refused, from its type, choices and bounds."""
    metadata, types = item.metadata, allowed_types(type_hints(kind)[item.name])
    choices = metadata.get("choices")
    if choices := choices() if callable(choices) else choices:
        yield from (choices[-1], "nonsense")
    elif bool in types:
        yield from (True, False)
    elif int in types or float in types:
        bounds = metadata.get("bounds", {})
        low = next((bounds[sign] for sign in (">=", ">") if sign in bounds), 0)
        high = next((bounds[sign] for sign in ("<=", "<") if sign in bounds), low + 4)
        whole = int in types
        yield (int(low) + 2 if whole and high - low > 2 else (low + high) / 2)
        yield from (bound for sign, bound in bounds.items())
        yield from ((low - 1, high + 1, "many") if bounds else ("many",))
    else:
        yield from ("name", "")


CASES = [
    *((item.name, value) for kind in KINDS for item in fields(kind)
      for value in values_of(kind, item)),
    *(("preset", name) for name in ("tiny", "medium", "auto", "huge")),
]  # fmt: skip


class Started(Exception):
    """A training would start now."""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[TrainingRun]:
    """The runs that would be trained."""
    found: list[TrainingRun] = []

    def stop(run: TrainingRun, *args: Any, **kwargs: Any) -> None:
        found.append(run)
        raise Started

    monkeypatch.setattr("seqgen.runs.train.train_or_load", stop)
    return found


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("names") / "names.csv"
    path.write_text("name,year\n" + "abc,1\nbcd,2\ncde,3\ndea,4\n")
    return path


@pytest.mark.parametrize(("name", "value"), CASES, ids=str)
def test_flags_and_keywords_are_the_same(
    seqgen: Run, runs: list[TrainingRun], names: Path, name: str, value: Any
) -> None:
    shown = flag_name(name)
    if isinstance(value, bool):
        flags: list[object] = [shown if value else f"--no-{shown[2:]}"]
    else:
        flags = [shown, value]
    more = [] if name == "column" else ["--column", "name"]
    try:
        answer = seqgen("train", "dinos", "--data", names, *more, *flags)
    except Started:
        answer = None
    keywords: dict[str, Any] = (
        {name: value} if name == "column" else {"column": "name", name: value}
    )
    try:
        sg.train("dinos", data=names, **keywords)
    except Started:
        assert answer is None, f"only the flags are refused: {answer.err}"
        command, python = runs
        assert command.identity() == python.identity()
        assert command.config == python.config and command.folder == python.folder
        assert command.record(names) == python.record(names)
    except sg.SeqgenError as error:
        assert answer is not None, f"only the keywords are refused: {error}"
        assert answer.code in (1, 2)


def test_every_kind_of_answer_occurs() -> None:
    assert len(CASES) > 100 and {name for name, _ in CASES} >= {
        item.name for kind in KINDS for item in fields(kind)
    }


@pytest.mark.parametrize("name", ["generate", "train"])
def test_every_option_has_its_counterpart(name: str) -> None:
    """A new option of a command is a keyword argument, or is listed here with what replaces it."""
    from seqgen.api.setting_types import GenerateSettings, TrainSettings

    known = {
        "generate": {"count", *GenerateSettings.__annotations__},
        "train": {"data", "out", "optimizer", "learning_rate", *TrainSettings.__annotations__},
    }
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    options = {param.name for param in command.params}
    assert options == known[name] | set(ELSEWHERE[name])
