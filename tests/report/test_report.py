"""The report: well formed, escaped, nothing from elsewhere, and only on the data of the run."""

from __future__ import annotations

import json
import math
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqgen.errors import DataError, SeqgenError
from seqgen.evaluation.confidence_intervals import mean
from seqgen.evaluation.describe_scores import describe_difference, remarks, score_rows
from seqgen.io.run_folder import RunFolder, RunRecord
from seqgen.models.model_file import load_model, save_model
from seqgen.report.html import escape, number, percent, table
from seqgen.report.report_measurements import Measurements, measure
from seqgen.report.report_page import page
from seqgen.report.svg_chart import Series, chart, ticks
from seqgen.runs.open_run import OpenRun

from ..conftest import Run
from ..helpers.fakes import dino_names, dinos, model_by_hand

VOID = {"meta", "br", "img"}
HISTORY = "network,epoch,train_nats,validation_nats,seconds\n1,1,3.0,2.9,0.5\n1,2,2.5,2.6,1.0\n"


class Wellformed(HTMLParser):
    """Fails where a tag is closed that is not open; keeps what a browser would show."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.links += [f"{k}={v}" for k, v in attrs if k in ("href", "src", "srcset", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(text: str) -> Wellformed:
    parser = Wellformed()
    parser.feed(text)
    parser.close()
    assert not parser.open
    return parser


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with a model of random weights and its data, made without TensorFlow."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "names.txt").write_text("\n".join(dino_names()), encoding="utf-8")
    RunRecord("dinos", folder / "names.txt", {}).save(RunFolder(folder))
    data = items_read(folder)
    save_model(folder / "model.safetensors", model_by_hand(dinos(), data))
    (folder / "history.csv").write_text(HISTORY)
    return folder


def items_read(folder: Path) -> tuple[str, ...]:
    """The items as the domain reads them from the run's file."""
    domain = dinos().domain
    return tuple(domain.corpus(folder / "names.txt", domain.data_options()).items)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def found(run_folder: Path) -> Measurements:
    return measure(OpenRun.at(run_folder), 12)


def test_the_page_is_well_formed_and_needs_nothing_from_elsewhere(found: Measurements) -> None:
    text = page(found)
    parser = parsed(text)
    assert parser.links == [] and not {"script", "link", "img", "iframe"} & set(parser.seen)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", text)
    assert parser.seen.count("svg") == 3
    for wanted in ("of the samples occur in the training data", "of unseen real items do"):
        assert wanted in parser.text


def test_samples_are_shown_as_the_domain_renders_them(found: Measurements) -> None:
    media: dict[str, str | bytes] = {
        "text/html": "<script>alert('x')</script>",
        "image/svg+xml": "<svg/>",
        "audio/wav": b"RIFF",
    }
    sample = replace(found.samples[0], media=media)
    parser = Wellformed()
    text = page(replace(found, samples=[sample, *found.samples[1:]]))
    parser.feed(text)
    sources = [link for link in parser.links if link.startswith("src=")]
    assert [link.split(";")[0] for link in sources] == [f"src=data:{kind}" for kind in media]
    assert "<script" not in text and "<iframe sandbox " in text
    assert text.index("<h2>Samples") < text.index("<h2>Held-out likelihood")


def test_the_origin_of_the_data_is_stated_at_the_top(found: Measurements) -> None:
    text = page(replace(found, origin="composed by a program"))
    assert text.index("composed by a program") < text.index("<section>")


