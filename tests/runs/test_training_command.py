"""What a training command is asked for, known and refused before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seqgen import SeqgenError, UnknownSymbol
from seqgen.cli import run, train
from seqgen.cli.console import Output
from seqgen.cli.training_command import AskedTraining, Invocation, tell_interrupt
from seqgen.runs.run_config import checkpoint_of
from seqgen.runs.run_folder import RunFolder
from seqgen.training.checkpoint import TrainingState

from ..helpers.fakes import dinos


def asked(folder: Path, sample: bool = True, name: str = "dinos", **flags: Any) -> Invocation:
    """A command with all flags that it has, most of them not given."""
    click = run.command if sample else train.command
    none = {param.name: None for param in click.params if param.name}
    all_flags = {**none, "as_json": False, **({"prompt": ""} if sample else {}), **flags}
    return Invocation(Output(False), name, dinos(), RunFolder(folder), all_flags, sample)


def test_the_request_holds_what_a_training_depends_on(tmp_path: Path) -> None:
    flags = {"units": 8, "count": 3, "starts_with": "t", "preset": "tiny", "top_k": 2}
    found = AskedTraining.of(asked(tmp_path, **flags), resume=False)
    assert found.request.flags == {"units": 8, "preset": "tiny", "top_k": 2}
    assert found.asked.options.starts_with == "t"
    assert (found.asked.recipe.count, found.asked.recipe.model.units) == (3, 8)
    assert found.data.card.tokens > 1000


def test_without_samples_no_wish_is_read(tmp_path: Path) -> None:
    assert AskedTraining.of(asked(tmp_path, sample=False), resume=False).asked.options is None


def test_a_wish_that_cannot_be_met_is_refused_before_the_training(tmp_path: Path) -> None:
    with pytest.raises(SeqgenError, match="does not rank its items"):
        AskedTraining.of(asked(tmp_path, best=2), resume=False)
    with pytest.raises(UnknownSymbol):
        AskedTraining.of(asked(tmp_path, prompt="7"), resume=False)
    assert list(tmp_path.iterdir()) == []


def test_only_resume_holds_to_what_stands_in_the_folder(tmp_path: Path) -> None:
    before = AskedTraining.of(asked(tmp_path, sample=False), resume=False)
    card, recipe = before.data.card, before.asked.recipe
    checkpoint_of(dinos(), card, recipe, RunFolder(tmp_path), 0).save(
        TrainingState((), {}, (), 1, 1)
    )
    AskedTraining.of(asked(tmp_path, sample=False), resume=True)
    AskedTraining.of(asked(tmp_path, sample=False, units=9), resume=False)
    with pytest.raises(SeqgenError, match="cannot be gone on with"):
        AskedTraining.of(asked(tmp_path, sample=False, units=9), resume=True)


@pytest.mark.parametrize(("name", "file"), [("dinos", ""), ("a.py", " --domain a.py")])
def test_an_interrupt_says_how_to_use_what_it_left(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, file: str
) -> None:
    tell_interrupt(asked(tmp_path, name=name))
    told = capsys.readouterr().out.splitlines()
    assert told[1] == f"  seqgen generate {tmp_path / 'model.safetensors'}{file}"
    assert told[-1] == f"  seqgen train --resume {tmp_path}"
