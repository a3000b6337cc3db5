"""seqgen.open_model: from Python the same items and figures as from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import seqgen as sg

from ..conftest import Run


def test_items_are_those_of_the_command(seqgen: Run, dinos_model: Path) -> None:
    flags = ("--temperature", 0.8, "--starts-with", "t", "--match", "t.*a.*", "--seed", 3)
    told = seqgen("generate", dinos_model, "-n", 5, "--prompt", "ta", *flags, "--json").out
    asked = {"temperature": 0.8, "starts_with": "t", "match": "t.*a.*", "seed": 3}
    made = sg.open_model(dinos_model).generate(5, prompt="ta", **asked)
    lines = [json.loads(line) for line in told.splitlines()]
    assert [(item.text, item.sample.logp) for item in made] == [
        (line["text"], line["logp"]) for line in lines
    ]


def test_nats_are_those_of_the_command(seqgen: Run, dinos_model: Path) -> None:
    told = json.loads(seqgen("score", dinos_model, "--text", "minmi", "--json").out)
    (nats,) = sg.open_model(dinos_model).nats(["minmi"])
    assert nats.shape == (6,)
    assert np.allclose(nats, told["token_nats"])


def test_written_files_are_read_again(dinos_model: Path, tmp_path: Path) -> None:
    model = sg.open_model(str(dinos_model))
    made = model.generate(3)
    paths = model.write(made, tmp_path / "names")
    assert all(path.is_file() for path in paths)
    assert (tmp_path / "names" / "names.txt").read_text().split() == [item.text for item in made]
    with pytest.raises(sg.SeqgenError, match="holds samples of an earlier call"):
        model.write(made, tmp_path / "names")
    model.write(made[:1], tmp_path / "names", overwrite=True)
    assert (tmp_path / "names" / "names.txt").read_text().split() == [made[0].text]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"temprature": 1.0}, "unknown setting 'temprature'; known are ban, batch_size"),
        ({"top_p": 2.0}, "top_p must be <= 1.0, was 2.0"),
        ({"starts_with": 3}, "starts_with must be str, was 3"),
    ],
)
def test_a_wrong_setting_is_named(
    dinos_model: Path, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(sg.SettingError, match=message):
        sg.open_model(dinos_model).generate(1, **asked)


def test_a_count_below_one_is_refused(dinos_model: Path) -> None:
    with pytest.raises(sg.SettingError, match="count must be a whole number >= 1, was 0"):
        sg.open_model(dinos_model).generate(0)