def test_of_many_real_items_some_are_compared(
    run_folder: Path, found: Measurements, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seqgen.report.report_measurements.MOST_COMPARED", 5)
    some = measure(OpenRun.at(run_folder), 12)
    assert [one.items for one in some.sets.values()] == [12, 5, 5]
    assert [one.items > 5 for one in found.sets.values()] == [True, True, True]
    assert (some.known_held_out, some.unseen) == (found.known_held_out, found.unseen)


def test_text_of_users_is_never_markup(found: Measurements) -> None:
    bad = "<script>alert('x')</script>&\"\x00"
    card = {**found.manifest["data_card"], "notes": {bad: bad}, "licence": bad}
    card["skipped"] = [{"what": bad, "why": bad}]
    sample = replace(found.samples[0], nearest=bad)
    changed = replace(
        found,
        domain=bad,
        manifest={**found.manifest, "data_card": card},
        samples=[replace(sample, generated=replace(sample.generated, text=bad))],
        metrics={bad: (found.sets["samples"].run,) * 2},
    )
    parser = parsed(page(changed))
    assert "script" not in parser.seen and parser.text.count("alert('x')") >= 8


@given(st.text())
def test_escaped_text_is_read_back(text: str) -> None:
    parser = parsed(f"<p>{escape(text)}</p>")
    assert parser.seen == ["p"]
    assert parser.text == "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_ticks_are_few_round_and_within(low: float, width: float) -> None:
    found = ticks(low, low + width)
    assert 1 <= len(found) <= 7
    slack = 1e-6 * max(width, abs(low))
    assert all(low - slack <= tick <= low + width + slack for tick in found)


def test_a_chart_of_one_point_is_drawn() -> None:
    assert parsed(chart("t", "x", "y", [Series("a", [1.0], [2.0], points=True)])).seen[-1] != "nan"
    assert "nan" not in chart("t", "x", "y", [Series("a", [1.0], [2.0])])
    assert "<b>" not in table(["<b>"], [["<b>"]])


def test_no_win_is_claimed_inside_the_interval(found: Measurements) -> None:
    def said(low: float, high: float) -> str:
        held_out = {
            **found.manifest["metrics"]["held_out"],
            "minus_ngram": {"nats_per_token": (low + high) / 2, "interval": [low, high]},
        }
        metrics = {**found.manifest["metrics"], "held_out": held_out}
        return parsed(page(replace(found, manifest={**found.manifest, "metrics": metrics}))).text

    assert "Better than the n-gram" not in said(-0.5, 0.01)
    assert "No significant difference" in said(-0.5, 0.01)
    assert "Better than the n-gram" in said(-0.5, -0.01)
    assert "The n-gram is better" in said(0.01, 0.5)


def test_the_mean_of_several_networks_has_its_row() -> None:
    baselines = {"uniform": 3.2, "unigram": 3.0, "ngram": 2.5, "ngram_order": 4}
    scored = {"nats_per_token": 2.0, "interval": [1.9, 2.1], "baselines": baselines}
    assert [row[0] for row in score_rows(scored)][2:] == ["4-gram (Kneser-Ney)", "this model"]
    for networks, name in (([2.2], "network alone"), ([2.2, 2.3], "mean of 2 networks")):
        rows = score_rows({**scored, "without_ngram": 2.25, "networks": networks})
        assert rows[-2:] == [(name, "2.250", ""), ("this model", "2.000", "1.900 to 2.100")]


def test_a_place_without_an_interval_is_drawn_without_one() -> None:
    for none in (math.nan, None):
        text = chart("t", "x", "y", [Series("a", [1, 2], [2, 3], [none, 1], [none, 4])])
        assert "nan" not in text and text.count('class="bar a"') == 1
    assert number(mean([1.5]), 1) == "1.5" and "nan" not in percent(mean([0.5]))


@pytest.mark.parametrize(
    ("nats", "items", "groups", "wanted"),
    [
        (2.0, 100, 90, []),
        (3.1, 100, 90, ["no better than the unigram model"]),
        (3.3, 100, 90, ["no better than the uniform model"]),
        (2.0, 20, 6, ["These 20 items are 6 groups"]),
        (2.0, 4, 4, ["4 is too few"]),
        (2.0, 12, 1, ["are 1 group of", "1 is too few"]),
    ],
)
def test_remarks(nats: float, items: int, groups: int, wanted: list[str]) -> None:
    baselines = {"uniform": 3.2, "unigram": 3.0, "ngram": 2.5}
    scored = {"nats_per_token": nats, "items": items, "groups": groups, "baselines": baselines}
    said = list(remarks(scored))
    assert len(said) == len(wanted)
    assert all(part in text for part, text in zip(wanted, said, strict=True))
    del scored["groups"]  # a file of before
    assert not any("groups" in text for text in remarks(scored))


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (-0.009, -0.0004, "Better than the n-gram: -0.0047 nats per token [-0.0090, -0.0004],"),
        (0.00002, 0.5, "The n-gram is better: +0.25001 nats per token [+0.00002, +0.50000],"),
        (
            -0.2,
            0.0,
            "No significant difference from the n-gram: -0.100 nats per token [-0.200, +0.000],",
        ),
        (-0.2, -1e-9, "Better than the n-gram: -0.100000 nats per token [-0.200000, -0.000000],"),
    ],
)
def test_a_bound_is_not_rounded_to_zero(low: float, high: float, wanted: str) -> None:
    said = describe_difference({"nats_per_token": (low + high) / 2, "interval": [low, high]})
    assert said == f"{wanted} paired by item."


