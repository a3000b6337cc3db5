"""seqgen.open_model: from Python the same items and figures as from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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
    (nats,) = sg.open_model(dinos_model).score(["minmi"])
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
        ({"temprature": 1.0}, "unknown setting 'temprature'; did you mean 'temperature'"),
        ({"top_p": 2.0}, "top_p must be <= 1.0, was 2.0"),
        ({"starts_with": 3}, "starts_with must be str, was 3"),
        ({"prompt": 3}, "prompt must be str, was 3"),
        ({"random_state": 3}, "unknown setting 'random_state'; did you mean 'seed'"),
    ],
)
def test_a_wrong_setting_is_named(
    dinos_model: Path, asked: dict[str, object], message: str
) -> None:
    with pytest.raises(sg.SettingError, match=message):
        sg.open_model(dinos_model).generate(1, **asked)


def test_numbers_and_arrays_of_numpy_are_accepted(dinos_model: Path) -> None:
    model = sg.load(dinos_model)
    settings = {"temperature": np.float64(0.5), "top_k": np.int64(3), "seed": np.int64(4)}
    plain = model.generate(2, temperature=0.5, top_k=3, seed=4)
    assert model.generate(2, **settings).texts == plain.texts
    names: Any = np.array(["minmi", "zuul"])
    assert len(model.score(names)) == 2


def test_items_of_another_kind_are_refused(dinos_model: Path, tmp_path: Path) -> None:
    model = sg.load(dinos_model)
    wrong: Any = model.generate(1).texts
    with pytest.raises(sg.DataError, match="items must be a list that generate returned"):
        model.write(wrong, tmp_path / "names")
    with pytest.raises(sg.DataError, match="at least one item, was empty"):
        model.evaluate([])
    nothing: Any = None
    with pytest.raises(sg.SeqgenError, match="a model is named by a path or"):
        sg.load(nothing)


def test_a_count_below_one_is_refused(dinos_model: Path) -> None:
    with pytest.raises(sg.SettingError, match="count must be a whole number >= 1, was 0"):
        sg.open_model(dinos_model).generate(0)


def test_indices_start_anywhere(dinos_model: Path) -> None:
    model = sg.load(dinos_model)
    six = model.generate(6, seed=2)
    assert model.generate(4, start=2, seed=2).texts == six.texts[2:]
    assert [item.sample.index for item in six[2:4]] == [2, 3]
    beams = {"sampler": "beam", "max_tokens": 6}
    assert model.generate(2, start=1, **beams).texts == model.generate(3, **beams).texts[1:]
    with pytest.raises(sg.SettingError, match="start must be a whole number >= 0, was -1"):
        model.generate(1, start=-1)


def test_streams_are_the_generated_items(dinos_model: Path) -> None:
    model, tokens = sg.load(dinos_model), list[tuple[int, str]]()
    six = model.generate(6, prompt="ta", seed=2)
    stream = model.stream("ta", seed=2)
    assert [next(stream).text for _ in range(6)] == six.texts
    stream.close()
    part = model.stream(
        "ta", start=2, stop=4, seed=2, on_token=lambda index, symbol: tokens.append((index, symbol))
    )
    assert [item.text for item in part] == six.texts[2:4]
    text = "".join(symbol for index, symbol in tokens if index == 3)
    assert ("ta" + text).lower() == six[3].text.lower()


def test_a_stream_refuses_what_chooses_among_all(dinos_model: Path) -> None:
    model = sg.load(dinos_model)
    with pytest.raises(sg.SettingError, match="best chooses among all items"):
        model.stream(best=3)
    with pytest.raises(sg.SettingError, match="omit one of them"):
        model.stream(unbiased=True, on_token=print)


def test_receipts_are_those_of_the_command(seqgen: Run, dinos_model: Path) -> None:
    model = sg.load(dinos_model)
    (line,) = seqgen("generate", dinos_model, "-n", 1, "--json").out.splitlines()
    assert model.generate(1).to_dict() == [json.loads(line)]
    assert model.generate(1, receipts=False)[0].receipt is None
    made = sg.Model(model.loaded, model.trained)
    assert made.generate(1)[0].receipt is None
    with pytest.raises(sg.SeqgenError, match="this model has none"):
        made.generate(1, receipts=True)


def test_evaluation_is_that_of_the_command(seqgen: Run, dinos_model: Path, tmp_path: Path) -> None:
    names = ["minmi", "qantassaurus", "zuul"]
    (tmp_path / "names.txt").write_text("\n".join(names))
    answer = seqgen("evaluate", dinos_model, "--data", tmp_path / "names.txt", "--json")
    metrics = sg.load(dinos_model).evaluate(names)
    assert metrics.to_dict() == json.loads(answer.out)
    assert metrics.interval[0] < metrics.nats_per_token < metrics.interval[1]
    assert f"{metrics.nats_per_token:.3f}" in str(metrics) and "unigram" in metrics._repr_html_()


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([3], r"item 1 \(3 \(int\)\) cannot be encoded as dinos \(TypeError"),
        (["minmi", "a!"], "item 2 .* cannot be encoded as dinos: unknown symbol '!'"),
        ("minmi", "items must be a list of items, was 'minmi'"),
    ],
)
def test_wrong_items_are_named(dinos_model: Path, items: Any, message: str) -> None:
    model = sg.load(dinos_model)
    for method in (model.score, model.evaluate):
        with pytest.raises(sg.DataError, match=message):
            method(items)


def test_a_saved_model_is_the_same(dinos_model: Path, tmp_path: Path) -> None:
    model = sg.load(dinos_model)
    path = model.save(tmp_path / "copy.safetensors")
    assert path.read_bytes() == dinos_model.read_bytes()


def test_what_people_see(dinos_model: Path) -> None:
    model = sg.load("dinos")
    assert repr(model).startswith("<Model of dinos: 1 network and an n-gram, ")
    assert "1.567 nats per token [1.481, 1.661] on 148 held-out items" in repr(model)
    page = model._repr_html_()
    assert "taxonomic names, facts" in page and "1.481 to 1.661" in page and "http" not in page
    items = model.generate(2)
    assert repr(items).splitlines()[0].startswith("<2 items of dinos")
    assert all(text in items._repr_html_() for text in items.texts)
    assert isinstance(items[:1], sg.Items) and items[0].item == items.items[0]


def test_a_sequence_model_of_your_own_generates(dinos_model: Path, tmp_path: Path) -> None:
    opened = sg.load(dinos_model)
    encoder = opened.trained.encoder
    model = sg.Model.from_sequence_model("dinos", opened.trained.model, encoder, ["minmi"])
    assert model.generate(4, seed=1).texts == opened.generate(4, seed=1).texts
    assert np.allclose(model.score(["minmi"])[0], opened.score(["minmi"])[0])
    assert model.metrics is None and model.history == []
    assert "not saved" in repr(model) and "minmi" not in model._repr_html_()
    with pytest.raises(sg.SeqgenError, match="this model has no file"):
        model.report(tmp_path / "report.html")