def test_the_command_writes_the_page_without_keras(run_folder: Path, seqgen: Run) -> None:
    answer = seqgen("report", run_folder, "-n", 5, "--json")
    assert answer.code == 0, answer.err
    path = Path(json.loads(answer.out)["report"])
    first = path.read_bytes()
    assert seqgen("report", run_folder, "-n", 5).code == 0
    assert path.read_bytes() == first


def test_other_data_is_refused(run_folder: Path, tmp_path: Path) -> None:
    for file in run_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "names.txt").write_text("\n".join(dino_names()[1:]), encoding="utf-8")
    RunRecord("dinos", tmp_path / "names.txt", {}).save(RunFolder(tmp_path))
    with pytest.raises(DataError, match="no longer what its model was trained on"):
        OpenRun.at(tmp_path)


def test_the_curve_is_that_of_the_run_folders_own_model(run_folder: Path, seqgen: Run) -> None:
    other = run_folder / "model.previous.safetensors"
    other.write_bytes((run_folder / "model.safetensors").read_bytes())
    answer = seqgen("evaluate", other, "--learning-curve")
    assert answer.code == 1 and "is not the model of its run folder" in answer.err


def test_an_unfinished_model_is_no_point_of_a_curve(
    run_folder: Path, tmp_path: Path, seqgen: Run
) -> None:
    shutil.copytree(run_folder, tmp_path / "run")
    path = tmp_path / "run" / "model.safetensors"
    model = load_model(path, dinos())
    ended = {**model.manifest["training_ended"], "ended": "interrupted"}
    save_model(path, replace(model, manifest={**model.manifest, "training_ended": ended}))
    answer = seqgen("evaluate", path, "--learning-curve")
    assert answer.code == 1 and "was interrupted" in answer.err
    assert f"seqgen train --resume {path.parent}" in answer.err


def test_a_folder_without_a_history_is_an_error(run_folder: Path, tmp_path: Path) -> None:
    for name in ("model.safetensors", "request.json"):
        (tmp_path / name).write_bytes((run_folder / name).read_bytes())
    with pytest.raises(SeqgenError, match=r"history\.csv"):
        measure(OpenRun.at(tmp_path), 2)
    with pytest.raises(SeqgenError, match="no model file, run folder or domain"):
        OpenRun.at(tmp_path / "nothing")


def test_jazz_has_metrics() -> None:
    from seqgen.registry.installed_plugins import load_domain

    domain = load_domain("jazz").domain
    assert domain.evaluation.metrics is not None
    solo = next(iter(domain.corpus(None, domain.data_options()).items))  # type: ignore[union-attr]
    assert domain.evaluation.metrics(solo)["range"] > 0  # type: ignore[operator]
